import { allow, type Decision, refuse } from '@interlock/domain';
import {
  equalHashes,
  type Hash,
  hashNode,
  hashOfRange,
  isHash,
  isTreeNumber,
  type NodeAddress,
  type NodeReader,
  nodesOfRange,
  splitPoint,
} from './merkle.js';

/** Why a proof does not hold, or cannot be asked for. */
export type MerkleRefusal =
  | 'merkle_out_of_range'
  | 'merkle_malformed_hash'
  | 'merkle_proof_wrong_length'
  | 'merkle_root_mismatch'
  | 'merkle_tree_shrank';

/** Leaves `[begin, end)` whose subtree hash is one line of a proof. */
export interface ProofRange {
  readonly begin: number;
  readonly end: number;
}

/** RFC 6962 2.1.1: the subtrees beside the path from leaf `index` to the root of `size` leaves, leaf's sibling first. */
export function inclusionPlan(index: number, size: number): Decision<ProofRange[], MerkleRefusal> {
  if (!isTreeNumber(index) || !isTreeNumber(size) || index >= size) return refuse('merkle_out_of_range');
  const plan: ProofRange[] = [];
  let begin = 0;
  let end = size;
  while (end - begin > 1) {
    const middle = begin + splitPoint(end - begin);
    if (index < middle) {
      plan.unshift({ begin: middle, end });
      end = middle;
    } else {
      plan.unshift({ begin, end: middle });
      begin = middle;
    }
  }
  return allow(plan);
}

/** RFC 6962 2.1.2: the subtrees that show that the first `oldSize` leaves of a tree of `newSize` are an older tree. */
export function consistencyPlan(oldSize: number, newSize: number): Decision<ProofRange[], MerkleRefusal> {
  if (!isTreeNumber(oldSize) || !isTreeNumber(newSize) || oldSize > newSize) return refuse('merkle_out_of_range');
  if (oldSize === 0 || oldSize === newSize) return allow([]);
  const plan: ProofRange[] = [];
  let begin = 0;
  let end = newSize;
  while (end !== oldSize) {
    const middle = begin + splitPoint(end - begin);
    if (oldSize <= middle) {
      plan.unshift({ begin: middle, end });
      end = middle;
    } else {
      plan.unshift({ begin, end: middle });
      begin = middle;
    }
  }
  // The old root itself is known to the reader, so it is left out when it is a subtree of the new tree.
  if (begin > 0) plan.unshift({ begin, end });
  return allow(plan);
}

/** Every stored node a plan needs, so that a store can read them in one go. */
export const nodesOfPlan = (plan: readonly ProofRange[]): NodeAddress[] =>
  plan.flatMap(({ begin, end }) => nodesOfRange(begin, end));

/** The proof lines of a plan. Throws when the store lost a node. */
export const proofOfPlan = (plan: readonly ProofRange[], read: NodeReader): Hash[] =>
  plan.map(({ begin, end }) => hashOfRange(begin, end, read));

/** Inclusion proof of leaf `index` in the tree of `size` leaves. */
export function proveInclusion(index: number, size: number, read: NodeReader): Decision<Hash[], MerkleRefusal> {
  const plan = inclusionPlan(index, size);
  return plan.allowed ? allow(proofOfPlan(plan.value, read)) : plan;
}

/** Consistency proof between two sizes of one tree. From 0 and between equal sizes it is empty. */
export function proveConsistency(oldSize: number, newSize: number, read: NodeReader): Decision<Hash[], MerkleRefusal> {
  const plan = consistencyPlan(oldSize, newSize);
  return plan.allowed ? allow(proofOfPlan(plan.value, read)) : plan;
}

const half = (n: number): number => Math.floor(n / 2);
const isOdd = (n: number): boolean => n % 2 === 1;

type Side = 'left' | 'right';
const joined = (side: Side, under: Hash, step: Hash): Hash =>
  side === 'left' ? hashNode(step, under) : hashNode(under, step);

/**
 * RFC 9162 2.1.3.2 and 2.1.4.2: on which side of the path from node `index` each of so many steps stands, where `last` is the last node of
 * the same level. Undefined: a proof of so many steps does not end at the root.
 */
function sidesOfSteps(index: number, last: number, steps: number): readonly Side[] | undefined {
  const sides: Side[] = [];
  let [fn, sn] = [index, last];
  while (sides.length < steps && sn !== 0) {
    const isLeft = isOdd(fn) || fn === sn;
    sides.push(isLeft ? 'left' : 'right');
    // The last node of a level has no neighbour there: it climbs alone.
    if (isLeft) while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    [fn, sn] = [half(fn), half(sn)];
  }
  return sides.length === steps && sn === 0 ? sides : undefined;
}

/** RFC 9162 2.1.3.2: allowed when `leafHash` is leaf `index` of the tree with this size and root. */
export function verifyInclusion(
  index: number,
  size: number,
  leafHash: Hash,
  proof: readonly Hash[],
  root: Hash,
): Decision<true, MerkleRefusal> {
  if (!isTreeNumber(index) || !isTreeNumber(size) || index >= size) return refuse('merkle_out_of_range');
  if (![leafHash, root, ...proof].every(isHash)) return refuse('merkle_malformed_hash');
  const sides = sidesOfSteps(index, size - 1, proof.length);
  if (!sides) return refuse('merkle_proof_wrong_length');
  const hash = sides.reduce((under, side, at) => joined(side, under, proof[at] as Hash), leafHash);
  return equalHashes(hash, root) ? allow(true) : refuse('merkle_root_mismatch');
}

/**
 * RFC 9162 2.1.4.2: allowed when the tree (oldSize, oldRoot) is a prefix of (newSize, newRoot). From size 0 nothing can
 * be proved, so it is refused here; the witness rule decides about first sight.
 */
export function verifyConsistency(
  oldSize: number,
  newSize: number,
  oldRoot: Hash,
  newRoot: Hash,
  proof: readonly Hash[],
): Decision<true, MerkleRefusal> {
  if (!isTreeNumber(oldSize) || !isTreeNumber(newSize) || oldSize === 0) return refuse('merkle_out_of_range');
  if (![oldRoot, newRoot, ...proof].every(isHash)) return refuse('merkle_malformed_hash');
  if (newSize < oldSize) return refuse('merkle_tree_shrank');
  if (newSize === oldSize) {
    if (proof.length > 0) return refuse('merkle_proof_wrong_length');
    return equalHashes(oldRoot, newRoot) ? allow(true) : refuse('merkle_root_mismatch');
  }
  if (proof.length === 0) return refuse('merkle_proof_wrong_length');
  return walkConsistency(oldSize, newSize, oldRoot, newRoot, proof);
}

const isPowerOfTwo = (n: number): boolean => {
  let rest = n;
  while (rest > 1 && !isOdd(rest)) rest = half(rest);
  return rest === 1;
};

function walkConsistency(
  oldSize: number,
  newSize: number,
  oldRoot: Hash,
  newRoot: Hash,
  proof: readonly Hash[],
): Decision<true, MerkleRefusal> {
  const [first, ...rest] = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof;
  let index = oldSize - 1;
  let last = newSize - 1;
  while (isOdd(index)) [index, last] = [half(index), half(last)];
  const sides = sidesOfSteps(index, last, rest.length);
  if (!sides) return refuse('merkle_proof_wrong_length');
  let fromOld = first as Hash;
  let fromNew = first as Hash;
  for (const [at, side] of sides.entries()) {
    const step = rest[at] as Hash;
    // What stands to the right of the path came after the old tree.
    if (side === 'left') fromOld = joined(side, fromOld, step);
    fromNew = joined(side, fromNew, step);
  }
  return equalHashes(fromOld, oldRoot) && equalHashes(fromNew, newRoot) ? allow(true) : refuse('merkle_root_mismatch');
}
