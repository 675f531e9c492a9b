import { writeFileSync } from 'node:fs';
import { type BrokerClient, BrokerUnavailable, type Journal, openJournal } from '@interlock/company-side';
import {
  allow,
  type ChainHead,
  chainFault,
  type EvidenceRecord,
  headAfter,
  refuse,
  type Ticket,
} from '@interlock/domain';
import { digestOf, signTicket } from '@interlock/proof';
import { aRight, type Right } from '@interlock/testkit/builders';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { aFolder, provisionedFor, quiet, until } from '../../test/two-sides.js';
import { gatewayClock } from '../gateway-clock.js';
import { cosignWatch } from './cosign-watch.js';
import { type EvidenceBook, evidenceBook } from './evidence-book.js';

const SMALL = { maxBytes: 40_000, reservedBytes: 20_000 };

let right: Right;
let folder: ReturnType<typeof aFolder>;
let journal: Journal;
let book: EvidenceBook;
/** What the broker does with the next batches; it keeps what it takes, in order. */
let answers: ('take' | 'be away' | 'refuse' | 'take and be away')[];
let taken: EvidenceRecord[];

beforeAll(async () => {
  right = await aRight({}, Date.now());
});
beforeEach(async () => {
  folder = aFolder();
  [answers, taken] = [[], []];
  await open();
});
afterEach(async () => {
  await journal.close();
  folder[Symbol.dispose]();
});

async function open(limits = { maxBytes: 4_000_000, reservedBytes: 100_000 }): Promise<void> {
  journal = await openJournal(`${folder.path}/journal`, limits);
  const self = provisionedFor(right);
  const clock = gatewayClock(folder.path, 0);
  const watch = cosignWatch(clock.monotonic);
  book = evidenceBook({ self, clock, log: quiet, journal, broker: theBroker(), watch });
}

function theBroker(): BrokerClient {
  const post: BrokerClient['post'] = async (_target, body, schema) => {
    const { records } = body as { records: EvidenceRecord[] };
    const answer = answers.shift() ?? 'take';
    if (answer === 'be away') throw new BrokerUnavailable('nobody there');
    if (answer === 'refuse') return refuse('rate_limited');
    taken.push(...records);
    if (answer === 'take and be away') throw new BrokerUnavailable('the answer was lost');
    return allow(schema.parse({ accepted: records.map(({ id }) => id), parked: [] }));
  };
  const never = () => Promise.reject(new Error('not asked here'));
  return { get: never, put: never, post };
}

const note = (session: string, urgent = false) =>
  book.note(
    right.agreement.id,
    undefined,
    { kind: urgent ? 'session.cut' : 'session.opened', outcome: urgent ? 'cut' : 'allow', at: 1, session },
    urgent,
  );
const sessions = () => taken.map(({ session }) => session);
const everything = () =>
  until('all is delivered', async () => {
    await book.deliver();
    return journal.delivered === journal.head.sequence;
  });

describe("the gateway's evidence", () => {
  it('is on disk before it is anywhere else, and reaches the broker in order', async () => {
    answers = ['be away', 'be away', 'refuse'];
    for (const name of ['one', 'two', 'three']) expect(await note(name)).toEqual(allow(true));
    expect(journal.head.sequence).toBe(3);
    await everything();
    expect(sessions()).toEqual(['one', 'two', 'three']);
  });

  it('names the trace that its session was asked for in', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const offered = (ticket: string) =>
      book.refused(
        { session: 'ses_1', ticket, chain: { agreement: { document: { id: right.agreement.id } } } } as never,
        { code: 'lockout' },
      );
    const claims = { iss: 'broker', iat: 1 } as Ticket;
    await offered(await signTicket(claims, right.who.gateway.signer, trace));
    await offered(await signTicket(claims, right.who.gateway.signer));
    await everything();
    expect(taken.map(({ correlation }) => correlation)).toEqual([trace, null]);
  });

  it('follows its own records in each log, over a lost answer and a restart, and forks where an older disk is put back', async () => {
    answers = ['take', 'take and be away'];
    await note('one');
    await everything();
    const { beside, delivered } = journal;
    await note('two');
    await note('three', true);
    await everything();
    await journal.close();
    await open();
    await note('four');
    await everything();
    const faults = () => {
      const heads = new Map<string, ChainHead>();
      const once = [...new Map(taken.map((record) => [record.id, record])).values()];
      return once.map((record) => {
        const [head, name] = [heads.get(record.log), record.log];
        heads.set(name, headAfter(head, record.place, digestOf(record)));
        return chainFault(head, record.place);
      });
    };
    expect(taken.length).toBeGreaterThan(4);
    expect(faults()).toEqual([undefined, undefined, undefined, undefined]);
    for (const { id } of taken) expect(new Set(taken.filter((one) => one.id === id).map(digestOf)).size).toBe(1);
    await journal.close();
    writeFileSync(`${folder.path}/journal/cursor.json`, JSON.stringify({ delivered: journal.delivered, beside }));
    expect(delivered).toBe(1);
    await open();
    await note('five');
    await everything();
    expect(faults().at(-1)).toBe('evidence_fork');
  });

  it('is handed over again when the answer was lost, under the same ids', async () => {
    answers = ['take and be away'];
    await note('one');
    await everything();
    expect(sessions()).toEqual(['one', 'one']);
    expect(new Set(taken.map(({ id }) => id)).size).toBe(1);
  });

  it('is handed over after a restart, once', async () => {
    answers = Array.from({ length: 20 }, () => 'be away' as const);
    await note('one');
    await book.deliver();
    await journal.close();
    answers = [];
    await open();
    await everything();
    await book.deliver();
    expect(sessions()).toEqual(['one']);
  });

  it('goes to nobody while a receipt alone is kept', async () => {
    await journal.append({ kept: 'receipt', session: 'ses_1', receipt: {} });
    await everything();
    expect(taken).toEqual([]);
  });

  it('refuses an opening on a full disk, and still takes the cut', async () => {
    await journal.close();
    folder[Symbol.dispose]();
    folder = aFolder();
    await open(SMALL);
    answers = Array.from({ length: 1_000 }, () => 'be away' as const);
    let last = await note('first');
    for (let count = 0; last.allowed && count < 200; count++) last = await note(`session ${count}`);
    expect(last).toMatchObject({ refusal: { code: 'evidence_unavailable' } });
    expect(await note('cut', true)).toEqual(allow(true));
  });

  it('that cannot be marked as delivered is no reason to stop', async () => {
    await note('one');
    await everything();
    await note('two');
    await journal.close();
    folder[Symbol.dispose]();
    await expect(book.deliver()).resolves.toBeUndefined();
    folder = aFolder();
    await open();
  });
});
