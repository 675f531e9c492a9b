import type { Tx } from '@interlock/chassis/db';
import type { AskOf, ProveAudit, ReplyOf } from '@interlock/contracts';
import { allow, type EvidenceRecord, refuse } from '@interlock/domain';
import {
  consistencyPlan,
  encodeBase64,
  inclusionPlan,
  nodesOfPlan,
  type ProofRange,
  proofOfPlan,
} from '@interlock/proof';
import { loadNodes, type Tiles } from '../store/tile.store.js';
import { findLeaves, type Tree } from '../store/tree.store.js';

/** The tree that is proven to, with its right edge and tiles where they are at hand. */
export type OfTree = Pick<Tree, 'size'> & Partial<Pick<Tree, 'edge'>> & { readonly tiles?: Tiles };

/** Inclusion proofs of several leaves of one tree, as base64 lines; the tiles they share are read once. */
export async function inclusionProofs(
  tx: Tx,
  logNo: number,
  indexes: readonly number[],
  tree: OfTree,
): Promise<string[][]> {
  const { size } = tree;
  const plans = indexes.map((index) => {
    const plan = inclusionPlan(index, size);
    if (!plan.allowed) throw new Error(`leaf ${index} is not in a tree of ${size}`);
    return plan.value;
  });
  return proofsOf(tx, logNo, plans, tree);
}

/** The consistency proof between two sizes of one log, as base64 lines; empty from 0. */
export async function consistencyProof(tx: Tx, logNo: number, oldSize: number, tree: OfTree): Promise<string[]> {
  const plan = consistencyPlan(oldSize, tree.size);
  if (!plan.allowed) throw new Error(`a tree of ${tree.size} does not follow one of ${oldSize}`);
  const [proof] = await proofsOf(tx, logNo, [plan.value], tree);
  return proof ?? [];
}

async function proofsOf(
  tx: Tx,
  logNo: number,
  plans: readonly (readonly ProofRange[])[],
  { size, edge = [], tiles }: OfTree,
): Promise<string[][]> {
  const read = await loadNodes(tx, logNo, plans.flatMap(nodesOfPlan), { size, edge, ...(tiles && { held: tiles }) });
  return plans.map((plan) => proofOfPlan(plan, read).map(encodeBase64));
}

/** Answers `audit.prove.v1` for one organisation: leaves and an older size, under one checkpoint. */
export async function prove(tx: Tx, ask: AskOf<typeof ProveAudit>): Promise<ReplyOf<typeof ProveAudit>> {
  await tx.actFor(ask.organisation);
  const found = await findLeaves(tx, ask.log, ask.treeSize, ask.indexes);
  if (!found) return refuse('not_a_party');
  const { tree, records, tiles } = found;
  const { logNo, size } = tree;
  if (!tree.checkpoint) return refuse('malformed', { detail: 'there is no checkpoint of this size' });
  if (ask.indexes.some((index) => index >= size))
    return refuse('malformed', { detail: 'an index is outside the tree' });
  if (ask.oldSize !== undefined && ask.oldSize > size)
    return refuse('malformed', { detail: 'oldSize is past the tree' });
  const ofTree = { size, edge: tree.edge, tiles };
  const proofs = await inclusionProofs(tx, logNo, ask.indexes, ofTree);
  return allow({
    treeSize: size,
    checkpoint: tree.note,
    inclusion: ask.indexes.map((index, i) => ({
      index,
      record: records.get(index) as EvidenceRecord,
      proof: proofs[i] ?? [],
    })),
    consistency: ask.oldSize === undefined ? null : await consistencyProof(tx, logNo, ask.oldSize, ofTree),
  });
}
