import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { LocalId, TransferTerm } from '@interlock/domain';
import { BUYER } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aCollectingPlant, key } from '../../test/a-collecting-plant.js';
import { aRegion, type TestRegion } from '../../test/a-region.js';
import { aFolder, until } from '../../test/two-sides.js';

const id = (text: string) => text as LocalId;
let near: TestRegion;
let far: TestRegion;
beforeAll(async () => {
  [near, far] = await Promise.all([aRegion(), aRegion({ name: 'us-1' })]);
}, 120_000);
afterAll(async () => {
  await near?.[Symbol.asyncDispose]();
  await far?.[Symbol.asyncDispose]();
});

const onlyIn = (...countries: string[]): TransferTerm => ({
  type: 'transfer',
  product: id('press-telemetry'),
  resource: { owner: BUYER, id: id('press-7') },
  storage: countries,
  transit: countries,
  access: ['DE'],
  mechanisms: [],
});

async function aPlant(folder: string, countries: readonly string[], region = far) {
  const further = { region, jurisdiction: 'US', terms: [onlyIn(...countries)] };
  const plant = await aCollectingPlant(near, folder, { keys: [key('force')] }, [], further);
  const spool = join(folder, 'flows', plant.right.grant.id);
  const waiting = () => readdirSync(spool).filter((name) => name.endsWith('.sealed'));
  let events = 0;
  const push = async () => {
    const [source, time, data] = ['//delta-foods.example/press-7', '2026-11-01T08:00:00Z', { force: ++events }];
    const event = { specversion: '1.0', id: `e${events}`, source, type: 'machine.telemetry', time, data };
    const { body } = await plant.push(plant.collectors.historian, { body: JSON.stringify(event) });
    expect(body.events?.map(({ code }) => code)).toEqual(['accepted']);
  };
  const delivered = async () => (await plant.evidence()).filter(({ kind }) => kind === 'flow.delivered');
  return { ...plant, spool, waiting, push, delivered, [Symbol.asyncDispose]: plant[Symbol.asyncDispose] };
}

/** Enough of the sealed bytes to be found again, and by nothing else. */
const tailOf = (sealed: string): string => sealed.slice(-120);

describe('of two regions of one agreement, each with its own server and disk,', () => {
  it('a flow whose agreement forbids the country of the other uses one, and waits at the edge when that one is gone', async () => {
    using folder = aFolder();
    let dialled = 0;
    const listens = createServer((socket) => {
      dialled += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(listens, 'listening');
    const { port } = listens.address() as AddressInfo;
    await using plant = await aPlant(folder.path, ['DE'], { ...far, port });
    await Promise.all([near.serve(plant.right), far.serve(plant.right)]);
    await plant.push();
    const sealed: unknown[] = [];
    await until('the near one has it', async () => sealed.push(...(await near.pulled())) > 0);
    const carried = (sealed[0] as { ciphertext: string }).ciphertext;
    await until('the delivery is recorded', async () => (await plant.delivered()).length > 0);
    await near.kill();
    await plant.push();
    await until('it waits', () => plant.waiting().length === 1);
    await until('another region was looked for', () => plant.attempts() > 1);
    const kept = tailOf(readFileSync(join(plant.spool, plant.waiting()[0] ?? ''), 'utf8'));
    expect([near.hasOnDisk(carried), far.hasOnDisk(carried)]).toEqual([true, false]);
    expect([near.hasOnDisk(kept), far.hasOnDisk(kept)]).toEqual([false, false]);
    expect([dialled, far.asked()]).toEqual([0, 0]);
    listens.close();
    expect((await plant.delivered()).map(({ region }) => region)).toEqual(['eu-1']);
    expect((await plant.delivered())[0]?.bytes).toBeGreaterThan(100);
  }, 60_000);

  it('a flow that may go through both goes on through the other, and its evidence says through which', async () => {
    using folder = aFolder();
    await using plant = await aPlant(folder.path, ['DE', 'US']);
    await far.serve(plant.right);
    await plant.push();
    const sealed: unknown[] = [];
    await until('the far one has it', async () => sealed.push(...(await far.pulled())) > 0);
    expect(await plant.opened(sealed)).toMatchObject([{ batch: { sequence: 0 } }]);
    await until('the delivery is recorded', async () => (await plant.delivered()).length > 0);
    expect((await plant.delivered()).map(({ region }) => region)).toEqual(['us-1']);
    expect(far.hasOnDisk((sealed[0] as { ciphertext: string }).ciphertext)).toBe(true);
    expect(plant.waiting()).toEqual([]);
  }, 60_000);
});
