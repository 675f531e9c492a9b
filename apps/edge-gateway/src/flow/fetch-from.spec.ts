import type { LocalId, Minimised, Observed, TelemetrySource } from '@interlock/domain';
import { afterEach, describe, expect, it } from '@jest/globals';
import { aBabbler, aController, aPlantBroker } from '../../test/fetched-peers.js';
import { until } from '../../test/two-sides.js';
import type { Provisioned } from '../provisioning.js';
import { fetchFrom } from './fetch-from.js';
import type { PickUp } from './pick-up.js';

const id = (text: string) => text as LocalId;
const AT = Date.parse('2026-06-01T12:00:00Z');
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Fetches for press-7 with nothing left out, and keeps what came. */
function fetching(...sources: readonly TelemetrySource[]) {
  const said: (readonly [string, string, string])[] = [];
  const nothing: Minimised = { leaving: [], dropped: [] };
  const minimise = (observed: readonly Observed[]) => {
    said.push(...observed.map(({ at, key, value }) => [at, key, value] as const));
    return nothing;
  };
  const document = { targets: [], sources } as unknown as Provisioned['document'];
  const fetched: readonly PickUp[] = fetchFrom({ document, mqttPassword: 'plant only' }, id('press-7'), {
    ...{ minimise, take: () => undefined, now: () => AT },
  });
  const stop = () => {
    for (const one of fetched) one.stop();
  };
  closers.push(stop);
  return { said, fetched, stop };
}

const topics = [{ topic: 'hall/press-7/force', key: 'force' }];
const fromBroker = (port: number): TelemetrySource => ({
  ...{ via: 'mqtt', resource: id('press-7'), host: '127.0.0.1', port, username: 'gateway', topics },
});
const fromController = (port: number, everyMilliseconds = 100): TelemetrySource => ({
  ...{ via: 'modbus', resource: id('press-7'), host: '127.0.0.1', port, unit: 1, everyMilliseconds },
  values: [
    { key: 'force', table: 'holding-register', address: 2, format: 'int32', factor: 0.1 },
    { key: 'closed', table: 'coil', address: 3, format: 'bit' },
    { key: 'absent', table: 'holding-register', address: 4_000, format: 'uint16' },
  ],
});

describe("telemetry fetched from a plant's MQTT broker", () => {
  it('comes from the topics that were named and from no other, the kept one without a time', async () => {
    const broker = await aPlantBroker('plant only');
    closers.push(broker.stop);
    await broker.publish('hall/press-7/force', '811', true);
    const { said } = fetching(fromBroker(broker.port), { ...fromBroker(broker.port), resource: id('press-8') });
    await until('what was kept is there', () => said.length === 1);
    expect(broker.subscribed).toEqual(['hall/press-7/force']);
    await broker.publish('hall/press-7/operator', 'anna.schmidt');
    await broker.publish('hall/press-7/force', '812.5');
    await broker.publish('hall/press-7/force', '{"peak":900}');
    await until('all are there', () => said.length === 3);
    expect(said).toEqual([
      ['', 'force', '811'],
      ['2026-06-01T12:00:00.000Z', 'force', '812.5'],
      ['2026-06-01T12:00:00.000Z', 'force.peak', '900'],
    ]);
  });

  it('waits at the broker while the flow is paused, and the broker is let go with it', async () => {
    const broker = await aPlantBroker('plant only');
    closers.push(broker.stop);
    const { said, fetched, stop } = fetching(fromBroker(broker.port));
    await until('it listens', () => broker.subscribed.length === 1);
    for (const one of fetched) one.pause();
    for (let n = 0; n < 5; n += 1) await broker.publish('hall/press-7/force', String(n));
    await until('one is held', () => said.length === 1);
    for (const one of fetched) one.resume();
    await until('all came', () => said.length === 5);
    stop();
    await until('the broker is let go', () => broker.clients() === 0);
  });
});

describe('telemetry that a controller is asked for by Modbus', () => {
  it('is what changed, by functions that read; what it does not have or answer is not known', async () => {
    const controller = await aController();
    closers.push(controller.stop);
    controller.holding.writeInt32BE(-8_125, 4);
    controller.coils[0] = 0b1000;
    const { said } = fetching(fromController(controller.port));
    const values = () => said.map(([, key, value]) => `${key} ${value}`);
    await until('everything was read', () => said.length === 3);
    expect(values()).toEqual(['force -812.5', 'closed true', 'absent UNAVAILABLE']);
    controller.holding.writeInt32BE(10, 4);
    await until('the change is there', () => said.length === 4);
    expect(values()[3]).toBe('force 1');
    expect([...controller.asked].sort()).toEqual(['read coils', 'read holding registers']);
    await controller.stop();
    await until('nobody knows', () => values().slice(4).length === 2);
    expect(values().slice(4)).toEqual(['force UNAVAILABLE', 'closed UNAVAILABLE']);
  });
});

describe('whoever answers with garbage without end', () => {
  it('is hung up on, dialled again later, and costs no memory', async () => {
    const babbler = await aBabbler();
    closers.push(babbler.stop);
    const before = process.memoryUsage().rss;
    const { said } = fetching(fromBroker(babbler.port), fromController(babbler.port));
    await until('both dialled, one of them twice', () => babbler.dialled() >= 3);
    expect(said.every(([, , value]) => value === 'UNAVAILABLE')).toBe(true);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });
});
