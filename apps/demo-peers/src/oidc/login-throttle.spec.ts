import { describe, expect, it } from '@jest/globals';
import { LoginThrottle } from './login-throttle.js';

const failTimes = (throttle: LoginThrottle, times: number, now = 0, login = 'a') => {
  for (let i = 0; i < times; i += 1) throttle.failed(login, now);
};

describe('guessing a password', () => {
  it('is stopped by the tenth failure until the minute is over, to the millisecond', () => {
    const throttle = new LoginThrottle();
    failTimes(throttle, 9);
    expect(throttle.mayTry('A', 0)).toBe(true);
    failTimes(throttle, 1, 59_999);
    expect(throttle.mayTry('A', 59_999)).toBe(false);
    expect(throttle.mayTry('a', 60_000)).toBe(true);
    expect(throttle.mayTry('b', 0)).toBe(true);
  });

  it('starts anew after a success and after a minute', () => {
    const throttle = new LoginThrottle();
    failTimes(throttle, 9);
    throttle.succeeded('a');
    failTimes(throttle, 9);
    expect(throttle.mayTry('a', 0)).toBe(true);
    failTimes(throttle, 1, 60_000);
    expect(throttle.mayTry('a', 60_000)).toBe(true);
  });

  it('of many names holds a bounded number of them', () => {
    const throttle = new LoginThrottle();
    failTimes(throttle, 10, 0, 'first');
    for (let i = 0; i < 10_000; i += 1) throttle.failed(`name-${i}`, 0);
    expect(throttle.mayTry('first', 0)).toBe(true);
    expect(throttle.mayTry('name-9999', 0)).toBe(true);
  });
});
