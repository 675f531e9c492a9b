import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  appendLeaves,
  emptyFrontier,
  emptyRoot,
  frontierOf,
  frontierRoot,
  type Hash,
  hashLeaf,
  hashNode,
  type NodeReader,
  rootAt,
  splitPoint,
} from './merkle.js';
import { proveConsistency, proveInclusion, verifyConsistency, verifyInclusion } from './merkle-proof.js';

interface Vectors {
  emptyRoot: string;
  leaves: string[];
  roots: string[];
  inclusion: { index: number; size: number; proof: string[] }[];
  consistency: { oldSize: number; newSize: number; proof: string[] }[];
}
const vectors = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/merkle.json', import.meta.url), 'utf8'),
) as Vectors;
const unhex = (hex: string): Buffer => Buffer.from(hex, 'hex');
const hex = (hash: Hash): string => Buffer.from(hash).toString('hex');

/** RFC 6962 section 2.1 word for word, recursive and slow: the oracle. */
function mth(leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) return emptyRoot();
  if (leaves.length === 1) return leaves[0] as Hash;
  const k = splitPoint(leaves.length);
  return hashNode(mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}
function path(m: number, leaves: readonly Hash[]): Hash[] {
  if (leaves.length <= 1) return [];
  const k = splitPoint(leaves.length);
  return m < k
    ? [...path(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), mth(leaves.slice(0, k))];
}
function subproof(m: number, leaves: readonly Hash[], whole: boolean): Hash[] {
  if (m === leaves.length) return whole ? [] : [mth(leaves)];
  const k = splitPoint(leaves.length);
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), whole), mth(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), mth(leaves.slice(0, k))];
}

/** A log that keeps nothing but complete nodes. */
function logOf(leaves: readonly Hash[]): { read: NodeReader; root: Hash; kept: number } {
  const nodes = new Map<string, Hash>();
  const frontier = appendLeaves(emptyFrontier(), leaves, ({ level, index }, hash) =>
    nodes.set(`${level}/${index}`, hash),
  );
  return {
    read: ({ level, index }) => nodes.get(`${level}/${index}`),
    root: frontierRoot(frontier),
    kept: nodes.size,
  };
}
const leavesOf = (count: number): Hash[] =>
  Array.from({ length: count }, (_, i) => hashLeaf(Buffer.from(`entry ${i}`)));
const value = <T>(decision: { allowed: true; value: T } | { allowed: false; refusal: { code: string } }): T => {
  if (!decision.allowed) throw new Error(decision.refusal.code);
  return decision.value;
};

describe('the published RFC 6962 vectors', () => {
  const leaves = vectors.leaves.map((leaf) => hashLeaf(unhex(leaf)));
  it('give the root of the empty tree', () => expect(hex(emptyRoot())).toBe(vectors.emptyRoot));
  it.each(vectors.roots.map((root, i) => [i + 1, root] as const))('give the root of size %i', (size, root) => {
    expect(hex(logOf(leaves.slice(0, size)).root)).toBe(root);
  });
  it.each(vectors.inclusion)('prove leaf $index in size $size', ({ index, size, proof }) => {
    expect(value(proveInclusion(index, size, logOf(leaves).read)).map(hex)).toEqual(proof);
    const root = unhex(vectors.roots[size - 1] as string);
    expect(verifyInclusion(index, size, leaves[index] as Hash, proof.map(unhex), root).allowed).toBe(true);
  });
  it.each(vectors.consistency)('prove $oldSize is a prefix of $newSize', ({ oldSize, newSize, proof }) => {
    expect(value(proveConsistency(oldSize, newSize, logOf(leaves).read)).map(hex)).toEqual(proof);
    const [oldRoot, newRoot] = [oldSize, newSize].map((size) => unhex(vectors.roots[size - 1] as string));
    expect(verifyConsistency(oldSize, newSize, oldRoot as Hash, newRoot as Hash, proof.map(unhex)).allowed).toBe(true);
  });
});

describe('against the recursive definition', () => {
  const LIMIT = 70;
  const leaves = leavesOf(LIMIT);
  const log = logOf(leaves);
  it('an append batch by batch ends at the same root and nodes as all at once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 12 }), (batches) => {
        let frontier = emptyFrontier();
        for (const n of batches) {
          frontier = appendLeaves(frontier, leavesOf(120).slice(frontier.size, frontier.size + n));
          frontier = frontierOf(frontier.size, frontier.nodes);
        }
        expect(hex(frontierRoot(frontier))).toBe(hex(mth(leavesOf(120).slice(0, frontier.size))));
      }),
      { numRuns: 60 },
    );
  });
  it('every proof of every size equals it and verifies, and roots of the past stay readable', () => {
    for (let size = 1; size <= LIMIT; size += 1) {
      const now = leaves.slice(0, size);
      const root = mth(now);
      expect(hex(rootAt(size, log.read))).toBe(hex(root));
      for (let i = 0; i < size; i += 1) {
        const proof = value(proveInclusion(i, size, log.read));
        expect(proof.map(hex)).toEqual(path(i, now).map(hex));
        expect(verifyInclusion(i, size, leaves[i] as Hash, proof, root).allowed).toBe(true);
      }
      for (let old = 1; old <= size; old += 1) {
        const proof = value(proveConsistency(old, size, log.read));
        expect(proof.map(hex)).toEqual(subproof(old, now, true).map(hex));
        expect(verifyConsistency(old, size, mth(leaves.slice(0, old)), root, proof).allowed).toBe(true);
      }
    }
  });
  it('keeps less than two nodes a leaf and a right edge of log2 of the size', () => {
    expect(log.kept).toBeLessThan(2 * LIMIT);
    expect(appendLeaves(emptyFrontier(), leaves).nodes.length).toBeLessThanOrEqual(7);
  });
});

describe('an altered proof is refused', () => {
  const leaves = leavesOf(40);
  const log = logOf(leaves);
  const altered = fc.constantFrom('flip', 'drop', 'repeat', 'append', 'prepend', 'shorten');
  function alter(proof: readonly Hash[], how: string, at: number): Hash[] {
    const copy = proof.map((hash) => Uint8Array.from(hash));
    const i = at % Math.max(copy.length, 1);
    if (how === 'append' || copy.length === 0) return [...copy, log.root];
    if (how === 'prepend') return [log.root, ...copy];
    if (how === 'drop') return copy.filter((_, n) => n !== i);
    if (how === 'repeat') return copy.flatMap((hash, n) => (n === i ? [hash, hash] : [hash]));
    if (how === 'shorten') return copy.map((hash, n) => (n === i ? hash.subarray(1) : hash));
    (copy[i] as Uint8Array)[at % 32] = ((copy[i] as Uint8Array)[at % 32] as number) ^ 8;
    return copy;
  }
  it('for inclusion, also with another index, size, leaf or root', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), altered, fc.nat(1000), (size, pick, how, at) => {
        const index = pick % size;
        const proof = value(proveInclusion(index, size, log.read));
        const root = rootAt(size, log.read);
        const leaf = leaves[index] as Hash;
        expect(verifyInclusion(index, size, leaf, alter(proof, how, at), root).allowed).toBe(false);
        expect(verifyInclusion(index, size, hashLeaf(Buffer.from('other')), proof, root).allowed).toBe(false);
        expect(verifyInclusion(index, size, leaf, proof, emptyRoot()).allowed).toBe(false);
        for (const other of [index - 1, index + 1, size, 2 ** 53])
          expect(verifyInclusion(other, size, leaf, proof, root).allowed).toBe(false);
      }),
    );
  });
  it('for consistency, also with other sizes or roots', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), altered, fc.nat(1000), (size, pick, how, at) => {
        const old = 1 + (pick % (size - 1));
        const proof = value(proveConsistency(old, size, log.read));
        const [oldRoot, root] = [rootAt(old, log.read), rootAt(size, log.read)];
        expect(verifyConsistency(old, size, oldRoot, root, alter(proof, how, at)).allowed).toBe(false);
        expect(verifyConsistency(old, size, root, oldRoot, proof).allowed).toBe(false);
        expect(verifyConsistency(size, old, root, oldRoot, proof)).toMatchObject({
          refusal: { code: 'merkle_tree_shrank' },
        });
        expect(verifyConsistency(0, size, oldRoot, root, [])).toMatchObject({
          refusal: { code: 'merkle_out_of_range' },
        });
      }),
    );
  });
  it('a store that lost a node is a fault, never a proof', () => {
    expect(() => proveInclusion(3, 40, () => undefined)).toThrow('has no node at level');
  });
});
