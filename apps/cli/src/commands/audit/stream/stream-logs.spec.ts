import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@interlock/company-side';
import type { AgreementId, EvidenceRecord } from '@interlock/domain';
import { completenessOf, newPrivateKey, publicJwkOf, thumbprintOf } from '@interlock/proof';
import { FakeClock } from '@interlock/testkit';
import { findNatsServer, openCacheFolder, startNats } from '@interlock/trial';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Siem } from '../../../../test/a-log-siem.js';
import { agreedByBoth, region } from '../../../../test/agreed-by-both.js';
import { smallLog } from '../../../../test/small-log.js';
import { type TwoCompanies, twoCompanies } from '../../../../test/two-companies.js';
import { companyBroker } from '../../company-broker.js';
import { WrongUsage } from '../../perform.js';
import type { ProvenRow } from '../proven-row.js';
import { readAnswers } from '../read-answers.js';
import { openCursor } from './cursor-file.js';
import { httpReceiver } from './http-receiver.js';
import { natsReceiver } from './nats-receiver.js';
import { type Streaming, streamLogs } from './stream-logs.js';

let folder: string;
let world: TwoCompanies;
let log: AgreementId;
/** An agreement of both before that one. */
let first: AgreementId;
/** How many records there are, all of them cosigned. */
let size: number;
/** How often the history cannot be had before it can. */
let unreachable: number;
let made: EvidenceRecord[];
let lie: <A extends { readonly rows: readonly { readonly index: number }[] }>(answer: A) => A;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'interlock-stream-'));
  world = await twoCompanies(folder);
  const regions = [region(thumbprintOf(publicJwkOf(newPrivateKey())))];
  first = (await agreedByBoth(world, { kinds: ['remote-service'], regions: [] })).id;
  const agreement = await agreedByBoth(world, { kinds: ['remote-service', 'data-collection'], regions });
  log = agreement.id;
  made = Array.from({ length: 40 }, (_, at) => recordOf(at));
  const kept = smallLog(world, log, made);
  const cosigners = [world.vendor, world.buyer];
  world.broker.before = ({ path, query }) => {
    if (path === 'GET /v1/audit/checkpoint') {
      if (unreachable-- > 0) return { status: 503, body: 'no' };
      return { body: { treeSize: size, checkpoint: kept.checkpoint(size, cosigners), logKey: '', witnesses: [] } };
    }
    return path === 'GET /v1/audit/events' ? { body: lie(kept.answer(query, cosigners)) } : undefined;
  };
});
afterAll(async () => {
  await world?.broker.stop();
  rmSync(folder, { recursive: true });
});

const recordOf = (at: number): EvidenceRecord => ({
  ...{ v: 1, id: newId('evd'), log, kind: 'session.opened', outcome: 'allow', at: Date.UTC(2026, 5, 1) + at * 60_000 },
  ...{ source: `${world.buyer.company.organisation}/plant-gateway`, organisation: world.buyer.company.organisation },
  ...{ subject: null, resource: null, agreement: null, grant: null, session: `ses_${at}`, clause: null, code: null },
  ...{ approvers: [], region: null, recipients: [], documents: [], count: 1, correlation: null },
});

let siem: Siem;
let clock: FakeClock;
let named = 0;
const upTo = (end: number) => Array.from({ length: end }, (_, at) => at);

/** A stream with a cursor of its own whose rests take no time; `atRest` says what happens meanwhile. */
function aStream(atRest: (stop: AbortController) => Promise<void> | void, more: Partial<Streaming> = {}) {
  const stop = new AbortController();
  named += 1;
  const cursor = join(folder, `cursor-${named}`);
  const told: string[] = [];
  const run = (file = cursor) =>
    streamLogs({
      ...{ company: companyBroker(world.vendor.dir), log, question: {}, batch: 2, once: false, stop: stop.signal },
      ...{ receiver: httpReceiver(siem.address, 'ndjson', {}), cursor: openCursor(file, 'test') },
      rest: async (ms) => {
        clock.advance(ms);
        await atRest(stop);
      },
      tell: (line) => void told.push(line),
      ...more,
    });
  return { run, cursor, told, stop };
}

beforeEach(async () => {
  [size, unreachable] = [6, 0];
  lie = (answer) => answer;
  clock = new FakeClock(Date.UTC(2026, 5, 1));
  siem = new Siem();
  await siem.start();
});
afterEach(() => siem.stop());

describe('a stream to a SIEM', () => {
  it('loses nothing while the SIEM is down for a day, keeps the order, and hands over what came meanwhile', async () => {
    await siem.stop();
    const day = 24 * 3_600_000;
    let back = 0;
    const stream = aStream(async (stop) => {
      // The log grows while nobody takes it.
      size = Math.min(40, 6 + Math.floor((clock.now() - Date.UTC(2026, 5, 1)) / (day / 34)));
      if (clock.now() - Date.UTC(2026, 5, 1) < day) return;
      if (back === 0) {
        back = clock.now();
        await siem.start();
      }
      if (siem.kept.length === 40) stop.abort();
    });
    expect(await stream.run()).toMatchObject({ allowed: true, value: { rows: 40 } });
    expect(siem.kept).toEqual(upTo(40));
    // It was tried again at least every minute, and not in a hurry.
    expect(stream.told.length).toBeGreaterThan(24 * 60);
    expect(stream.told.length).toBeLessThan(24 * 60 + 20);
    expect(stream.told[0]).toContain('nothing is lost');
  });

  it('goes on where it stopped after it was killed, with at most the last batch twice', async () => {
    siem.answer = () => (siem.kept.length < 4 ? 200 : 'dies');
    const stream = aStream((stop) => stop.abort());
    // The third batch was kept, and its answer was lost: the stream cannot know.
    await stream.run();
    expect(siem.kept).toEqual(upTo(6));
    siem.answer = () => 200;
    const next = aStream((stop) => stop.abort());
    await next.run(stream.cursor);
    expect(siem.kept).toEqual([...upTo(6), 4, 5]);
    await next.run(stream.cursor);
    expect(siem.kept).toHaveLength(8);
  });

  it('takes nothing but a 2xx for an answer, halves what is too large', async () => {
    const answers = [500, 302, 400, 413];
    siem.answer = () => answers.shift() ?? 200;
    const stream = aStream((stop) => void (siem.kept.length === 6 && stop.abort()));
    await stream.run();
    expect(siem.kept).toEqual(upTo(6));
    expect(siem.bodies.map((body) => body.trimEnd().split('\n').length)).toEqual([1, 1, 2, 2]);
    expect(stream.told.map((line) => /answered \d+; again in \d+ s/.exec(line)?.[0])).toEqual([
      ...['answered 500; again in 1 s', 'answered 302; again in 2 s', 'answered 400; again in 4 s'],
    ]);
  });

  it('waits for a broker that does not answer', async () => {
    unreachable = 3;
    const stream = aStream((stop) => void (siem.kept.length === 6 && stop.abort()));
    await stream.run();
    expect(siem.kept).toEqual(upTo(6));
    expect(stream.told).toHaveLength(3);
  });

  it('with --once ends at the end, or with the first batch that was not taken', async () => {
    const stream = aStream(() => undefined, { once: true });
    expect(await stream.run()).toMatchObject({ allowed: true, value: { rows: 6 } });
    size = 8;
    siem.answer = () => 503;
    await expect(stream.run()).rejects.toThrow('2 row(s) from');
    siem.answer = () => 200;
    expect(await stream.run()).toMatchObject({ value: { rows: 2 } });
    expect(siem.kept).toEqual(upTo(8));
  });

  it.each([
    ['in the middle', 3, 3],
    ['at the end', 5, 5],
  ])('goes no further than a row that the broker leaves out %s', async (_where, hidden, taken) => {
    lie = (answer) => ({ ...answer, rows: answer.rows.filter(({ index }) => index !== hidden) });
    const stream = aStream(() => undefined, { once: true });
    expect(await stream.run()).toMatchObject({ refusal: { code: 'evidence_rejected' } });
    expect(siem.kept).toEqual(upTo(taken));
    lie = (answer) => answer;
    await stream.run();
    expect(siem.kept).toEqual(upTo(6));
  });

  it('tells of the other agreements where one cannot be read', async () => {
    const stream = aStream(() => undefined, { once: true, log: undefined });
    const honest = world.broker.before;
    world.broker.before = (asked) =>
      asked.path === 'GET /v1/audit/checkpoint' && asked.query.get('log') === first
        ? { status: 404, body: { type: 'about:blank', title: 'no', status: 404, code: 'not_a_party' } }
        : honest?.(asked);
    expect(await stream.run()).toMatchObject({ allowed: false });
    world.broker.before = honest;
    expect(siem.kept).toEqual(upTo(6));
  });

  it('does not go on by the cursor of another question, or by a file that is none', () => {
    const { cursor } = aStream(() => undefined);
    openCursor(cursor, 'one question').move(log, 3);
    expect(openCursor(cursor, 'one question').next(log)).toBe(3);
    expect(() => openCursor(cursor, 'another')).toThrow(WrongUsage);
    writeFileSync(cursor, '{"next":{}}');
    expect(() => openCursor(cursor, 'one question')).toThrow('is not the cursor of a stream');
  });

  it('of a question is all of it or not, by its cursor, what its receiver kept, and the whole log', async () => {
    const question = { session: 'ses_3' };
    const stream = aStream(() => undefined, { once: true, question });
    const run = () =>
      streamLogs({
        ...{ company: companyBroker(world.vendor.dir), log, question, batch: 2, once: true, stop: stream.stop.signal },
        ...{ receiver: httpReceiver(siem.address, 'ndjson', {}), cursor: openCursor(stream.cursor, 'test', question) },
        ...{ rest: async () => undefined, tell: () => undefined },
      });
    expect(await run()).toMatchObject({ value: { rows: 1 } });
    expect(siem.answers).toEqual([{ log, filter: question, from: 0, to: 4 }]);
    const kept = join(folder, 'kept.ndjson');
    const judge = (rows: string) => {
      writeFileSync(kept, rows);
      const [told] = readAnswers(stream.cursor, kept);
      if (!told) throw new Error('the cursor names no log');
      const complete = completenessOf(told);
      for (const [index, record] of made.entries()) complete.see(index, record);
      return { treeSize: told.treeSize, ...complete.result() };
    };
    const row = siem.bodies.join('');
    // Twice the same is what a stream may do; twice otherwise, or not at all, is not.
    expect(judge(row + row)).toEqual({ treeSize: 6, missing: [], added: [], unreadable: [] });
    expect(judge('')).toMatchObject({ missing: [3], added: [] });
    expect(judge(row + row.replace('"count":1', '"count":2'))).toMatchObject({ added: expect.arrayContaining([3]) });
    expect(judge(row + row.replace('"index":3', '"index":2'))).toMatchObject({ added: expect.arrayContaining([2]) });
    expect(() => readAnswers(stream.cursor)).toThrow('--rows');
  });

  it('to a NATS server counts what JetStream acknowledged, has each row once there, and goes on after it was away', async () => {
    const cache = openCacheFolder();
    const binary = await findNatsServer(cache, () => undefined, { configured: process.env.INTERLOCK_NATS_SERVER });
    const place = { binary, configText: 'jetstream: {}\n', dir: join(folder, 'nats'), binCacheDir: cache };
    let server = await startNats(place);
    const to = new URL(`nats://127.0.0.1:${server.port}/siem.audit`);
    const again = async () => {
      server = await startNats({ ...place, port: server.port });
    };
    const receiver = natsReceiver(to, 'ndjson', {});
    let step = 0;
    const stream = aStream(
      async (stop) => {
        step += 1;
        // Nobody keeps this subject yet: nothing was taken.
        if (step === 1)
          await streamOn(server.port, (manager) => manager.streams.add({ name: 'SIEM', subjects: ['siem.>'] }));
        if (step === 2) await server.stop();
        if (step === 2) size = 12;
        if (step === 4) await again();
        if (step > 4) stop.abort();
      },
      { receiver, batch: 4 },
    );
    expect(await stream.run()).toMatchObject({ value: { rows: 12 } });
    // An acknowledgement that was lost: all of it comes again, and the stream has it once.
    rmSync(stream.cursor);
    expect(await aStream((stop) => stop.abort(), { receiver }).run(stream.cursor)).toMatchObject({
      value: { rows: 12 },
    });
    await receiver.close?.();
    const indexes = await streamOn(server.port, async (manager) => {
      const { state } = await manager.streams.info('SIEM');
      const rows = [];
      for (let seq = state.first_seq; seq <= state.last_seq; seq += 1)
        rows.push((await manager.streams.getMessage('SIEM', { seq }))?.json<ProvenRow>().index);
      return rows;
    });
    expect([...indexes].sort((a = 0, b = 0) => a - b)).toEqual(upTo(12));
    expect(stream.told.some((line) => line.includes('nothing is lost'))).toBe(true);
    await server.stop();
  });
});

async function streamOn<T>(port: number, work: (manager: JetStreamManager) => Promise<T>): Promise<T> {
  const link = await connect({ servers: `127.0.0.1:${port}` });
  try {
    return await work(await jetstreamManager(link));
  } finally {
    await link.close();
  }
}
