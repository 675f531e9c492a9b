import { describe, expect, it } from '@jest/globals';
import { InTurns } from './in-turns.js';

const busy = (milliseconds: number) => {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
};

describe('work that can wait', () => {
  it('is done in order, never in the turn that asked for it, and lets others in between', async () => {
    const turns = new InTurns();
    const seen: (number | string)[] = [];
    const all = Array.from({ length: 6 }, (_, at) =>
      turns.run(async () => {
        busy(3);
        seen.push(at);
        return at;
      }),
    );
    setImmediate(() => setImmediate(() => seen.push('a frame')));
    expect(seen).toEqual([]);
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(seen.filter((one) => typeof one === 'number')).toEqual([0, 1, 2, 3, 4, 5]);
    expect(seen.indexOf('a frame')).toBeLessThan(6);
  });

  it('goes on after a piece that failed', async () => {
    const turns = new InTurns();
    const failed = turns.run(() => Promise.reject(new Error('no disk')));
    const next = turns.run(async () => 'done');
    await expect(failed).rejects.toThrow('no disk');
    expect(await next).toBe('done');
  });
});
