import { describe, expect, it } from '@jest/globals';
import { FakeClock } from './fake-clock.js';

describe('the fake clock', () => {
  it('stands still, passes for both clocks, and is set for one', () => {
    const clock = new FakeClock(1_000);
    expect([clock.now(), clock.now(), clock.monotonic()]).toEqual([1_000, 1_000, 0]);
    clock.advance(30);
    expect([clock.now(), clock.monotonic()]).toEqual([1_030, 30]);
    clock.setWall(5);
    expect([clock.now(), clock.monotonic()]).toEqual([5, 30]);
    expect(() => clock.advance(-1)).toThrow(/does not go back/);
  });
});
