// An evidence log and what a lying operator may make of it, shown to the reader, the whole-log verifier and the witness that companies use.

import type { KeyObject } from 'node:crypto';
import { auditAnswer } from '@interlock/contracts';
import { type EvidenceRecord, evidenceOf } from '@interlock/domain';
import {
  appendLeaves,
  canonicalBytes,
  cosign,
  cosignIfConsistent,
  emptyFrontier,
  encodeBase64,
  formatCheckpointText,
  formatSignatureLine,
  frontierRoot,
  type Hash,
  hashLeaf,
  type LogReader,
  logNoteKey,
  logReader,
  type NoteKey,
  newPrivateKey,
  proveConsistency,
  proveInclusion,
  rawEd25519,
  signCheckpoint,
  trust,
  verifyLogAnswer,
  verifyWholeLog,
  witnessNoteKey,
} from '@interlock/proof';
import { aRight, BUYER, NOW } from '@interlock/testkit/builders';
import { alterations } from './alter.js';
import { codeOf, type Tampered, type TamperingArea } from './tampering.js';

const RECORDS = 11;
const SEEN = 5;

interface Witness {
  readonly key: KeyObject;
  readonly name: NoteKey;
}

interface World {
  readonly log: string;
  readonly logKey: KeyObject;
  readonly logName: NoteKey;
  readonly reader: LogReader;
  readonly witnesses: readonly Witness[];
  readonly records: readonly EvidenceRecord[];
}

const sure = <T>(decision: { allowed: true; value: T } | { allowed: false }): T => {
  if (!decision.allowed) throw new Error('an honest part is not taken');
  return decision.value;
};

let made: Promise<World> | undefined;
const world = (): Promise<World> => {
  made ??= makeWorld();
  return made;
};

async function makeWorld(): Promise<World> {
  const { who, agreement } = await aRight();
  const holders = [
    await who.vendor.holder('witness', 'witness', ['witness']),
    await who.buyer.holder('witness', 'witness', ['witness']),
  ];
  const certificates = holders.map((one) => one.certificate);
  const ring = sure(await trust([who.vendor.entity, who.buyer.entity], certificates, who.pins, NOW));
  const logKey = newPrivateKey();
  const logName = sure(logNoteKey('broker.example', agreement.id, rawEd25519(logKey)));
  const records = Array.from({ length: RECORDS }, (_, at) =>
    evidenceOf(`${BUYER}/plant-gateway`, `evd_${String(at).padStart(26, '0')}`, {
      ...{ log: agreement.id, kind: 'session.opened', outcome: 'allow', at: NOW + at, organisation: BUYER },
      ...{ session: `ses_${at}`, count: at, ticket: 'INC-1', reason: 'a leaking valve' },
    }),
  );
  const witnesses = holders.map(({ key, signer }) => ({
    key,
    name: sure(witnessNoteKey(signer.organisation, rawEd25519(key))),
  }));
  return { log: agreement.id, logKey, logName, reader: logReader(agreement, ring, logName), witnesses, records };
}

/** A log of these records as the service would keep it, signed by this key under this name. */
function logOf(made: World, records: readonly EvidenceRecord[], key = made.logKey, name = made.logName) {
  const nodes = new Map<string, Hash>();
  const leaves = records.map((record) => hashLeaf(canonicalBytes(record)));
  const frontier = appendLeaves(emptyFrontier(), leaves, (at, hash) => nodes.set(`${at.level}/${at.index}`, hash));
  const read = ({ level, index }: { level: number; index: number }) => nodes.get(`${level}/${index}`) as Hash;
  const checkpoint = { origin: name.name, size: records.length, root: frontierRoot(frontier) };
  const signed = signCheckpoint(checkpoint, name, key);
  const line = ({ key: own, name: by }: Witness) =>
    formatSignatureLine(cosign(formatCheckpointText(checkpoint), by, own, NOW / 1_000));
  return { read, root: checkpoint.root, signed, note: signed + made.witnesses.map(line).join(''), line };
}

/** The answer to a question for everything, with the note it stands on. */
function answerOf(made: World, records = made.records, note = logOf(made, records).note, told = records) {
  const { read } = logOf(made, records);
  const rows = told.map((record, index) => ({
    ...{ index, record },
    proof: sure(proveInclusion(index, records.length, read)).map(encodeBase64),
  }));
  return { filter: { log: made.log, limit: 100 }, treeSize: records.length, checkpoint: note, rows, next: null };
}

const reads = ({ log, reader }: World, answer: unknown) =>
  codeOf(
    (async () => {
      const shape = auditAnswer.safeParse(answer);
      return shape.success
        ? verifyLogAnswer(shape.data, log, reader)
        : { allowed: false, refusal: { code: 'malformed' } };
    })(),
  );

/** Each row of an answer, and the checkpoint it stands on, in every way that JSON allows. */
async function* answers(): AsyncIterable<Tampered> {
  const made = await world();
  const honest = answerOf(made);
  if ((await reads(made, honest)) !== undefined) throw new Error('the honest answer is refused');
  for (const at of [0, 6, RECORDS - 1])
    for (const altered of alterations(honest.rows[at])) {
      const rows = honest.rows.map((row, index) => (index === at ? altered.value : row));
      yield { what: `row ${at}${altered.at}`, refused: await reads(made, { ...honest, rows }) };
    }
  for (const altered of alterations(honest.treeSize))
    yield { what: `treeSize${altered.at}`, refused: await reads(made, { ...honest, treeSize: altered.value }) };
}

/** Every letter of the note, with each of three bits turned. */
async function* notes(): AsyncIterable<Tampered> {
  const made = await world();
  const honest = answerOf(made);
  const text = honest.checkpoint;
  for (let at = 0; at < text.length; at += 1)
    for (const bit of [1, 4, 32]) {
      const checkpoint = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ bit) + text.slice(at + 1);
      yield { what: `letter ${at} ^ ${bit}`, refused: await reads(made, { ...honest, checkpoint }) };
    }
}

/** Every byte of every entry of a copied log, one bit turned; and entries dropped, doubled, turned round and cut short. */
async function* copies(): AsyncIterable<Tampered> {
  const made = await world();
  const { note } = logOf(made, made.records);
  const entries = made.records.map((record) => canonicalBytes(record));
  const verify = (all: readonly Uint8Array[]) => codeOf(verifyWholeLog(note, made.log, made.reader, all));
  if ((await verify(entries)) !== undefined) throw new Error('the honest copy is refused');
  for (const [at, entry] of entries.entries()) {
    const put = (...other: readonly Uint8Array[]) => entries.flatMap((one, index) => (index === at ? other : [one]));
    yield { what: `without ${at}`, refused: await verify(put()) };
    // What stands past the tree is nothing that was signed, and is not looked at.
    if (at < RECORDS - 1) yield { what: `${at} twice`, refused: await verify(put(entry, entry)) };
    yield { what: `${at} cut short`, refused: await verify(put(entry.subarray(0, -1))) };
    for (let byte = 0; byte < entry.length; byte += 3) {
      const altered = Buffer.from(entry);
      altered[byte] = (altered[byte] ?? 0) ^ 1;
      yield { what: `${at} byte ${byte}`, refused: await verify(put(altered)) };
    }
  }
  yield { what: 'turned round', refused: await verify(entries.toReversed()) };
}

/** Every lie about a history of every length: forked, dropped, rewritten, turned back, swapped, under another name or key, told to one side alone. */
async function* histories(): AsyncIterable<Tampered> {
  const made = await world();
  const { records } = made;
  const rewritten = (at: number) => records.map((one, index) => (index === at ? { ...one, count: 99 } : one));
  const before = logOf(made, records.slice(0, SEEN));
  const seen = { size: SEEN, root: before.root };
  const asks = (history: readonly EvidenceRecord[], key = made.logKey, name = made.logName, oldSize = SEEN) => {
    const log = logOf(made, history, key, name);
    const proof = history.length < SEEN ? [] : sure(proveConsistency(SEEN, history.length, log.read));
    return codeOf(Promise.resolve(cosignIfConsistent(seen, { note: log.signed, oldSize, proof }, made.logName)));
  };
  if ((await asks(records)) !== undefined) throw new Error('an honest log is not cosigned');
  const other = newPrivateKey();
  const otherName = sure(logNoteKey('broker.example', made.log, rawEd25519(other)));
  const another = sure(logNoteKey('broker.example', `${made.log.slice(0, -1)}0`, rawEd25519(made.logKey)));
  for (let at = 0; at < SEEN; at += 1) {
    yield { what: `rewritten ${at}`, refused: await asks(rewritten(at)) };
    yield { what: `dropped ${at}`, refused: await asks(records.filter((_, index) => index !== at)) };
    yield { what: `turned back to ${at}`, refused: await asks(records.slice(0, at)) };
    yield { what: `forked at ${at}`, refused: await asks(rewritten(at).slice(0, SEEN)) };
    yield { what: `counted from ${at}`, refused: await asks(records, made.logKey, made.logName, at) };
    const swapped = records.map((one, index) => (index === at ? (records[at + 1] ?? one) : one));
    yield { what: `replayed ${at}`, refused: await asks(swapped) };
  }
  for (let size = SEEN; size <= RECORDS; size += 1) {
    const history = records.slice(0, size);
    yield { what: `another key at ${size}`, refused: await asks(history, other, otherName) };
    yield { what: `another log at ${size}`, refused: await asks(history, made.logKey, another) };
    const { signed, line } = logOf(made, history);
    for (const [who, witness] of made.witnesses.entries()) {
      const alone = signed + line(witness);
      yield { what: `told to ${who} alone at ${size}`, refused: await reads(made, answerOf(made, history, alone)) };
      yield {
        what: `${who} twice at ${size}`,
        refused: await reads(made, answerOf(made, history, alone + line(witness))),
      };
    }
    const mine = logOf(made, rewritten(2).slice(0, size));
    const told = answerOf(made, history, mine.note);
    yield { what: `another history under the note at ${size}`, refused: await reads(made, told) };
    for (const [at, record] of rewritten(2).slice(0, size).entries())
      if (at === 2) {
        const rows = told.rows.map((row) => (row.index === at ? { ...row, record } : row));
        yield { what: `a row of it at ${size}`, refused: await reads(made, { ...answerOf(made, history), rows }) };
      }
  }
}

export const audit: TamperingArea = { answers, notes, copies, histories };
