import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { trust, unseal } from '@interlock/proof';
import { VENDOR } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aCollectingPlant, key } from '../../test/a-collecting-plant.js';
import { aRegion, type TestRegion } from '../../test/a-region.js';
import { aFolder, until } from '../../test/two-sides.js';

let region: TestRegion;
beforeAll(async () => {
  region = await aRegion();
}, 120_000);
afterAll(() => region?.[Symbol.asyncDispose]());

const KEYS = [key('force'), key('speed', { action: 'drop' })];
const EVENT = {
  specversion: '1.0',
  id: 'known-to-the-plant',
  source: '//delta-foods.example/press-7',
  type: 'machine.telemetry',
  time: '2026-11-01T08:00:00Z',
  data: { force: 812.5, speed: 'anna.schmidt', operator: 'anna.schmidt' },
};
const pushed = { body: JSON.stringify(EVENT) };

/** Every byte of a folder, as text. */
const allOf = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join();

const doorOf = (folder: string, inspection: 'plant' | 'region', inspects: boolean) =>
  aCollectingPlant(region, folder, { keys: KEYS, inspection }, [], undefined, inspects);

describe('data that both signed to be inspected in the region', () => {
  it('is taken, minimised and sealed at the door there, and opens for whoever holds that agreement', async () => {
    using folder = aFolder();
    await using door = await doorOf(folder.path, 'region', true);
    await region.serve(door.right);
    const { historian, elsewhere } = door.collectors;
    expect((await door.push(historian, pushed)).body.events).toMatchObject([{ code: 'accepted' }]);
    expect((await door.push(historian, pushed)).body.events).toMatchObject([{ code: 'repeated' }]);
    expect((await door.push(elsewhere, pushed)).body.events).toMatchObject([{ code: 'not_a_party' }]);
    const sealed: unknown[] = [];
    await until('the region has it', async () => sealed.push(...(await region.pulled())) > 0);
    const [opened] = await door.opened(sealed);
    expect(opened?.batch).toMatchObject({ observations: [{ key: 'force', value: '812.5' }], dropped: 2 });
    expect(opened?.batch.gateway.id).toBe('eu-1-door');
    const { entities, certificates } = door.right.chain;
    const ring = await trust(entities, certificates, door.right.who.pins, Date.now());
    const opener = {
      organisation: VENDOR,
      kid: door.right.who.recipient.signer.kid,
      key: door.right.who.recipient.key,
    };
    const agreement = {
      ...door.right.agreement,
      terms: door.right.agreement.terms.map((term) => ({ ...term, inspection: 'plant' })),
    };
    for (const held of [undefined, agreement]) {
      const read = ring.allowed && (await unseal(sealed[0], opener, ring.value, Date.now(), held));
      expect(read).toMatchObject({ allowed: false });
    }
    expect(allOf(folder.path)).not.toContain('anna.schmidt');
  }, 60_000);

  it('is not taken in the plant, and whoever pushes it there is told where to go', async () => {
    using folder = aFolder();
    await using door = await doorOf(folder.path, 'region', false);
    const { historian, elsewhere } = door.collectors;
    expect(await door.push(historian, pushed)).toMatchObject({
      status: 403,
      body: { events: [{ code: 'inspected_in_region' }] },
    });
    expect((await door.push(elsewhere, pushed)).body.events).toMatchObject([{ code: 'not_a_party' }]);
    // That something was not taken is counted, once in a while; nothing else is said of it.
    const told = (await door.evidence()).filter(
      ({ outcome, kind }) => outcome === 'deny' && kind !== 'push.quarantined',
    );
    expect(told).toEqual([]);
  }, 60_000);
});

describe('data that is inspected in the plant', () => {
  it('is refused in plain text at the door of a region, where nothing of it stays', async () => {
    using folder = aFolder();
    await using door = await doorOf(folder.path, 'plant', true);
    expect(await door.push(door.collectors.historian, pushed)).toMatchObject({
      status: 403,
      body: { events: [{ code: 'inspected_at_plant' }] },
    });
    const disk = allOf(folder.path);
    expect(disk).toContain('inspected_at_plant');
    for (const text of ['anna', '812.5', EVENT.id, Buffer.from(pushed.body).toString('base64').slice(0, 40)])
      expect(disk).not.toContain(text);
  }, 60_000);
});
