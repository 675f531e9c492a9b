import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { writeCurlConfig } from '@interlock/company-side';
import { newPrivateKey, privateKeyToPem, publicJwkOf } from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sparkplug from 'sparkplug-payload';
import { aCollectingPlant, key } from '../../test/a-collecting-plant.js';
import { aRegion, type TestRegion } from '../../test/a-region.js';
import { aFolder, revocationOf, until } from '../../test/two-sides.js';

const SHARED = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));
/** A user's clone has no shared data; with CI set its absence is a failure. */
const withShared = existsSync(SHARED) || process.env.CI === 'true' ? it : it.skip;

type Plant = Awaited<ReturnType<typeof aCollectingPlant>>;
let region: TestRegion;
let plant: Plant;
const folder = aFolder();
const KEYS = ['force', 'press_force', 'StepUp', 'temp', 'Smode', 'a'].map((name) => key(name));

beforeAll(async () => {
  region = await aRegion();
  plant = await aCollectingPlant(region, folder.path, { keys: KEYS, labels: ['internal'] });
  await region.serve(plant.right);
}, 120_000);
afterAll(async () => {
  await plant?.[Symbol.asyncDispose]();
  await region?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

let events = 0;
const event = (over: Record<string, unknown> = {}) => ({
  specversion: '1.0',
  id: `e${++events}`,
  source: '//delta-foods.example/press-7',
  type: 'machine.telemetry',
  time: '2026-11-01T08:00:00Z',
  data: { force: events },
  ...over,
});
const asJson = (value: unknown) => ({ body: JSON.stringify(value) });
const asBatch = (values: unknown) => ({ type: 'application/cloudevents-batch+json', body: JSON.stringify(values) });
const historian = () => plant.collectors.historian;
const codesOf = ({ status, body }: Awaited<ReturnType<Plant['push']>>) => [
  status,
  ...(body.events?.map((one) => one.code) ?? [body.code]),
];

/** Everything that has reached the vendor since the last look. */
async function arrived() {
  const spool = join(folder.path, 'flows', plant.right.grant.id);
  await until('the spool is empty', () => !readdirSync(spool).some((name) => name.endsWith('.sealed')));
  const sealed: unknown[] = [];
  for (let more = await region.pulled(); more.length > 0; more = await region.pulled()) sealed.push(...more);
  return (await plant.opened(sealed)).map(({ batch }) => batch);
}

describe('the door for collectors', () => {
  it('takes one event and a batch, keeps machine and presenter apart, and each event has one effect', async () => {
    await arrived();
    const [one, two] = [event(), event({ time: '2022-08-08T13:37:00Z' })];
    expect(codesOf(await plant.push(historian(), asJson(one)))).toEqual([200, 'accepted']);
    expect(codesOf(await plant.push(historian(), asBatch([one, two])))).toEqual([200, 'repeated', 'accepted']);
    expect(codesOf(await plant.push(historian(), asBatch([one, two])))).toEqual([200, 'repeated', 'repeated']);
    const batches = await arrived();
    expect(batches.flatMap((batch) => batch.observations)).toEqual([
      { at: one.time, key: 'force', value: String(one.data.force) },
      { at: two.time, key: 'force', value: String(two.data.force) },
    ]);
    expect(batches[0]).toMatchObject({
      machine: { owner: 'delta-foods.example', id: 'press-7' },
      presenter: { organisation: 'delta-foods.example', kind: 'workload', id: 'historian' },
    });
    expect(batches[0]?.receivedAt).toBeGreaterThan(Date.parse(one.time));
  });

  it('takes binary mode, gzip, and events that were pushed at the same moment twice', async () => {
    await arrived();
    const binary = (id: string) => ({
      ...{ type: 'application/json', body: '{"force":1}' },
      headers: { 'ce-specversion': '1.0', 'ce-id': id, 'ce-source': '//delta-foods.example/press-7', 'ce-type': 't' },
    });
    expect(codesOf(await plant.push(historian(), binary('b1')))).toEqual([200, 'accepted']);
    const zipped = { headers: { 'content-encoding': 'gzip' }, body: gzipSync(JSON.stringify(event())) };
    expect(codesOf(await plant.push(historian(), zipped))).toEqual([200, 'accepted']);
    const twins = await Promise.all([1, 2, 3].map(() => plant.push(historian(), binary('b2'))));
    expect(twins.map(codesOf).sort()).toEqual([
      [200, 'accepted'],
      [200, 'repeated'],
      [200, 'repeated'],
    ]);
    expect((await arrived()).flatMap((batch) => batch.observations)).toHaveLength(3);
  });

  it('takes data of a machine from its owner’s collector, from itself and from a further subject, and from nobody else', async () => {
    const { historian: own, press, edgeBox, elsewhere, person } = plant.collectors;
    for (const who of [own, press, edgeBox])
      expect(codesOf(await plant.push(who, asJson(event())))).toEqual([200, 'accepted']);
    expect(codesOf(await plant.push(elsewhere, asJson(event())))).toEqual([404, 'not_a_party']);
    // Whoever only opens data, a person, a stranger and nobody learn nothing at all.
    for (const who of [plant.right.who.gateway, person, undefined])
      expect(codesOf(await plant.push(who, asJson(event())))).toEqual([401, 'caller_unknown']);
    const other = event({ source: '//delta-foods.example/press-9' });
    expect(codesOf(await plant.push(own, asJson(other)))).toEqual([404, 'not_a_party']);
    const unflowed = event({ source: '//delta-foods.example/press-8' });
    expect(codesOf(await plant.push(own, asJson(unflowed)))).toEqual([409, 'no_flow']);
    expect(codesOf(await plant.push(edgeBox, asJson(unflowed)))).toEqual([404, 'not_a_party']);
  });

  it.each([
    ['an oversized event', () => asJson(event({ data: { a: 'x'.repeat(70_000) } })), [413, 'event_too_large']],
    ['an oversized batch', () => asBatch(Array.from({ length: 900 }, () => event())), [413, 'event_too_large']],
    [
      'deep JSON',
      () => asJson(event({ data: JSON.parse(`${'{"a":'.repeat(900)}1${'}'.repeat(900)}`) })),
      [400, 'event_too_deep'],
    ],
    ['no JSON', () => ({ body: '{' }), [400, 'not_json']],
    ['bytes that are no UTF-8', () => ({ body: Buffer.from([0x7b, 0xff, 0xfe]) }), [400, 'encoding_unsupported']],
    [
      'an encoding nobody knows',
      () => ({ body: 'x', headers: { 'content-encoding': 'br' } }),
      [400, 'encoding_unsupported'],
    ],
    [
      'gzip that is none',
      () => ({ body: 'x', headers: { 'content-encoding': 'gzip' } }),
      [400, 'encoding_unsupported'],
    ],
    [
      'a bomb',
      () => ({ body: gzipSync(Buffer.alloc(30_000_000)), headers: { 'content-encoding': 'gzip' } }),
      [413, 'event_too_large'],
    ],
    ['a format nobody reads', () => ({ type: 'text/csv', body: 'a;b' }), [400, 'format_unknown']],
    ['a clock that is days ahead', () => asJson(event({ time: '2099-01-01T00:00:00Z' })), [400, 'time_implausible']],
    ['a label nobody agreed', () => asJson(event({ dataclassification: 'secret' })), [403, 'label_unknown']],
    ['another path', () => ({ ...asJson(event()), path: '/v1/flows' }), [400, 'source_malformed']],
    ['another method', () => ({ ...asJson(event()), method: 'PUT' }), [404, 'not_a_party']],
  ])('answers %s with what to change, and keeps it in quarantine', async (_what, sent, expected) => {
    const answer = await plant.push(historian(), sent());
    expect(codesOf(answer)).toEqual(expected);
    const said = answer.body.events?.[0]?.change ?? (answer.body as { title?: string }).title;
    expect(said?.length).toBeGreaterThan(10);
  });

  it('answers for each event of a batch by itself', async () => {
    const answer = await plant.push(historian(), asBatch([event(), event({ time: 'noon' }), 7]));
    expect(codesOf(answer)).toEqual([207, 'accepted', 'time_implausible', 'event_malformed']);
    expect(answer.body.events?.[1]?.change).toContain('set the clock');
    const kept = readFileSync(join(folder.path, 'quarantine.ndjson'), 'utf8').trim().split('\n');
    expect(JSON.parse(kept.at(-1) ?? '')).toMatchObject({
      presenter: { id: 'historian' },
      refused: [{ code: 'time_implausible' }, {}],
    });
    // Who agreed on this machine's data learns that something was held back, and why; what was pushed stays in the plant.
    const noted = (await plant.evidence()).filter(({ kind }) => kind === 'push.quarantined');
    expect(noted).toContainEqual(
      expect.objectContaining({ outcome: 'deny', code: 'time_implausible', log: expect.stringMatching(/^agr_/) }),
    );
    expect(new Set(noted.map(({ code }) => code)).size).toBeGreaterThan(3);
    expect(JSON.stringify(noted)).not.toContain('noon');
  });

  it('takes a claimed region for a finding and not for an instruction', async () => {
    expect(codesOf(await plant.push(historian(), asJson(event({ feddestregion: 'us-1' }))))).toEqual([200, 'accepted']);
    const found = (await plant.evidence()).filter((record) => record.code === 'region_claimed');
    expect(found).toMatchObject([{ kind: 'finding', grant: expect.stringMatching(/^sha256:/) }]);
  });

  withShared('takes messages of a real OPC UA publisher, and a recorded file of adapter lines once', async () => {
    await arrived();
    const path = '/v1/machines/delta-foods.example/press-7';
    const [name = ''] = readdirSync(join(SHARED, 'opcua-pubsub-json')).filter((one) => one.startsWith('01'));
    const { body } = JSON.parse(readFileSync(join(SHARED, 'opcua-pubsub-json', name), 'utf8')) as { body: unknown };
    const opcua = { path: `${path}/opcua-pubsub`, type: 'application/json', body: JSON.stringify(body) };
    expect(codesOf(await plant.push(historian(), opcua))).toEqual([200, 'accepted']);
    expect(codesOf(await plant.push(historian(), opcua))).toEqual([200, 'repeated']);
    const lines = readFileSync(join(SHARED, 'mtconnect-okuma-shdr/okuma.txt'), 'utf8').slice(0, 60_000);
    const shdr = { path: `${path}/shdr`, type: 'text/plain', body: lines.slice(0, lines.lastIndexOf('\n')) };
    const first = await plant.push(historian(), shdr);
    const again = await plant.push(historian(), shdr);
    const count = (answer: typeof first, code: string) => answer.body.events?.filter((one) => one.code === code).length;
    expect(count(first, 'accepted')).toBeGreaterThan(100);
    expect(count(again, 'repeated')).toBe(count(first, 'accepted'));
    const observations = (await arrived()).flatMap((batch) => batch.observations);
    expect(observations).toContainEqual({ at: '2022-03-18T12:55:21.3313539Z', key: 'StepUp', value: '23305' });
  });

  it('takes Sparkplug B after its birth, and no command', async () => {
    await arrived();
    const codec = sparkplug.get('spBv1.0');
    const now = Date.parse('2026-11-01T08:00:00Z');
    const sent = (topic: string, seq: number, metric: object) => ({
      path: `/v1/machines/delta-foods.example/press-7/sparkplug/spBv1.0/plant/${topic}/line`,
      type: 'application/octet-stream',
      body:
        codec?.encodePayload({
          timestamp: now,
          seq,
          metrics: [{ timestamp: now, type: 'Double', ...metric }],
        } as never) ?? '',
    });
    const data = (seq: number, value: number) => sent('NDATA', seq, { alias: 7, value });
    expect(codesOf(await plant.push(historian(), data(1, 20)))).toEqual([409, 'birth_missing']);
    const birth = sent('NBIRTH', 0, { name: 'temp', alias: 7, value: 19.5 });
    expect(codesOf(await plant.push(historian(), birth))).toEqual([200, 'accepted']);
    expect(codesOf(await plant.push(historian(), data(1, 20.5)))).toEqual([200, 'accepted']);
    expect(codesOf(await plant.push(plant.collectors.edgeBox, data(2, 99)))).toEqual([409, 'birth_missing']);
    expect(codesOf(await plant.push(historian(), data(3, 22)))).toEqual([409, 'sequence_broken']);
    expect(
      codesOf(
        await plant.push(historian(), sent('NCMD', 0, { name: 'Node Control/Rebirth', type: 'Boolean', value: true })),
      ),
    ).toEqual([403, 'command_refused']);
    expect(codesOf(await plant.push(historian(), { ...birth, body: 'no payload' }))).toEqual([400, 'event_malformed']);
    expect((await arrived()).flatMap((batch) => batch.observations.map((one) => one.value))).toEqual(['19.5', '20.5']);
  });

  it('takes what the lines of the README push', async () => {
    await arrived();
    const place = join(folder.path, '.interlock/companies/buyer/workloads/historian');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'key.pem'), privateKeyToPem(historian().key), { mode: 0o600 });
    const gateway = publicJwkOf(plant.right.who.gateway.key);
    const door = `127.0.0.1:${plant.door.port}`;
    await writeCurlConfig({ folder: place, door, gateway, now: Date.now() });
    const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');
    const [, lines = ''] = /<!-- push -->\s*```\n(.*?)```/su.exec(readme) ?? [];
    const run = () => promisify(execFile)('sh', ['-ec', lines], { cwd: folder.path, env: { PATH: process.env.PATH } });
    const answers = (text: string) =>
      text
        .trim()
        .split('\n')
        .flatMap((line) => (JSON.parse(line) as { events: { code: string }[] }).events.map((one) => one.code));
    expect(answers((await run()).stdout)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(answers((await run()).stdout)).toEqual(['repeated', 'repeated', 'repeated']);
    const observations = (await arrived()).flatMap((batch) => batch.observations);
    expect(observations.map(({ key: name, value }) => `${name} ${value}`)).toEqual([
      'press_force 812.5',
      'press_force 814',
      'press_force 815',
    ]);
    // Somebody else at the same address gets nothing: curl is told the gateway's key.
    await writeCurlConfig({ folder: place, door, gateway: publicJwkOf(newPrivateKey()), now: Date.now() });
    await expect(run()).rejects.toThrow(/pinned/);
  });

  it('has who pushes come again while the plant is locked, and takes it when the lock is lifted', async () => {
    const waits = asJson(event());
    plant.switched.set('somebody is inside the press');
    // Also what is under way when the lock comes: why the flow ended is for the record.
    expect(codesOf(await plant.push(historian(), waits))).toEqual([503, 'flow_opening']);
    plant.flows.closeAll('lockout');
    plant.flows.review();
    // Also once it was judged anew, and said no: what comes back is waited for.
    await until('it is refused', async () => (await plant.evidence()).some(({ code }) => code === 'lockout'));
    const answer = await plant.push(historian(), waits);
    expect([codesOf(answer), answer.headers['retry-after']]).toEqual([[503, 'flow_opening'], '1']);
    plant.switched.lift();
    plant.flows.review();
    await until('it is open', () => plant.flows.live.length === 1);
    expect(codesOf(await plant.push(historian(), waits))).toEqual([200, 'accepted']);
  });

  it('takes nothing any more from who was revoked, and nothing into a flow that was cut', async () => {
    const gone = { target: { kind: 'workload', id: historian().id } } as const;
    await plant.keeper.takeAct(await revocationOf(plant.right, gone));
    expect(codesOf(await plant.push(historian(), asJson(event())))).toEqual([409, 'no_flow']);
    const { press } = plant.collectors;
    expect(codesOf(await plant.push(press, asJson(event())))).toEqual([200, 'accepted']);
    const act = await revocationOf(plant.right, { sequence: 2 });
    await plant.keeper.takeAct(act);
    plant.flows.review();
    expect(plant.flows.live).toEqual([]);
    const [machine] = plant.right.chain.grant.document.resources;
    await until('it was judged again', () => machine !== undefined && !plant.flows.opening(machine));
    expect(codesOf(await plant.push(press, asJson(event())))).toEqual([409, 'no_flow']);
  });
});
