import { describe, expect, it } from '@jest/globals';
import { RateLimit } from './rate-limit.js';

describe('a rate limit', () => {
  const passes = (limit: RateLimit, name: string, times: number, now: number) =>
    Array.from({ length: times }, () => limit.take(name, now)).filter(Boolean).length;

  it('lets a burst through, then what time has given back, to each name of its own', () => {
    const limit = new RateLimit(10, 5);
    expect(passes(limit, 'one', 9, 0)).toBe(5);
    expect(passes(limit, 'two', 9, 0)).toBe(5);
    expect(passes(limit, 'one', 9, 99)).toBe(0);
    expect(passes(limit, 'one', 9, 100)).toBe(1);
    expect(passes(limit, 'one', 9, 1_000_000)).toBe(5);
  });

  it('forgets the name that was not used for longest, and no other', () => {
    const limit = new RateLimit(1, 1, 2);
    for (const name of ['one', 'two', 'one', 'three']) limit.take(name, 0);
    expect(limit.take('one', 0)).toBe(false);
    expect(limit.take('two', 0)).toBe(true);
  });
});
