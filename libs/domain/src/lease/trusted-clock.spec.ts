import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { believable, type Floor, raiseFloor, runsAhead, trustedNow } from './trusted-clock.js';

const floor: Floor = { time: 1_000_000, at: 500 };

describe('the time of an enforcement point', () => {
  it('is the wall clock, but never behind the floor and what has passed since', () => {
    expect(trustedNow(floor, 2_000_000, 600)).toBe(2_000_000);
    expect(trustedNow(floor, 0, 600)).toBe(1_000_100);
    expect(trustedNow(floor, 1_000_100, 600)).toBe(1_000_100);
    expect(trustedNow(floor, 1_000_101, 600)).toBe(1_000_101);
  });

  it('a frozen clock goes on by the floor (property: it never goes back while the machine runs)', () => {
    const steps = fc.array(fc.record({ wall: fc.nat(), passed: fc.nat(10_000) }), { maxLength: 20 });
    fc.assert(
      fc.property(steps, (some) => {
        let monotonic = floor.at;
        let last = floor.time;
        for (const { passed } of some) {
          monotonic += passed;
          const frozen = trustedNow(floor, 0, monotonic);
          expect(frozen).toBe(last + passed);
          last = frozen;
        }
      }),
    );
  });

  it('a floor is raised by a later own time and never falls', () => {
    expect(raiseFloor(floor, 1_000_200, 600)).toEqual({ time: 1_000_200, at: 600 });
    expect(raiseFloor(floor, 1_000_101, 600)).toEqual({ time: 1_000_101, at: 600 });
    expect(raiseFloor(floor, 1_000_100, 600)).toBe(floor);
    expect(raiseFloor(floor, 0, 600)).toBe(floor);
  });

  it('a foreign time is believed up to the skew', () => {
    expect(believable(100, 0, 100)).toBe(true);
    expect(believable(101, 0, 100)).toBe(false);
    expect(believable(-5, 0, 100)).toBe(true);
  });

  it('runs ahead beyond the own answer, what has passed since its nonce was sent, and the skew; and while there is none', () => {
    const ceiling = { time: 1_000, sentAt: 50 };
    expect(runsAhead(undefined, 0, 60, 100)).toBe(true);
    expect(runsAhead(ceiling, 1_110, 60, 100)).toBe(false);
    expect(runsAhead(ceiling, 1_111, 60, 100)).toBe(true);
    expect(runsAhead(ceiling, 0, 60, 100)).toBe(false);
  });
});
