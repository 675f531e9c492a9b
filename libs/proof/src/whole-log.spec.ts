import type { EvidenceRecord } from '@interlock/domain';
import { aRight, BUYER, NOW, type Right, VENDOR } from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { canonicalBytes } from './canonical-json.js';
import { newSalt, openRecord, withhold } from './disclosure.js';
import { newPrivateKey } from './keys.js';
import {
  appendLeaves,
  cosign,
  emptyFrontier,
  formatCheckpointText,
  formatSignatureLine,
  frontierRoot,
  hashLeaf,
  logNoteKey,
  rawEd25519,
  signCheckpoint,
  witnessNoteKey,
} from './log/index.js';
import { type LogReader, logReader } from './log-answer.js';
import { trust } from './trust.js';
import { completenessOf, entriesOf, filesOfLog, type ToldAnswer, tilePathOf, verifyWholeLog } from './whole-log.js';

let right: Right;
let reader: LogReader;
let records: EvidenceRecord[];
let entries: Buffer[];
let note: string;
let onlyOne: string;

beforeAll(async () => {
  right = await aRight();
  const { vendor, buyer, pins } = right.who;
  const witnesses = [
    await vendor.holder('witness', 'witness', ['witness']),
    await buyer.holder('witness', 'witness', ['witness']),
  ];
  const certificates = witnesses.map((one) => one.certificate);
  const ring = await trust([vendor.entity, buyer.entity], certificates, pins, NOW);
  const logKey = newPrivateKey();
  const log = logNoteKey('broker.example', right.agreement.id, rawEd25519(logKey));
  if (!ring.allowed || !log.allowed) throw new Error('keys');
  reader = logReader(right.agreement, ring.value, log.value);
  records = Array.from({ length: 7 }, (_, at) => recordOf(at));
  entries = records.map((record) => canonicalBytes(record));
  const root = frontierRoot(appendLeaves(emptyFrontier(), entries.map(hashLeaf)));
  const checkpoint = { origin: log.value.name, size: 7, root };
  const lines = witnesses.map(({ key, signer }) => {
    const witness = witnessNoteKey(signer.organisation, rawEd25519(key));
    if (!witness.allowed) throw new Error('witness key');
    return formatSignatureLine(cosign(formatCheckpointText(checkpoint), witness.value, key, NOW / 1000));
  });
  onlyOne = signCheckpoint(checkpoint, log.value, logKey) + lines[0];
  note = onlyOne + lines[1];
});

const recordOf = (at: number): EvidenceRecord => ({
  ...{ v: 1, id: `evd_0123456789abcdefghjkmnpqr${at}`, log: right.agreement.id, kind: 'session.opened' },
  ...{ outcome: at % 2 === 0 ? 'allow' : 'deny', at: NOW + at, source: `${BUYER}/plant-gateway`, organisation: BUYER },
  ...{ subject: null, resource: null, agreement: null, grant: null, session: null, clause: null, code: null },
  ...{ approvers: [], region: null, recipients: [], documents: [], count: 0, correlation: null },
});

const read = (leaves: readonly Uint8Array[], checkpoint = note) =>
  verifyWholeLog(checkpoint, right.agreement.id, reader, leaves);

describe('a whole log', () => {
  it('is the tree that both cosigned, and every record of it is seen at its place', async () => {
    const seen: [number, string][] = [];
    const verified = await verifyWholeLog(note, right.agreement.id, reader, entries, (index, { id }) =>
      seen.push([index, id]),
    );
    expect(verified).toMatchObject({ allowed: true, value: { checkpoint: { size: 7 }, cosigned: { length: 2 } } });
    expect(seen).toEqual(records.map(({ id }, at) => [at, id]));
  });

  it('is not one that only one side cosigned', async () => {
    expect(await read(entries, onlyOne)).toMatchObject({ refusal: { code: 'not_cosigned' } });
  });

  it('is none with a record dropped, rewritten, replayed, moved or of another log', async () => {
    const [first, second, ...rest] = entries as [Buffer, Buffer, ...Buffer[]];
    const other = canonicalBytes({ ...recordOf(1), log: 'operator' });
    const lies: [string, Buffer[], string][] = [
      ['dropped at the end', entries.slice(0, -1), 'row 6'],
      ['dropped inside', [first, ...rest], 'row 6'],
      ['rewritten', [first, canonicalBytes({ ...recordOf(1), outcome: 'allow' }), ...rest], 'checkpoint'],
      ['replayed', [first, first, ...rest], 'row 1'],
      ['moved', [second, first, ...rest], 'checkpoint'],
      ['of another log', [first, other, ...rest], 'row 1'],
      ['spelled otherwise', [first, Buffer.from(` ${second}`), ...rest], 'row 1'],
    ];
    for (const [what, leaves, clause] of lies)
      expect([what, await read(leaves)]).toMatchObject([what, { refusal: { code: 'evidence_rejected', clause } }]);
  });
});

describe('"is this all of it?"', () => {
  const judged = (answer: ToldAnswer) => {
    const complete = completenessOf(answer);
    for (const [index, record] of records.entries()) complete.see(index, record);
    return complete.result();
  };
  const told = (indexes: readonly number[], treeSize = 7): ToldAnswer => ({
    treeSize,
    filter: { outcome: 'deny' },
    rows: indexes.map((index) => ({ index, record: records[index] as EvidenceRecord })),
  });

  it('is a yes for every row that fits, of the tree that the answer names', () => {
    expect(judged(told([1, 3, 5]))).toEqual({ missing: [], added: [], unreadable: [] });
    expect(judged(told([1, 3], 5))).toEqual({ missing: [], added: [], unreadable: [] });
  });

  it('names what was left out, also of an empty answer', () => {
    expect(judged(told([1, 5]))).toEqual({ missing: [3], added: [], unreadable: [] });
    expect(judged(told([]))).toEqual({ missing: [1, 3, 5], added: [], unreadable: [] });
  });

  it('names what does not fit, what is not so in the log, what is told twice and what is outside the tree', () => {
    expect(judged(told([1, 2, 3, 5]))).toEqual({ missing: [], added: [2], unreadable: [] });
    expect(judged(told([1, 3, 5], 5))).toEqual({ missing: [], added: [5], unreadable: [] });
    expect(judged(told([1, 3, 5, 5]))).toEqual({ missing: [], added: [5], unreadable: [] });
    const rewritten = { ...told([1, 3]), rows: [...told([1, 3]).rows, { index: 5, record: recordOf(3) }] };
    expect(judged(rewritten)).toEqual({ missing: [], added: [5], unreadable: [] });
  });

  it('says where nobody can tell: what a record withholds was erased, or is not held', () => {
    const subject = { organisation: VENDOR, kind: 'person', id: 'technician' } as EvidenceRecord['subject'];
    const closed = withhold({ ...recordOf(1), subject }, newSalt);
    const open = openRecord(closed.record, closed.opened);
    if (!open.allowed) throw new Error('open');
    const answer = (rows: ToldAnswer['rows']) => ({ treeSize: 7, filter: { subject: 'technician' }, rows });
    const judge = (rows: ToldAnswer['rows'], seen: EvidenceRecord) => {
      const complete = completenessOf(answer(rows));
      complete.see(1, seen);
      return complete.result();
    };
    expect(judge([], open.value)).toEqual({ missing: [1], added: [], unreadable: [] });
    expect(judge([], closed.record)).toEqual({ missing: [], added: [], unreadable: [1] });
    expect(judge([{ index: 1, record: open.value }], closed.record)).toEqual({
      missing: [],
      added: [],
      unreadable: [1],
    });
    // Somebody else in the same place is no row of this log.
    const other = { ...open.value, approvers: ['somebody'] as unknown as EvidenceRecord['approvers'] };
    expect(judge([{ index: 1, record: other }], open.value)).toEqual({ missing: [], added: [1], unreadable: [] });
  });
});

describe('the files of a log', () => {
  it('have the names of C2SP tlog-tiles', () => {
    expect(tilePathOf(0, 1_234_067, 256)).toBe('tile/0/x001/x234/067');
    expect(tilePathOf('entries', 5, 17)).toBe('tile/entries/005.p/17');
    expect([...filesOfLog(70_000)].filter(({ path }) => !/^tile\/(0|entries)\//.test(path))).toEqual([
      { path: 'tile/1/000', entries: false },
      { path: 'tile/1/001.p/17', entries: false },
      { path: 'tile/2/000.p/1', entries: false },
    ]);
    expect([...filesOfLog(0)]).toEqual([]);
  });

  it('hold whole entries or none', () => {
    const bundle = Buffer.from([0, 1, 65, 0, 0, 0, 2, 66, 67]);
    expect(entriesOf(bundle)?.map(String)).toEqual(['A', '', 'BC']);
    for (const cut of [1, 2, 8]) expect(entriesOf(bundle.subarray(0, cut))).toBeUndefined();
  });
});
