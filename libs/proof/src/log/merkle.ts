import { hash } from 'node:crypto';

/** A SHA-256 value of 32 bytes: a leaf hash, a node or a root. */
export type Hash = Uint8Array;

/** The node over leaves `[index * 2^level, (index + 1) * 2^level)`; it exists once all of them do, and never changes. */
export interface NodeAddress {
  readonly level: number;
  readonly index: number;
}

/** Reads a stored complete node. `undefined` is a fault of the store: the caller asked inside the tree. */
export type NodeReader = (address: NodeAddress) => Hash | undefined;

export const HASH_BYTES = 32;
const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

const sha256 = (bytes: Uint8Array): Hash => hash('sha256', bytes, 'buffer');

/** Where a node's two halves are laid side by side; hashing is synchronous, so one place is enough. */
const pair = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX);

/** RFC 6962 2.1: `SHA-256(0x00 || entry)`. The prefix keeps a node from being passed off as an entry. */
export function hashLeaf(entry: Uint8Array): Hash {
  const bytes = Buffer.allocUnsafe(1 + entry.length);
  bytes[0] = LEAF_PREFIX;
  bytes.set(entry, 1);
  return sha256(bytes);
}

/** RFC 6962 2.1: `SHA-256(0x01 || left || right)`. Throws for what are no hashes: a node of other lengths is not a node. */
export function hashNode(left: Hash, right: Hash): Hash {
  if (!isHash(left) || !isHash(right)) throw new Error('a node is made of two hashes of 32 bytes');
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return sha256(pair);
}

/** RFC 6962 2.1: the root of a tree without entries, `SHA-256("")`. */
export const emptyRoot = (): Hash => sha256(new Uint8Array());

/** A number that can be a tree size or an index: a whole number JavaScript holds exactly. */
export const isTreeNumber = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** Exactly 32 bytes; hashes of any other length are refused wherever they come from outside. */
export const isHash = (value: Uint8Array): boolean => value.length === HASH_BYTES;

/** Byte equality of two hashes. Not constant time: hashes of the log are public to its parties. */
export const equalHashes = (a: Hash, b: Hash): boolean => Buffer.compare(a, b) === 0;

/** Largest power of two strictly below `size` (`size >= 2`): where RFC 6962 splits a tree. */
export function splitPoint(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

/**
 * The complete nodes that make up `[begin, end)`, left to right. `begin` is a multiple of the largest power of two
 * that fits the length, as in every range RFC 6962 recursion produces; at most log2 of the length nodes.
 */
export function nodesOfRange(begin: number, end: number): NodeAddress[] {
  const nodes: NodeAddress[] = [];
  let at = begin;
  while (at < end) {
    let level = 0;
    let width = 1;
    while (width * 2 <= end - at) {
      width *= 2;
      level += 1;
    }
    nodes.push({ level, index: at / width });
    at += width;
  }
  return nodes;
}

/** Root over complete nodes listed left to right, as `nodesOfRange` lists them. */
export function foldNodes(hashes: readonly Hash[]): Hash {
  let root = hashes.at(-1);
  if (!root) return emptyRoot();
  for (let i = hashes.length - 2; i >= 0; i -= 1) root = hashNode(hashes[i] as Hash, root);
  return root;
}

const readNode = (address: NodeAddress, read: NodeReader): Hash => {
  const hash = read(address);
  if (!hash) throw new Error(`the log store has no node at level ${address.level}, index ${address.index}`);
  return hash;
};

/** Hash of the subtree `[begin, end)` from stored nodes. Throws when the store lost one: that is a fault, not an answer. */
export const hashOfRange = (begin: number, end: number, read: NodeReader): Hash =>
  foldNodes(nodesOfRange(begin, end).map((address) => readNode(address, read)));

/** Root of the first `size` leaves from stored nodes, also for a size long passed. */
export const rootAt = (size: number, read: NodeReader): Hash => hashOfRange(0, size, read);

/**
 * The right edge of a growing tree: the complete nodes of `[0, size)`. It is all an append has to know, so the cost of
 * an append is O(log size) and the state of a log is a few hundred bytes.
 */
export interface Frontier {
  readonly size: number;
  /** Left to right, one per bit set in `size`. */
  readonly nodes: readonly Hash[];
}

/** A tree without entries. */
export const emptyFrontier = (): Frontier => ({ size: 0, nodes: [] });

/** A stored frontier read back; throws when the count of nodes does not belong to the size. */
export function frontierOf(size: number, nodes: readonly Hash[]): Frontier {
  if (!isTreeNumber(size) || nodes.length !== nodesOfRange(0, size).length || !nodes.every(isHash))
    throw new Error(`a frontier of ${nodes.length} nodes does not belong to a tree of ${size} leaves`);
  return { size, nodes };
}

/** Root of the tree a frontier stands for. */
export const frontierRoot = (frontier: Frontier): Hash => foldNodes(frontier.nodes);

/**
 * Appends leaf hashes. `onNode` hears every node that became complete, leaves included, children before parents: what
 * a store must keep so that any later proof can be built. The given frontier is left as it was.
 */
export function appendLeaves(
  frontier: Frontier,
  leaves: readonly Hash[],
  onNode: (address: NodeAddress, hash: Hash) => void = () => undefined,
): Frontier {
  const nodes = [...frontier.nodes];
  let size = frontier.size;
  for (const leaf of leaves) {
    let hash = leaf;
    let index = size;
    let level = 0;
    onNode({ level, index }, hash);
    while (index % 2 === 1) {
      hash = hashNode(nodes.pop() as Hash, hash);
      index = (index - 1) / 2;
      level += 1;
      onNode({ level, index }, hash);
    }
    nodes.push(hash);
    size += 1;
  }
  return { size, nodes };
}
