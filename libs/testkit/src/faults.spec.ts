import { describe, expect, it } from '@jest/globals';
import { everythingTwice, Faults, InjectedFault } from './faults.js';

describe('a planned fault', () => {
  it.each([
    ['is lost', 0],
    ['is done but reported as failed', 1],
  ] as const)('that %s strikes its own step, as often as planned', async (how, doneThen) => {
    const faults = new Faults();
    let done = 0;
    const write = async () => {
      done += 1;
      return done;
    };
    faults.plan({ step: 'publish', how, times: 1 });
    expect(await faults.through('ack', async () => 'through')).toBe('through');
    await expect(faults.through('publish', write)).rejects.toThrow(InjectedFault);
    expect([done, faults.count]).toEqual([doneThen, 1]);
    expect(await faults.through('publish', write)).toBe(doneThen + 1);
    expect(faults.count).toBe(1);
  });
});

describe('everything twice', () => {
  it('delivers an event two times, and does any write once', async () => {
    let delivered = 0;
    let written = 0;
    await everythingTwice('deliver', async () => (delivered += 1));
    await everythingTwice('commit', async () => (written += 1));
    expect([delivered, written]).toEqual([2, 1]);
  });
});
