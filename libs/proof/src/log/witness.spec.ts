import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { signCheckpoint } from './checkpoint.js';
import { appendLeaves, emptyFrontier, frontierRoot, type Hash, hashLeaf, type NodeReader } from './merkle.js';
import { proveConsistency } from './merkle-proof.js';
import { NOTE_ED25519, noteKey, rawEd25519 } from './note.js';
import { type CosignRequest, cosignIfConsistent, type SeenCheckpoint } from './witness.js';

const ORIGIN = 'broker.example/agr_1';
const { privateKey } = generateKeyPairSync('ed25519');
const madeKey = noteKey(ORIGIN, NOTE_ED25519, rawEd25519(privateKey));
if (!madeKey.allowed) throw new Error(madeKey.refusal.code);
const logKey = madeKey.value;

/** A log over the given entries that signs whatever it is told to, like a log whose operator lies. */
function aLog(entries: readonly string[]) {
  const nodes = new Map<string, Hash>();
  const frontierAt = (size: number) =>
    appendLeaves(
      emptyFrontier(),
      entries.slice(0, size).map((entry) => hashLeaf(Buffer.from(entry))),
      (at, hash) => nodes.set(`${at.level}/${at.index}`, hash),
    );
  frontierAt(entries.length);
  const read: NodeReader = ({ level, index }) => nodes.get(`${level}/${index}`);
  const seenAt = (size: number): SeenCheckpoint => ({ size, root: frontierRoot(frontierAt(size)) });
  const ask = (oldSize: number, size = entries.length): CosignRequest => {
    const proof = proveConsistency(oldSize, size, read);
    const note = signCheckpoint({ origin: ORIGIN, ...seenAt(size) }, logKey, privateKey);
    return { note, oldSize, proof: proof.allowed ? proof.value : [] };
  };
  return { seenAt, ask };
}
const history = (count: number, from = 'entry') => Array.from({ length: count }, (_, i) => `${from} ${i}`);
const honest = aLog(history(9));

describe('a witness cosigns', () => {
  it('what it sees first, from size 0', () => {
    expect(cosignIfConsistent(undefined, honest.ask(0), logKey)).toMatchObject({
      allowed: true,
      value: { checkpoint: { origin: ORIGIN, size: 9 } },
    });
  });
  it('a longer tree that contains what it saw, and the same tree again', () => {
    for (let old = 1; old <= 9; old += 1)
      expect(cosignIfConsistent(honest.seenAt(old), honest.ask(old), logKey).allowed).toBe(true);
  });
});

describe('a witness refuses a log that', () => {
  const rewritten = aLog(history(9).with(2, 'rewritten'));
  const dropped = aLog(history(9).toSpliced(2, 1));
  const swapped = aLog(history(9).with(1, 'entry 2').with(2, 'entry 1'));
  it.each([
    ['rewrote an entry', rewritten.ask(5), 'witness_proof_invalid'],
    ['dropped an entry', dropped.ask(5), 'witness_proof_invalid'],
    ['reordered entries', swapped.ask(5), 'witness_proof_invalid'],
    ['shows a second history of the same size', rewritten.ask(5, 5), 'witness_log_forked'],
    ['replays an older checkpoint', honest.ask(4, 4), 'witness_log_shrank'],
    ['shows an older tree from 0', honest.ask(0, 4), 'witness_log_shrank'],
    ['pretends that nothing was seen', honest.ask(0), 'witness_old_size_conflict'],
    ['proves from another size', honest.ask(4), 'witness_old_size_conflict'],
    ['proves from a size ahead', honest.ask(7), 'witness_old_size_conflict'],
    ['leaves the proof out', { ...honest.ask(5), proof: [] }, 'witness_proof_invalid'],
    ['names no size', { ...honest.ask(5), oldSize: Number.NaN }, 'witness_old_size_conflict'],
  ])('%s', (_why, request, code) => {
    expect(cosignIfConsistent(honest.seenAt(5), request, logKey)).toMatchObject({ refusal: { code } });
  });
  it('sends a proof from nothing', () => {
    const padded = { ...honest.ask(0), proof: [honest.seenAt(1).root] };
    expect(cosignIfConsistent(undefined, padded, logKey)).toMatchObject({ refusal: { code: 'witness_proof_invalid' } });
  });
  it('is not known, signs with another key, or poses as another log', () => {
    const other = generateKeyPairSync('ed25519').privateKey;
    const keys = [ORIGIN, 'broker.example/agr_2'].map((name) => {
      const key = noteKey(name, NOTE_ED25519, rawEd25519(other));
      return key.allowed ? key.value : undefined;
    });
    expect(cosignIfConsistent(undefined, honest.ask(0), undefined)).toMatchObject({
      refusal: { code: 'witness_unknown_origin' },
    });
    expect(cosignIfConsistent(undefined, honest.ask(0), keys[0])).toMatchObject({
      refusal: { code: 'note_signature_missing' },
    });
    expect(cosignIfConsistent(undefined, honest.ask(0), keys[1])).toMatchObject({
      refusal: { code: 'witness_unknown_origin' },
    });
  });
  it('sends garbage', () => {
    for (const note of ['', '\n', 'garbage', `${ORIGIN}\n1\n`])
      expect(cosignIfConsistent(undefined, { note, oldSize: 0, proof: [] }, logKey).allowed).toBe(false);
  });
  it('splits its view: two witnesses that compare what they saw hold the proof', () => {
    const toVendor = cosignIfConsistent(undefined, honest.ask(0), logKey);
    const toBuyer = cosignIfConsistent(undefined, rewritten.ask(0), logKey);
    expect(toVendor.allowed && toBuyer.allowed).toBe(true);
    if (!toVendor.allowed || !toBuyer.allowed) return;
    const { size, root } = toVendor.value.checkpoint;
    expect(cosignIfConsistent({ size, root }, { ...rewritten.ask(9), oldSize: 9 }, logKey)).toMatchObject({
      refusal: { code: 'witness_log_forked' },
    });
  });
});
