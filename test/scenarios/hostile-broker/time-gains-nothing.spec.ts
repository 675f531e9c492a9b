import { describe, expect, it } from '@jest/globals';
import type { RawClocks } from '../../../apps/edge-gateway/src/gateway-clock.js';
import { aPlant, enter, opened, ready, refused, until } from './plant.js';

const HOUR = 3_600_000;

/** A machine clock whose calendar is in the hands of whoever controls the gateway's network; its monotonic side is not. */
function attackedClock(): RawClocks & { offset: number; frozenAt: number | null } {
  const clock = {
    offset: 0,
    frozenAt: null as number | null,
    wall: () => (clock.frozenAt ?? Date.now()) + clock.offset,
    monotonic: () => performance.now(),
  };
  return clock;
}

const windowed = (from: number, to: number) => ({
  grant: { windows: [{ from: Date.now() + from, to: Date.now() + to }] },
});

describe('(m) the network clock of the gateway', () => {
  it('set back before the session opens no window that is over', async () => {
    const clocks = attackedClock();
    await using plant = await aPlant({ changes: windowed(-HOUR / 2, -HOUR / 4), clocks });
    await ready(plant);
    clocks.offset = -0.4 * HOUR;
    expect(await refused(plant)).toBe('outside_window');
    await plant.restart(clocks);
    plant.broker.standing(plant.right);
    await ready(plant);
    expect(await refused(plant)).toBe('outside_window');
    expect(plant.machine.bytes()).toBe(0);
  }, 30_000);

  it('frozen before the session opens no window that is over', async () => {
    const clocks = attackedClock();
    await using plant = await aPlant({ changes: windowed(-HOUR / 2, 3_000), clocks });
    clocks.frozenAt = Date.now();
    await ready(plant);
    await until(() => Date.now() >= plant.right.grant.windows[0]!.to);
    expect(await refused(plant)).toBe('outside_window');
    expect(plant.machine.bytes()).toBe(0);
  }, 30_000);

  it('set forward opens no window before its time', async () => {
    const clocks = attackedClock();
    await using plant = await aPlant({ changes: windowed(4 * 60_000, HOUR), clocks });
    await ready(plant);
    expect(await refused(plant)).toBe('outside_window');
    clocks.offset = 5 * 60_000;
    // A ticket of the broker's own making is as young as it likes.
    const exp = Math.floor(Date.now() / 1000) + 800;
    expect(await refused(plant, {}, { exp })).toBe('clock_ahead');
    await plant.restart(clocks);
    plant.broker.standing(plant.right);
    await ready(plant);
    expect(await refused(plant, {}, { exp })).toBe('clock_ahead');
    expect(plant.machine.bytes()).toBe(0);
  }, 30_000);

  it('set forward locks the plant out no longer than it is wrong: nothing of it is kept', async () => {
    const clocks = attackedClock();
    await using plant = await aPlant({ clocks });
    await ready(plant);
    clocks.offset = 24 * HOUR * 365;
    await plant.restart(clocks);
    clocks.offset = 0;
    await plant.restart(clocks);
    plant.broker.standing(plant.right);
    await ready(plant);
    expect(await enter(plant)).toMatchObject({ allowed: true });
  }, 30_000);

  it('set back, frozen or forward during a session neither stretches nor ends it', async () => {
    const clocks = attackedClock();
    await using plant = await aPlant({ changes: windowed(-HOUR / 2, 6_000), clocks });
    const session = await opened(plant);
    clocks.offset = -HOUR;
    clocks.frozenAt = Date.now();
    const over = session.closed.then((word) => ({ word, at: Date.now() }));
    clocks.offset = 24 * HOUR;
    clocks.offset = -24 * HOUR;
    const { word, at } = await over;
    const end = plant.right.grant.windows[0]!.to;
    expect(word).toMatchObject({ code: 'window_over' });
    expect(at).toBeLessThan(end + 2_000);
    expect(at).toBeGreaterThan(end - 700);
    const before = plant.machine.bytes();
    expect(await refused(plant)).toBe('outside_window');
    expect(plant.machine.bytes()).toBe(before);
  }, 30_000);

  it('set back over a restart does not bring back what was over: the floor is on disk', async () => {
    const clocks = attackedClock();
    await using plant = await aPlant({ changes: windowed(-HOUR / 2, 3_000), clocks });
    await ready(plant);
    await until(() => Date.now() >= plant.right.grant.windows[0]!.to);
    clocks.offset = -HOUR / 2;
    await plant.restart(clocks);
    plant.broker.standing(plant.right);
    await ready(plant);
    expect(await refused(plant)).toBe('outside_window');
    expect(plant.machine.bytes()).toBe(0);
  }, 30_000);
});
