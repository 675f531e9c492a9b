import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  type Checkpoint,
  formatCheckpointText,
  parseCheckpoint,
  signCheckpoint,
  verifyCheckpoint,
} from './checkpoint.js';
import { cosign, verifyCosignature } from './cosignature.js';
import { appendLeaves, emptyFrontier, emptyRoot, frontierRoot, hashLeaf } from './merkle.js';
import { proveInclusion } from './merkle-proof.js';
import {
  formatSignatureLine,
  NOTE_COSIGNATURE_V1,
  NOTE_ED25519,
  type NoteKey,
  type NoteKeyType,
  noteKey,
  parseNote,
  rawEd25519,
} from './note.js';
import { formatTlogProof, verifyTlogProof } from './tlog-proof.js';

const published = (
  JSON.parse(readFileSync(new URL('../../../../test/vectors/signed-note.json', import.meta.url), 'utf8')) as {
    checkpoint: { text: string; origin: string; size: number; cosignedAtSeconds: number };
  }
).checkpoint;

function aKey(name: string, type: NoteKeyType): { key: NoteKey; privateKey: KeyObject } {
  const { privateKey } = generateKeyPairSync('ed25519');
  const key = noteKey(name, type, rawEd25519(privateKey));
  if (!key.allowed) throw new Error(key.refusal.code);
  return { key: key.value, privateKey };
}

const ORIGIN = 'broker.example/agr_1';
const log = aKey(ORIGIN, NOTE_ED25519);
const vendor = aKey('vendor.example/witness', NOTE_COSIGNATURE_V1);
const buyer = aKey('buyer.example/witness', NOTE_COSIGNATURE_V1);
const entries = [0, 1, 2, 3, 4].map((i) => Buffer.from(`entry ${i}`));
const nodes = new Map<string, Uint8Array>();
const frontier = appendLeaves(emptyFrontier(), entries.map(hashLeaf), (at, hash) =>
  nodes.set(`${at.level}/${at.index}`, hash),
);
const checkpoint: Checkpoint = { origin: ORIGIN, size: 5, root: frontierRoot(frontier) };
const trust = (required = true) => ({
  log: log.key,
  witnesses: [
    { key: vendor.key, required },
    { key: buyer.key, required },
  ],
});
const text = formatCheckpointText(checkpoint);
const cosigned =
  signCheckpoint(checkpoint, log.key, log.privateKey) +
  formatSignatureLine(cosign(text, vendor.key, vendor.privateKey, 1_800_000_000)) +
  formatSignatureLine(cosign(text, buyer.key, buyer.privateKey, 1_800_000_001));

describe('a checkpoint', () => {
  it('of the specification parses', () => {
    expect(parseCheckpoint(published.text)).toMatchObject({
      allowed: true,
      value: { checkpoint: { origin: published.origin, size: published.size } },
    });
    const note = parseNote(published.text);
    const line = note.allowed ? note.value.signatures[1] : undefined;
    expect(Number(line?.signature.readBigUInt64BE(0))).toBe(published.cosignedAtSeconds);
  });
  it('signed by the log and cosigned by both sides is accepted, with who and when', () => {
    expect(verifyCheckpoint(cosigned, trust())).toEqual({
      allowed: true,
      value: {
        checkpoint: { origin: ORIGIN, size: 5, root: Buffer.from(checkpoint.root) },
        cosigned: [
          { witness: vendor.key.name, atSeconds: 1_800_000_000 },
          { witness: buyer.key.name, atSeconds: 1_800_000_001 },
        ],
      },
    });
  });
  it('with any one byte altered in any bit is refused', () => {
    const bytes = Buffer.from(cosigned);
    for (let i = 0; i < bytes.length; i += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const altered = Buffer.from(bytes);
        altered[i] = (altered[i] as number) ^ (1 << bit);
        const accepted = verifyCheckpoint(altered.toString('utf8'), trust(false)).allowed;
        expect([i, bit, accepted]).toEqual([i, bit, false]);
      }
    }
  });
  it('with any one byte missing or doubled is refused', () => {
    for (let i = 0; i < cosigned.length; i += 1) {
      const [before, at, after] = [cosigned.slice(0, i), cosigned.slice(i, i + 1), cosigned.slice(i + 1)];
      expect([i, verifyCheckpoint(before + after, trust()).allowed]).toEqual([i, false]);
      expect([i, verifyCheckpoint(before + at + at + after, trust()).allowed]).toEqual([i, false]);
    }
  });
  it('without a required witness is refused, without an optional one accepted', () => {
    const alone = signCheckpoint(checkpoint, log.key, log.privateKey);
    expect(verifyCheckpoint(alone, trust(true))).toMatchObject({ refusal: { code: 'note_signature_missing' } });
    expect(verifyCheckpoint(alone, trust(false))).toMatchObject({ allowed: true, value: { cosigned: [] } });
  });
  it('of another log is refused even when that log signed it', () => {
    const other = aKey('broker.example/agr_2', NOTE_ED25519);
    const foreign = signCheckpoint({ ...checkpoint, origin: other.key.name }, other.key, other.privateKey);
    expect(verifyCheckpoint(foreign, trust(false))).toMatchObject({ refusal: { code: 'checkpoint_wrong_origin' } });
    expect(() => signCheckpoint(checkpoint, other.key, other.privateKey)).toThrow('does not sign for');
  });
  it.each([
    ['a leading zero', `${ORIGIN}\n05\n`],
    ['a sign', `${ORIGIN}\n+5\n`],
    ['a size past what can be counted', `${ORIGIN}\n9007199254740993\n`],
    ['an exponent', `${ORIGIN}\n5e0\n`],
    ['an empty origin', '\n5\n'],
    ['a space in the origin', 'broker example\n5\n'],
  ])('with %s is malformed', (_why, head) => {
    const note = `${head}${Buffer.from(checkpoint.root).toString('base64')}\n\n${cosigned.slice(cosigned.indexOf('\u2014'))}`;
    expect(parseCheckpoint(note)).toMatchObject({ refusal: { code: 'checkpoint_malformed' } });
  });
  it('with an extension line, a short root, or size 0 and a root is malformed', () => {
    const lines = cosigned.slice(cosigned.indexOf('\u2014'));
    const root = Buffer.from(checkpoint.root);
    for (const body of [
      `${text}extension\n`,
      `${ORIGIN}\n5\n${root.subarray(1).toString('base64')}\n`,
      `${ORIGIN}\n0\n${root.toString('base64')}\n`,
    ])
      expect(parseCheckpoint(`${body}\n${lines}`)).toMatchObject({ refusal: { code: 'checkpoint_malformed' } });
    expect(parseCheckpoint(`${ORIGIN}\n0\n${Buffer.from(emptyRoot()).toString('base64')}\n\n${lines}`).allowed).toBe(
      true,
    );
  });
});

describe('a cosignature', () => {
  const line = cosign(text, buyer.key, buyer.privateKey, 1_800_000_001);
  it('is bound to its text, its key and its time', () => {
    const later = { ...line, signature: Buffer.from(line.signature) };
    later.signature.writeBigUInt64BE(1_900_000_000n);
    expect(verifyCosignature(text, line, buyer.key).allowed).toBe(true);
    expect(verifyCosignature(`${text}x\n`, line, buyer.key)).toMatchObject({
      refusal: { code: 'note_signature_invalid' },
    });
    expect(verifyCosignature(text, later, buyer.key)).toMatchObject({ refusal: { code: 'note_signature_invalid' } });
    expect(verifyCosignature(text, line, vendor.key)).toMatchObject({ refusal: { code: 'note_key_unknown' } });
  });
  it('cut short or with an uncountable time is malformed', () => {
    const huge = { ...line, signature: Buffer.from(line.signature) };
    huge.signature.writeBigUInt64BE(2n ** 63n);
    for (const bad of [huge, { ...line, signature: line.signature.subarray(1) }])
      expect(verifyCosignature(text, bad, buyer.key)).toMatchObject({ refusal: { code: 'cosignature_malformed' } });
  });
  it('of a log key is not possible: the types do not mix', () => {
    expect(() => cosign(text, log.key, log.privateKey, 1)).toThrow('does not cosign as');
  });
});

describe('a receipt', () => {
  const path = proveInclusion(3, 5, ({ level, index }) => nodes.get(`${level}/${index}`));
  const receipt = formatTlogProof({ index: 3, path: path.allowed ? path.value : [], checkpoint: cosigned });
  it('verifies for its entry alone and without the log', () => {
    expect(verifyTlogProof(receipt, entries[3] as Buffer, trust()).allowed).toBe(true);
    expect(verifyTlogProof(receipt, entries[2] as Buffer, trust())).toMatchObject({
      refusal: { code: 'merkle_root_mismatch' },
    });
  });
  it('with any one byte altered is refused', () => {
    const bytes = Buffer.from(receipt);
    for (let i = 0; i < bytes.length; i += 1) {
      const altered = Buffer.from(bytes);
      altered[i] = (altered[i] as number) ^ 0x01;
      expect([i, verifyTlogProof(altered.toString('utf8'), entries[3] as Buffer, trust()).allowed]).toEqual([i, false]);
    }
  });
});
