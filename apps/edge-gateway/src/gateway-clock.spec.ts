import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SIGNATURE_SKEW } from '@interlock/proof';
import { FakeClock } from '@interlock/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aFolder } from '../test/two-sides.js';
import { gatewayClock } from './gateway-clock.js';

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let folder: ReturnType<typeof aFolder>;
let fake: FakeClock;
beforeEach(() => {
  folder = aFolder();
  fake = new FakeClock(NOW);
});
afterEach(() => folder[Symbol.dispose]());

const start = (provisionedAt = NOW - DAY) =>
  gatewayClock(folder.path, provisionedAt, { wall: () => fake.now(), monotonic: () => fake.monotonic() });

describe("the gateway's clock", () => {
  it('never shows a time before its provisioning, whatever the wall clock says', () => {
    fake.setWall(0);
    const clock = start(NOW);
    expect(clock.now()).toBe(NOW);
    fake.advance(HOUR);
    expect(clock.now()).toBe(NOW + HOUR);
  });

  it('runs on when the wall clock is set back or frozen after its own company told the time', () => {
    const clock = start();
    clock.learnOwnTime(NOW, fake.monotonic());
    fake.advance(HOUR);
    fake.setWall(NOW - DAY);
    expect(clock.now()).toBe(NOW + HOUR);
  });

  it('does not go back behind the floor after a restart', () => {
    const clock = start();
    clock.learnOwnTime(NOW, fake.monotonic());
    fake.advance(HOUR);
    clock.persist();
    fake.setWall(NOW - DAY);
    expect(start().now()).toBe(NOW + HOUR);
  });

  it('persists only what its own company signed and time that passed: a wall clock set forward does not outlive a restart', () => {
    const clock = start();
    clock.learnOwnTime(NOW, fake.monotonic());
    fake.setWall(NOW + 365 * DAY);
    expect(clock.now()).toBe(NOW + 365 * DAY);
    clock.persist();
    expect(JSON.parse(readFileSync(join(folder.path, 'clock-floor.json'), 'utf8'))).toEqual({ floor: NOW });
    fake.setWall(NOW);
    expect(start().now()).toBe(NOW);
  });

  it('never lowers the floor for an older time of its own company', () => {
    const clock = start();
    clock.learnOwnTime(NOW, undefined);
    clock.learnOwnTime(NOW - DAY, undefined);
    fake.setWall(0);
    expect(clock.now()).toBe(NOW);
  });

  it('says that it runs ahead until its own company answered a nonce of this boot', () => {
    const clock = start();
    expect(clock.runsAhead()).toBe(true);
    clock.learnOwnTime(NOW, undefined);
    expect(clock.runsAhead()).toBe(true);
    clock.learnOwnTime(NOW, fake.monotonic());
    expect(clock.runsAhead()).toBe(false);
  });

  it('runs ahead just beyond the budget for skew, and not at it', () => {
    const clock = start();
    clock.learnOwnTime(NOW, fake.monotonic());
    fake.setWall(NOW + SIGNATURE_SKEW);
    expect(clock.runsAhead()).toBe(false);
    fake.setWall(NOW + SIGNATURE_SKEW + 1);
    expect(clock.runsAhead()).toBe(true);
  });

  it('takes no ceiling from an answer whose nonce was held back', () => {
    const clock = start();
    fake.advance(SIGNATURE_SKEW + 1);
    clock.learnOwnTime(NOW + SIGNATURE_SKEW + 1, 0);
    expect(clock.runsAhead()).toBe(true);
  });

  it.each([
    ['cut short', '{"floor":'],
    ['of another shape', '{"floor":"1"}'],
    ['negative', '{"floor":-1}'],
  ])('refuses to start with a floor that is %s, and says what to do', (_what, text) => {
    writeFileSync(join(folder.path, 'clock-floor.json'), text);
    expect(start).toThrow(/Re-enrol/);
  });
});
