import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DropBox, fileEvents, openDropBox, pushEvents } from '@interlock/client';
import { askScanner, makeLeaf } from '@interlock/company-side';
import type { Digest, LocalId, OrganisationId } from '@interlock/domain';
import { contentOf, digestOfBytes, trust } from '@interlock/proof';
import { type Holder, swapRoles } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { HeldFinding } from '../../apps/cli/src/commands/gateway/local-hand.js';
import { type LetIn, takeRelease, waitingIn } from '../../apps/cli/src/commands/quarantine/let-in.js';
import { signRelease } from '../../apps/cli/src/commands/quarantine/sign-release.js';
import { aCollectingPlant, key } from '../../apps/edge-gateway/test/a-collecting-plant.js';
import { aRegion, type TestRegion } from '../../apps/edge-gateway/test/a-region.js';
import { until } from '../../apps/edge-gateway/test/two-sides.js';
import { eicar } from '../../apps/scanner/test/eicar.js';
import { aScanner, type StartScanner } from './a-scanner.js';
import { fileLetInByPrograms } from './files-by-programs.js';
import { letGoByPrograms } from './let-go-by-programs.js';

const folder = mkdtempSync(join(tmpdir(), 'interlock-scanned-'));
const socket = join(folder, 'scanner.sock');
const stops: (() => Promise<unknown>)[] = [];
let region: TestRegion;
let plant: Awaited<ReturnType<typeof aCollectingPlant>>;
let start: StartScanner;
let scanner: { close(): Promise<unknown> };

beforeAll(async () => {
  [region, start] = await Promise.all([aRegion({ maxBytes: 40_000_000 }), aScanner(folder, socket, stops)]);
  scanner = await start();
  const product = { keys: [key('force'), key('program')], scanning: 'required' } as const;
  plant = await aCollectingPlant(region, join(folder, 'plant'), product, [], undefined, false, askScanner(socket));
  await region.serve(plant.right);
}, 120_000);
afterAll(async () => {
  await plant?.[Symbol.asyncDispose]();
  await scanner?.close();
  for (const stop of stops) await stop();
  await region?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const source = { owner: 'delta-foods.example' as OrganisationId, id: 'press-7' as LocalId };
let events = 0;
const event = (data: object) => ({
  ...{ specversion: '1.0', id: `s${++events}`, source: '//delta-foods.example/press-7', type: 'machine.telemetry' },
  ...{ time: new Date(Date.parse('2026-11-01T08:00:00Z') + events * 1_000).toISOString(), data },
});
const push = async (...of: object[]) => {
  const type = 'application/cloudevents-batch+json';
  const { status, body } = await plant.push(plant.collectors.historian, { type, body: JSON.stringify(of) });
  return { status, codes: body.events?.map(({ code }) => code) };
};
const arrived = async () => {
  const sealed: unknown[] = [];
  await until('something arrived', async () => sealed.push(...(await region.pulled(() => '+ACK'))) > 0);
  return (await plant.opened(sealed)).map(({ batch }) => batch);
};
const recorded = async (kind: string) => (await plant.evidence()).filter((one) => one.kind === kind);
const infected = () => event({ program: eicar().toString() });

describe('a flow whose agreement asks for a scanner', () => {
  it('delivers what is clean, with the verdict over these very bytes, and holds back the one event that is not', async () => {
    const [before, after] = [event({ force: 1 }), event({ force: 2 })];
    expect(await push(before, infected(), after)).toEqual({
      status: 207,
      codes: ['accepted', 'scan_not_clean', 'accepted'],
    });
    const batches = await arrived();
    expect(batches.flatMap(({ observations }) => observations.map(({ value }) => value))).toEqual(['1', '2']);
    for (const { scan } of batches) expect(scan).toMatchObject({ engine: expect.any(String) });
    await until('it is recorded', async () => (await recorded('scan.quarantined')).length > 0);
    const [noted] = await recorded('scan.quarantined');
    const [held] = plant.desk.list();
    expect(noted).toMatchObject({ outcome: 'deny', code: 'scan_not_clean', clause: 'signature', count: 1 });
    expect(noted?.documents).toContain(held?.content);
    // Whoever reads the record can sign for what is held: it names whose word it takes, and when it was found.
    expect(noted).toMatchObject({ at: held?.foundAt, recipients: held?.recipients, session: held?.flow });
  }, 60_000);

  it('gives out exactly the held bytes once one of each side has signed for them, and says who', async () => {
    const { approver, vendor } = plant.right.who;
    const takes = await vendor.holder('person', 'data-steward', ['approve']);
    const [held] = plant.desk.list();
    if (!held) throw new Error('nothing is held');
    const release = (by: Holder, over: Partial<HeldFinding> = {}) => {
      const words = { reason: 'a test file', good: 3_600_000 };
      return signRelease(
        { ...held, recipients: [...held.recipients], ...over },
        by.signer,
        [by.certificate],
        words,
        Date.now(),
      );
    };
    const refused = async (by: Holder, over: Partial<HeldFinding>) => {
      const taken = await plant.desk.take(await release(by, over));
      return taken.allowed ? 'taken' : taken.refusal.code;
    };
    expect(await refused(approver, { content: digestOfBytes(Buffer.from('other')) })).toBe('release_unfit');
    expect(await refused(approver, { foundAt: held.foundAt + 1 })).toBe('release_unfit');
    expect(await refused(plant.right.who.technician, {})).toBe('wrong_purpose');
    // One person twice, and two of one side, are not both sides.
    for (const by of [approver, approver, plant.right.who.secondApprover])
      expect(await plant.desk.take(await release(by))).toEqual({
        allowed: true,
        value: { released: false, missing: [takes.signer.organisation] },
      });
    expect(readdirSync(join(folder, 'plant', 'flows', held.flow, 'held'))).toHaveLength(1);
    expect(await plant.desk.take(await release(takes))).toEqual({
      allowed: true,
      value: { released: true, missing: [] },
    });
    const [batch] = await arrived();
    const observations = batch?.observations ?? [];
    expect(digestOfBytes(contentOf(observations))).toBe(held.content);
    expect(observations.map(({ value }) => value)).toEqual([eicar().toString()]);
    expect(batch?.scan?.released).toHaveLength(3);
    expect(plant.desk.list()).toEqual([]);
    // What was let go is gone: the same signatures open nothing again.
    expect(await refused(takes, {})).toBe('release_unfit');
    const [noted] = await recorded('scan.released');
    expect(noted?.documents).toEqual(
      expect.arrayContaining([held.content as Digest, ...(batch?.scan?.released ?? [])]),
    );
  }, 60_000);

  it('is listed, signed for and let go by the programs of both companies, each on its own machine', async () => {
    expect(await push(infected())).toEqual({ status: 403, codes: ['scan_not_clean'] });
    const { approver, vendor } = plant.right.who;
    const steward = await vendor.holder('person', 'data-steward', ['approve']);
    const { listed, answers } = await letGoByPrograms(plant, join(folder, 'programs'), [steward, approver]);
    const [batch] = await arrived();
    expect(listed).toMatchObject([
      { content: digestOfBytes(contentOf(batch?.observations ?? [])), reason: 'signature' },
    ]);
    expect(answers).toMatchObject([
      { released: false, missing: [source.owner] },
      { released: true, missing: [] },
    ]);
    expect(batch?.scan?.released).toHaveLength(2);
  }, 60_000);

  it('delivers nothing while the scanner is gone, loses nothing, and goes on when it is back', async () => {
    await scanner.close();
    const waits = event({ force: 3 });
    expect(await push(waits)).toEqual({ status: 503, codes: ['scanner_unavailable'] });
    expect(await region.pulled()).toEqual([]);
    await until('it is recorded', async () => (await recorded('flow.refused')).length > 0);
    expect((await recorded('flow.refused')).map(({ code }) => code)).toEqual(['scanner_unavailable']);
    scanner = await start();
    expect(await push(waits)).toEqual({ status: 200, codes: ['accepted'] });
    expect((await arrived()).flatMap(({ observations }) => observations.map(({ value }) => value))).toEqual(['3']);
  }, 60_000);

  it('takes pushes that nobody answered yet in parts that scanner and region take: all of them, once, in their order', async () => {
    const presenter = { organisation: source.owner, kind: 'workload', id: 'historian' as LocalId } as const;
    // Six values of an event are as much as one may hold; together they are more than a scanner is shown at once.
    const values = Array.from({ length: 150 * 6 }, (_, at) => `turn ${at} ${'turning '.repeat(1_200)}`);
    const answers = await Promise.all(
      Array.from({ length: 150 }, (_, at) => {
        const readings = values
          .slice(at * 6, at * 6 + 6)
          .map((value) => ({ at: event({}).time, key: 'program', value }));
        const said = { source: 'press-7', id: `many${at}`, machine: source, readings, labels: [], claimedRegion: null };
        return plant.flows.all()[0]?.source.push(said, { presenter, receivedAt: 1 });
      }),
    );
    expect(answers.filter((one) => !one?.allowed || one.value !== 'accepted')).toEqual([]);
    const came: string[] = [];
    await until(
      'all arrived',
      async () => {
        for (const { batch } of await plant.opened(await region.pulled(() => '+ACK')))
          came.push(...batch.observations.map(({ value }) => value).filter((value) => value.startsWith('turn ')));
        return came.length >= values.length;
      },
      40_000,
    );
    expect(came.map((value) => value.slice(0, 10))).toEqual(values.map((value) => value.slice(0, 10)));
  }, 60_000);
});

describe('files into the plant, from the vendor who owns them to the buyer who lets them in', () => {
  const firmware = Buffer.from(Array.from({ length: 40_000 }, (_, at) => (at * 7919) % 251));
  const infectedFile = Buffer.concat([Buffer.alloc(5_000, 32), eicar()]);
  let vendors: typeof plant;
  let box: DropBox;
  const told: string[] = [];
  const wasLetIn: { content: string; by: readonly string[] }[] = [];

  beforeAll(async () => {
    swapRoles();
    const product = { keys: [key('file')], scanning: 'required' } as const;
    vendors = await aCollectingPlant(region, join(folder, 'vendor'), product, [], undefined, false, askScanner(socket));
    await region.serve(vendors.right);
    box = openDropBox(join(folder, 'drop-box'), vendors.right.agreement.id, (line) => told.push(line));
  }, 60_000);
  afterAll(() => vendors?.[Symbol.asyncDispose]());

  const send = (bytes: Buffer, name: string) =>
    pushEvents(fileEvents(bytes, name, source), {
      door: {
        ...{ host: '127.0.0.1', port: vendors.door.port, gateway: vendors.right.who.gateway.signer.kid },
        leaf: () => makeLeaf(vendors.collectors.historian.key, Date.now()),
      },
      onRefused: ({ code }) => told.push(code),
      rest: () => new Promise((done) => setImmediate(done)),
    });
  const comesIn = (count: number) =>
    until('the file is whole', async () => {
      for (const { batch } of await vendors.opened(await region.pulled(() => '+ACK'))) {
        expect(box.take(batch, Date.now()).observations).toEqual([]);
      }
      await box.look(askScanner(socket));
      return box.held().filter(({ verdict }) => verdict !== null).length === count;
    });
  const released = () => readdirSync(join(folder, 'drop-box', 'released'));
  const judgedBy = async (): Promise<LetIn> => {
    const { chain, who, agreement } = vendors.right;
    const ring = await trust(chain.entities, chain.certificates, who.pins, Date.now());
    if (!ring.allowed) throw new Error(ring.refusal.code);
    return {
      ...{ box, scanner: askScanner(socket), agreed: { agreement, ring: ring.value, acts: [], documents: chain } },
      company: { organisation: who.vendor.organisation, pins: who.pins, now: Date.now },
      record: async ({ content }, by) => {
        wasLetIn.push({ content, by: by.map((one) => one.by.id) });
        return { allowed: true, value: true };
      },
    };
  };
  const hand = async (by: Holder, at: number, over: Partial<HeldFinding> = {}) => {
    const of = await judgedBy();
    const found = waitingIn(box, of.agreed, of.company.organisation)[at];
    if (!found) throw new Error('nothing waits');
    const words = { reason: 'firmware 4.2', good: 3_600_000 };
    const release = await signRelease({ ...found, ...over }, by.signer, [by.certificate], words, Date.now());
    const taken = await takeRelease(of, release);
    return taken.allowed ? taken.value : taken.refusal.code;
  };

  it('wait whole and looked at, and are let in when a person of each side signed for these very bytes', async () => {
    expect(vendors.right.agreement.parties.map(({ role }) => role)).toEqual(['buyer', 'vendor']);
    expect(await send(firmware, 'press-7.bin')).toMatchObject({ allowed: true, value: { refused: 0 } });
    await comesIn(1);
    expect(box.held()).toMatchObject([{ name: 'press-7.bin', size: 40_000, verdict: { outcome: 'clean' } }]);
    expect(released()).toEqual([]);
    const { approver, secondApprover, vendor, technician } = vendors.right.who;
    const steward = await vendor.holder('person', 'data-steward', ['approve']);
    expect(await hand(technician, 0)).toBe('wrong_purpose');
    expect(await hand(steward, 0, { content: digestOfBytes(Buffer.from('other')) })).toBe('release_unfit');
    expect(await hand(steward, 0, { gateway: { organisation: source.owner, id: source.id } })).toBe('release_unfit');
    for (const by of [approver, secondApprover])
      expect(await hand(by, 0)).toMatchObject({ released: false, missing: [vendor.organisation] });
    await scanner.close();
    expect(await hand(steward, 0)).toBe('scanner_unavailable');
    expect(released()).toEqual([]);
    scanner = await start();
    expect(await hand(steward, 0)).toMatchObject({ released: true, missing: [] });
    const [name = ''] = released();
    expect(readFileSync(join(folder, 'drop-box', 'released', name))).toEqual(firmware);
    expect([box.held(), wasLetIn.length]).toEqual([[], 1]);
    expect(wasLetIn[0]).toMatchObject({ by: expect.arrayContaining(['data-steward']) });
  }, 90_000);

  it('are received, listed and let in by the programs of the companies, each on its own machine', async () => {
    const { approver, vendor } = vendors.right.who;
    const steward = await vendor.holder('person', 'data-steward', ['approve']);
    const recipe = Buffer.from('a recipe '.repeat(2_000));
    expect(await send(recipe, 'recipe.txt')).toMatchObject({ allowed: true, value: { refused: 0 } });
    const spool = join(folder, 'vendor', 'flows', vendors.right.grant.id);
    await until('it is in the region', () => !readdirSync(spool).some((name) => name.endsWith('.sealed')));
    const at = { dir: join(folder, 'by-programs'), scanner: socket, people: [approver, steward] };
    const told = await fileLetInByPrograms(vendors.right, region, at);
    expect(told.delivered).toMatchObject({ refused: 0, files: 1 });
    expect(told.finding).toMatchObject({ name: 'recipe.txt', size: recipe.length, content: digestOfBytes(recipe) });
    expect(told.answers).toMatchObject([{ released: false, missing: [vendor.organisation] }, { released: true }]);
    expect(told.letIn).toEqual(recipe);
    expect(told.said).toEqual(expect.arrayContaining([{ kind: 'scan.released' }]));
  }, 90_000);

  it('are looked at as a whole: what no part of it shows is found, and stays out for one side alone', async () => {
    expect(await send(infectedFile, 'recipe.txt')).toMatchObject({ allowed: true, value: { refused: 0 } });
    await comesIn(1);
    expect(box.held()[0]?.verdict).toMatchObject({ outcome: 'infected' });
    const before = released();
    const { approver, secondApprover } = vendors.right.who;
    for (const by of [approver, secondApprover]) expect(await hand(by, 0)).toMatchObject({ released: false });
    expect(released()).toEqual(before);
    expect(box.erase(() => true)).toHaveLength(1);
    expect([readdirSync(join(folder, 'drop-box', 'held')), told]).toEqual([[], []]);
  }, 60_000);
});
