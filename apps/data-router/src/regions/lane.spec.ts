import { describe, expect, it } from '@jest/globals';
import { Lane } from './lane.js';

/** Work whose runs the test ends one by one. */
function held() {
  const runs: { end: () => void; fail: () => void }[] = [];
  const lane = new Lane(
    () =>
      new Promise((resolve, reject) => {
        runs.push({ end: resolve, fail: () => reject(new Error('failed')) });
      }),
  );
  return { lane, runs };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a lane', () => {
  it('never runs twice at a time, and makes one more run for all calls that came meanwhile', async () => {
    const { lane, runs } = held();
    const first = lane.run();
    const later = [lane.run(), lane.run(), lane.run()];
    expect(runs).toHaveLength(1);
    runs[0]?.end();
    await first;
    await turn();
    expect(runs).toHaveLength(2);
    runs[1]?.end();
    await Promise.all(later);
    await turn();
    expect(runs).toHaveLength(2);
  });

  it('answers a call only with a run that began after it', async () => {
    const { lane, runs } = held();
    void lane.run();
    let answered = false;
    const second = lane.run().then(() => {
      answered = true;
    });
    runs[0]?.end();
    await turn();
    expect(answered).toBe(false);
    runs[1]?.end();
    await second;
  });

  it('goes on after a run that failed, and tells only those who waited for it', async () => {
    const { lane, runs } = held();
    const first = lane.run();
    const second = lane.run();
    runs[0]?.fail();
    await expect(first).rejects.toThrow('failed');
    await turn();
    runs[1]?.end();
    await second;
    void lane.run();
    expect(runs).toHaveLength(3);
  });
});
