import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileEvents, type Numbered, type PushOptions, pushEvents, type RefusedEvent } from '@interlock/client';
import { makeLeaf, writeCurlConfig } from '@interlock/company-side';
import { filePartIn, type LocalId, type OrganisationId, PART_BYTES, type Thumbprint } from '@interlock/domain';
import { newPrivateKey, privateKeyToPem, publicJwkOf, thumbprintOf } from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bundledInterlock, type Interlock } from '../../apps/cli/test/run-interlock.js';
import { aCollectingPlant, key } from '../../apps/edge-gateway/test/a-collecting-plant.js';
import { aRegion, type TestRegion } from '../../apps/edge-gateway/test/a-region.js';
import { aFolder, until } from '../../apps/edge-gateway/test/two-sides.js';

type Plant = Awaited<ReturnType<typeof aCollectingPlant>>;
let region: TestRegion;
let plant: Plant;
let interlock: Interlock;
const folder = aFolder();

beforeAll(async () => {
  region = await aRegion();
  plant = await aCollectingPlant(region, folder.path, { keys: [key('force'), key('file')] });
  await region.serve(plant.right);
  interlock = bundledInterlock();
}, 120_000);
afterAll(async () => {
  await plant?.[Symbol.asyncDispose]();
  await region?.[Symbol.asyncDispose]();
  interlock?.remove();
  folder[Symbol.dispose]();
});

let made = 0;
const event = (over: object = {}) => ({
  specversion: '1.0',
  id: `p${++made}`,
  source: '//delta-foods.example/press-7',
  type: 'machine.telemetry',
  time: '2026-11-01T08:00:00Z',
  data: { force: made },
  ...over,
});
async function* these(events: readonly object[]): AsyncGenerator<Numbered> {
  for (const [at, one] of events.entries()) yield { at, event: one };
}
const gatewayKey = () => thumbprintOf(publicJwkOf(plant.right.who.gateway.key));

async function pushed(
  events: readonly object[],
  over: { port?: number; gateway?: Thumbprint } & Partial<PushOptions> = {},
) {
  const { port = plant.door.port, gateway = gatewayKey(), ...more } = over;
  const refused: RefusedEvent[] = [];
  const report = await pushEvents(these(events), {
    door: { host: '127.0.0.1', port, gateway, leaf: () => makeLeaf(plant.collectors.historian.key, Date.now()) },
    onRefused: (one) => refused.push(one),
    rest: () => new Promise((done) => setImmediate(done)),
    ...more,
  });
  return { report, refused };
}

/** What the vendor has opened since the last look. */
async function arrived(): Promise<string[]> {
  const spool = join(folder.path, 'flows', plant.right.grant.id);
  await until('the spool is empty', () => !readdirSync(spool).some((name) => name.endsWith('.sealed')));
  const sealed: unknown[] = [];
  for (let more = await region.pulled(); more.length > 0; more = await region.pulled()) sealed.push(...more);
  return (await plant.opened(sealed)).flatMap(({ batch }) => batch.observations.map(({ value }) => String(value)));
}

/** An uplink before the door that can be down. */
async function anUplink(): Promise<{
  readonly port: number;
  up: boolean;
  readonly refusals: () => number;
  server: Server;
}> {
  let turnedAway = 0;
  const uplink = { port: 0, up: false, refusals: () => turnedAway, server: createServer(pass) };
  function pass(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (!uplink.up) {
      turnedAway += 1;
      socket.destroy();
      return;
    }
    const on = connect(plant.door.port, '127.0.0.1');
    on.on('error', () => socket.destroy());
    socket.pipe(on).pipe(socket);
  }
  uplink.server.listen(0, '127.0.0.1');
  await once(uplink.server, 'listening');
  uplink.port = (uplink.server.address() as AddressInfo).port;
  return uplink;
}

describe('the client of a gateway’s door', () => {
  it('pushes in order and in batches; the same again has no second effect, and what is refused is named', async () => {
    const events = Array.from({ length: 700 }, () => event());
    const odd = event({ source: '//delta-foods.example/press-9' });
    const huge = event({ data: { force: 'x'.repeat(70_000) } });
    const { report, refused } = await pushed([...events.slice(0, 3), odd, huge, ...events.slice(3)]);
    expect(report).toEqual({ allowed: true, value: { accepted: 700, repeated: 0, refused: 2 } });
    expect(refused).toEqual([
      { at: 4, code: 'event_too_large', change: expect.any(String) },
      { at: 3, code: 'not_a_party', change: expect.any(String) },
    ]);
    expect(await arrived()).toEqual(events.map((one) => String(one.data.force)));
    expect(await pushed(events)).toMatchObject({ report: { value: { accepted: 0, repeated: 700 } } });
    expect(await arrived()).toEqual([]);
  });

  it('gives nothing to whoever answers in the place of the gateway', async () => {
    const stranger = thumbprintOf(publicJwkOf(newPrivateKey()));
    const { report } = await pushed([event()], { gateway: stranger });
    expect(report).toMatchObject({ allowed: false, refusal: { code: 'unknown_key', clause: 'door' } });
    expect(await arrived()).toEqual([]);
  });

  it('goes on with the same push when the door comes back, and gives up when it is told to', async () => {
    const uplink = await anUplink();
    const waited: string[] = [];
    const onWaiting = (why: string) => {
      waited.push(why);
      uplink.up = uplink.refusals() >= 2;
    };
    const events = [event(), event()];
    const { report } = await pushed(events, { port: uplink.port, onWaiting });
    expect(report).toEqual({ allowed: true, value: { accepted: 2, repeated: 0, refused: 0 } });
    expect(waited.length).toBeGreaterThanOrEqual(2);
    uplink.up = false;
    const abort = new AbortController();
    const left = await pushed([event()], { port: 1, signal: abort.signal, onWaiting: () => abort.abort() });
    expect(left.report).toEqual({ allowed: true, value: { accepted: 0, repeated: 0, refused: 0 } });
    uplink.server.close();
    expect(await arrived()).toHaveLength(2);
  });
});

describe('a large file', () => {
  /** The door through a line that breaks after so many bytes, and stays broken. */
  async function aLineThatBreaks(after: number): Promise<{ port: number; close(): void }> {
    let left = after;
    const server = createServer((socket) => {
      const on = connect(plant.door.port, '127.0.0.1');
      for (const one of [socket, on]) one.on('error', () => [socket, on].map((each) => each.destroy()));
      socket.on('data', (chunk) => {
        left -= chunk.length;
        if (left < 0) for (const one of [socket, on]) one.destroy();
        else on.write(chunk);
      });
      on.pipe(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { port: (server.address() as AddressInfo).port, close: () => server.close() };
  }

  it('goes on where a killed connection broke it off: every byte arrives, and none of it twice', async () => {
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 31) % 256));
    const source = { owner: 'delta-foods.example' as OrganisationId, id: 'press-7' as LocalId };
    const parts: { at: number; event: object }[] = [];
    for await (const one of fileEvents(bytes, 'press-7.bin', source)) parts.push(one);
    const events = parts.map(({ event }) => event);
    const line = await aLineThatBreaks(250_000);
    const abort = new AbortController();
    const first = await pushed(events, { port: line.port, signal: abort.signal, onWaiting: () => abort.abort() });
    line.close();
    const taken = first.report.allowed ? first.report.value.accepted : 0;
    expect([taken > 0, taken < events.length]).toEqual([true, true]);
    const again = await pushed(events);
    expect(again.report).toMatchObject({ value: { refused: 0 } });
    if (again.report.allowed) expect(again.report.value.repeated).toBeGreaterThanOrEqual(taken);
    const found = (await arrived()).map((text) => filePartIn(text));
    expect(found.map((part) => part?.at).sort((a = 0, b = 0) => a - b)).toEqual(
      Array.from({ length: Math.ceil(bytes.length / PART_BYTES) }, (_, n) => n * PART_BYTES),
    );
    const whole = found.sort((a, b) => (a?.at ?? 0) - (b?.at ?? 0)).map((part) => Buffer.from(part?.hex ?? '', 'hex'));
    expect(Buffer.concat(whole).equals(bytes)).toBe(true);
  }, 60_000);
});

describe('interlock data push', () => {
  it('pushes a file line by line, says which lines were not taken, and ends with 1 if any was not', async () => {
    const place = join(folder.path, 'historian');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'key.pem'), privateKeyToPem(plant.collectors.historian.key), { mode: 0o600 });
    const gateway = publicJwkOf(plant.right.who.gateway.key);
    await writeCurlConfig({ folder: place, door: `127.0.0.1:${plant.door.port}`, gateway, now: Date.now() });
    const good = join(folder.path, 'good.ndjson');
    const [one, two] = [event(), event()];
    writeFileSync(good, `${JSON.stringify(one)}\n\n${JSON.stringify(two)}`);
    const all = await interlock.run('data', 'push', place, good, '--json');
    expect(all).toMatchObject({ code: 0, json: { ok: true, accepted: 2, repeated: 0, refused: 0 } });
    writeFileSync(good, `${JSON.stringify(one)}\nnot JSON\n[]\n${JSON.stringify(event({ id: '' }))}\n`);
    const some = await interlock.run('data', 'push', place, good, '--json');
    expect(some).toMatchObject({ code: 1, json: { accepted: 0, repeated: 1, refused: 3 } });
    expect(some.stderr).toMatch(/^line 2 was not taken: not_json\. .*\nline 3 was not taken: not_json/m);
    expect(some.stderr).toMatch(/^line 4 was not taken: event_malformed/m);
    const file = join(folder.path, 'firmware-4.2.bin');
    writeFileSync(file, Buffer.alloc(10_000, 7));
    const push = () => interlock.run('data', 'push', place, file, '--whole', 'delta-foods.example/press-7', '--json');
    expect(await push()).toMatchObject({ code: 0, json: { accepted: 1, repeated: 0, refused: 0 } });
    expect(await push()).toMatchObject({ code: 0, json: { accepted: 0, repeated: 1, refused: 0 } });
    const nowhere = await interlock.run('data', 'push', folder.path, good, '--json');
    expect(nowhere.code).not.toBe(0);
    expect(String(nowhere.json.error)).toContain('interlock data credentials');
    expect(await arrived()).toHaveLength(5);
  });
});
