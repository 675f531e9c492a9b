import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOfWebhook, webhookKey } from '@interlock/company-side';
import type { Digest, LocalId, OrganisationId } from '@interlock/domain';
import type { OpenedBatch } from '@interlock/proof';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parquetReadObjects } from 'hyparquet';
import { openKeptBatches } from './kept-batches.js';
import { PARQUET } from './parquet.js';
import { openPositions } from './positions.js';
import { pushBatches } from './push-batches.js';
import { type BatchServer, serveBatches } from './serve-batches.js';
import { NDJSON, openObjects } from './write-objects.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'interlock-kept-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const PLANT = 'delta-foods.example' as OrganisationId;
const opened = (sequence: number, flow = 'grt_a', value = '1'): OpenedBatch => ({
  digest: `sha256:${flow}-${sequence}` as Digest,
  batch: {
    ...{ agreement: 'sha256:agr' as Digest, grant: 'sha256:grt' as Digest, flow, sequence, previous: null },
    gateway: { organisation: PLANT, id: 'plant-gateway' as LocalId },
    machine: { owner: PLANT, id: 'press-7' as LocalId },
    ...{ presenter: null, product: 'telemetry' as LocalId, region: 'eu-1' as LocalId, recipients: [], dropped: 0 },
    ...{ receivedAt: 1, sealedAt: 1 + sequence, observations: [{ at: '2026-06-01T12:00:00Z', key: 'force', value }] },
  },
});
const named = (all: readonly { flow: string; sequence: number }[]) => all.map((one) => `${one.flow} ${one.sequence}`);

describe('what is kept', () => {
  it('is there once and in the order in which it came, through whichever region it comes again', () => {
    const kept = openKeptBatches(folder);
    const came = [opened(0), opened(2), opened(0), opened(0, 'grt_b'), opened(1), opened(2)];
    expect(came.map((one) => kept.keep(one, 5))).toEqual([true, true, false, true, true, false]);
    for (const now of [kept, openKeptBatches(folder)]) {
      expect(named(now.read(0, 10))).toEqual(['grt_a 0', 'grt_a 2', 'grt_b 0', 'grt_a 1']);
      expect(named(now.read(1, 2))).toEqual(['grt_a 2', 'grt_b 0']);
      expect([now.first, now.next, now.read(4, 10)]).toEqual([0, 4, []]);
      expect(now.keep(opened(1), 5)).toBe(false);
    }
  });

  it('survives a crash in the middle of a line: that batch comes again, and nothing else is touched', () => {
    openKeptBatches(folder).keep(opened(0), 5);
    const [segment = ''] = readdirSync(folder);
    appendFileSync(join(folder, segment), '{"offset":1,"batch":"sha256:to');
    const kept = openKeptBatches(folder);
    expect(kept.keep(opened(1), 6)).toBe(true);
    expect(named(openKeptBatches(folder).read(0, 9))).toEqual(['grt_a 0', 'grt_a 1']);
  });

  it('is gone from the disk when it is erased, is not taken a second time, and leaves the places of the others', () => {
    const kept = openKeptBatches(folder);
    for (const [at, value] of ['secret-one', 'kept', 'secret-two'].entries()) kept.keep(opened(at, 'grt_a', value), 5);
    expect(kept.erase((one) => one.observations.some(({ value }) => value.startsWith('secret')))).toEqual([
      'sha256:grt_a-0',
      'sha256:grt_a-2',
    ]);
    const disk = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(disk.join()).not.toContain('secret');
    for (const now of [kept, openKeptBatches(folder)]) {
      expect([now.first, now.next, named(now.read(0, 9))]).toEqual([1, 3, ['grt_a 1']]);
      expect([0, 1, 2].map((at) => now.keep(opened(at), 6))).toEqual([false, false, false]);
    }
    expect(kept.erase(() => true)).toHaveLength(1);
    const again = openKeptBatches(folder);
    expect([again.first, again.next, again.keep(opened(2), 6), again.keep(opened(3), 6)]).toEqual([3, 3, false, true]);
  });
});

describe('a reader over HTTP', () => {
  let server: BatchServer;
  afterEach(() => server?.close());

  async function served() {
    const kept = openKeptBatches(join(folder, 'batches'));
    const positions = openPositions(join(folder, 'positions.json'));
    server = await serveBatches({ kept, positions, port: 0, token: 'right' });
    const ask = async (path: string, init: RequestInit = {}, token = 'right') => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { ...init, headers });
      const text = await response.text();
      const isLines = response.headers.get('content-type') === 'application/x-ndjson';
      const lines = isLines
        ? text
            .split('\n')
            .slice(0, -1)
            .map((line) => JSON.parse(line))
        : [];
      return {
        status: response.status,
        next: response.headers.get('interlock-next'),
        lines,
        body: isLines ? {} : JSON.parse(text),
      };
    };
    return { kept, positions, ask };
  }

  it('pages through it, and waits for what comes next', async () => {
    const { kept, ask } = await served();
    for (const at of [0, 1, 2]) kept.keep(opened(at), 5);
    const first = await ask('/v1/batches?most=2');
    expect([named(first.lines), first.next]).toEqual([['grt_a 0', 'grt_a 1'], '1']);
    const second = await ask('/v1/batches?after=1');
    expect([named(second.lines), second.next]).toEqual([['grt_a 2'], '2']);
    const waiting = ask('/v1/batches?after=2&wait=30');
    await ask('/v1/batches?after=2');
    kept.keep(opened(3), 5);
    expect(named((await waiting).lines)).toEqual(['grt_a 3']);
  });

  it('has a position of its own, sees how far it lags, and goes back as far as data is kept', async () => {
    const { kept, ask } = await served();
    for (const at of [0, 1, 2]) kept.keep(opened(at), 5);
    const put = (position: number) => ask('/v1/readers/lake', { method: 'PUT', body: JSON.stringify({ position }) });
    const read = async () => named((await ask('/v1/readers/lake/batches')).lines);
    expect(await read()).toEqual(['grt_a 0', 'grt_a 1', 'grt_a 2']);
    expect(await put(2)).toMatchObject({ status: 200 });
    expect(await read()).toEqual(['grt_a 2']);
    expect((await ask('/v1/readers')).body).toMatchObject({
      first: 0,
      next: 3,
      readers: [{ reader: 'lake', position: 2, lag: 1 }],
    });
    await put(0);
    expect(await read()).toHaveLength(3);
    kept.erase(({ sequence }) => sequence < 2);
    expect(await ask('/v1/readers/lake/batches')).toMatchObject({
      status: 410,
      body: { code: 'no_longer_kept', clause: '2' },
    });
    expect((await put(1)).status).toBe(410);
    expect((await put(2)).status).toBe(200);
    expect(await read()).toEqual(['grt_a 2']);
  });

  it.each([
    ['/v1/batches', 'wrong', {}, 401],
    ['/v1/batches', '', {}, 401],
    ['/v1/batches?most=1001', 'right', {}, 400],
    ['/v1/batches?after=x', 'right', {}, 400],
    ['/v1/batches?other=1', 'right', {}, 400],
    ['/v1/readers/UP/batches', 'right', {}, 404],
    ['/v1/readers/lake/batches?after=1', 'right', {}, 400],
    ['/v1/batches', 'right', { method: 'DELETE' }, 404],
    ['/v1/readers/lake', 'right', { method: 'PUT', body: '{"position":1}' }, 400],
    ['/v1/readers/lake', 'right', { method: 'PUT', body: '{"position":' }, 400],
    ['/v1/readers/lake', 'right', { method: 'PUT', body: 'x'.repeat(5_000) }, 413],
  ] as const)('that asks %s with token "%s" and %j is told %i', async (path, token, init, status) => {
    const { ask } = await served();
    expect((await ask(path, init, token)).status).toBe(status);
  });
});

describe('objects', () => {
  const objectsIn = (dir: string) =>
    readdirSync(dir)
      .filter((name) => !name.endsWith('.manifest.json'))
      .sort();

  it('hold every batch once, whole or not at all, and say in a manifest what they are', () => {
    const kept = openKeptBatches(join(folder, 'batches'));
    const dir = join(folder, 'objects');
    for (const at of [0, 1]) kept.keep(opened(at), 5);
    expect(openObjects(dir, kept, NDJSON).write()).toBe(1);
    kept.keep(opened(2), 5);
    // As a crash leaves it between an object and its manifest.
    writeFileSync(join(dir, '000000000002-000000000002.ndjson'), 'half');
    const again = openObjects(dir, kept, NDJSON);
    expect([again.next, again.write(), again.write()]).toEqual([2, 1, 0]);
    expect(objectsIn(dir)).toEqual(['000000000000-000000000001.ndjson', '000000000002-000000000002.ndjson']);
    const object = readFileSync(join(dir, '000000000000-000000000001.ndjson'));
    const manifest = JSON.parse(readFileSync(join(dir, '000000000000-000000000001.ndjson.manifest.json'), 'utf8'));
    const digest = `sha256:${createHash('sha256').update(object).digest('base64url')}`;
    expect(manifest).toMatchObject({
      digest,
      bytes: object.length,
      rows: 2,
      first: 0,
      last: 1,
      sealedFrom: 1,
      sealedTo: 2,
    });
    expect(manifest.batches).toEqual(['sha256:grt_a-0', 'sha256:grt_a-1']);
    expect(again.erase((batches) => batches.includes('sha256:grt_a-1'))).toEqual(['000000000000-000000000001.ndjson']);
    expect(readdirSync(dir)).toHaveLength(2);
  });

  it('are never removed elsewhere than in their folder, whatever a manifest there names', () => {
    const kept = openKeptBatches(join(folder, 'batches'));
    kept.keep(opened(0), 5);
    const dir = join(folder, 'objects');
    openObjects(dir, kept, NDJSON).write();
    const manifest = join(dir, '000000000000-000000000000.ndjson.manifest.json');
    const said = JSON.parse(readFileSync(manifest, 'utf8'));
    for (const object of ['../precious', '/etc/precious', '000000000000-000000000000.ndjson/../../precious']) {
      writeFileSync(manifest, JSON.stringify({ ...said, object }));
      expect(() => openObjects(dir, kept, NDJSON).erase(() => true)).toThrow('object');
    }
  });

  it('may be Parquet, with the same rows', async () => {
    const kept = openKeptBatches(join(folder, 'batches'));
    for (const at of [0, 1]) kept.keep(opened(at, 'grt_a', `value ${at}`), 5);
    const dir = join(folder, 'objects');
    openObjects(dir, kept, PARQUET).write();
    const [name = ''] = objectsIn(dir);
    const bytes = readFileSync(join(dir, name));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const rows = await parquetReadObjects({ file });
    expect(rows).toEqual(
      [0, 1].map((at) => ({
        ...{ offset: BigInt(at), sequence: BigInt(at), batch: `sha256:grt_a-${at}`, machine: `${PLANT}/press-7` },
        ...{
          product: 'telemetry',
          flow: 'grt_a',
          at: '2026-06-01T12:00:00Z',
          key: 'force',
          value: `value ${at}`,
          presenter: null,
        },
      })),
    );
  });
});

describe('a webhook', () => {
  const key = webhookKey(`whsec_${Buffer.alloc(32, 7).toString('base64')}`);
  let server: Server;
  afterEach(() => void server?.close());

  it('gets all of it, signed and in order, however often it fails, and after a restart goes on where it was', async () => {
    const kept = openKeptBatches(folder);
    const positions = () => openPositions(join(folder, 'positions.json'));
    for (let at = 0; at < 5; at += 1) kept.keep(opened(at), 5);
    const [got, ids, answers]: [string[], string[], number[]] = [[], [], [503, 200, 500, 200]];
    const stop = new AbortController();
    let wanted = 5;
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const status = isOfWebhook(key, request.headers, body, Date.now()) ? (answers.shift() ?? 200) : 401;
      ids.push(String(request.headers['webhook-id']));
      if (status === 200)
        got.push(
          ...named(
            body
              .toString()
              .trimEnd()
              .split('\n')
              .map((line) => JSON.parse(line)),
          ),
        );
      response.writeHead(status).end();
      if (got.length === wanted) stop.abort();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const to = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/in`);
    const push = (signal: AbortSignal) =>
      pushBatches({
        ...{ kept, positions: positions(), reader: 'webhook', to, tls: {}, key, now: Date.now, stop: signal },
        ...{ rest: () => Promise.resolve(), onWaiting: () => undefined },
      });
    await push(stop.signal);
    expect(got).toEqual([0, 1, 2, 3, 4].map((at) => `grt_a ${at}`));
    // Tried again it is the same message.
    expect(ids[0]).toBe(ids[1]);
    const next = new AbortController();
    wanted = 7;
    const running = push(next.signal);
    kept.keep(opened(5), 5);
    kept.keep(opened(6), 5);
    while (got.length < 7) await new Promise((resolve) => setImmediate(resolve));
    next.abort();
    await running;
    expect(got.slice(5)).toEqual(['grt_a 5', 'grt_a 6']);
  });
});
