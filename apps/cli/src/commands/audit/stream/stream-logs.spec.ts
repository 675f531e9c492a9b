import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@interlock/company-side';
import type { AgreementId, EvidenceRecord } from '@interlock/domain';
import { newPrivateKey, publicJwkOf, thumbprintOf } from '@interlock/proof';
import { FakeClock } from '@interlock/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { agreedByBoth, region } from '../../../../test/agreed-by-both.js';
import { smallLog } from '../../../../test/small-log.js';
import { type TwoCompanies, twoCompanies } from '../../../../test/two-companies.js';
import { companyBroker } from '../../company-broker.js';
import { WrongUsage } from '../../perform.js';
import { openCursor } from './cursor-file.js';
import { httpReceiver } from './http-receiver.js';
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

/** A receiver as a SIEM is one: a server of its own, that can be away, full, or die after it has kept what it then says nothing about. */
class Siem {
  readonly kept: number[] = [];
  readonly bodies: string[] = [];
  answer: () => number | 'dies' = () => 200;
  private server: Server | undefined;
  private port = 0;

  async start(): Promise<void> {
    this.server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const status = this.answer();
      if (status === 200 || status === 'dies') {
        this.bodies.push(body);
        for (const line of body.trimEnd().split('\n')) this.kept.push(JSON.parse(line).index);
      }
      if (status === 'dies') request.socket.destroy();
      else response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  get address(): URL {
    return new URL(`http://127.0.0.1:${this.port}/in`);
  }
}

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
});
