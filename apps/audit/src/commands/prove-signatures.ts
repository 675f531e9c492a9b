import type { Tx } from '@interlock/chassis/db';
import type { AskOf, ProveSignatures, ReplyOf, SignatureProof } from '@interlock/contracts';
import { allow, type EvidenceRecord, refuse } from '@interlock/domain';
import { decodeBase64, formatTlogProof } from '@interlock/proof';
import { firstCosigned } from '../store/signatures.store.js';
import { findTree } from '../store/tree.store.js';
import { inclusionProofs } from './prove.js';

/** As many as a chain may bring. */
const MOST = 64;

/**
 * Answers `audit.prove-signatures.v1`: for each signature the first record that took it in, under the first checkpoint that each party's
 * witness cosigned over it. Whoever is shown them checks them by keys of his own; a signature without one has no proof yet.
 */
export async function proveSignatures(
  tx: Tx,
  { organisation, log, signatures }: AskOf<typeof ProveSignatures>,
): Promise<ReplyOf<typeof ProveSignatures>> {
  await tx.actFor(organisation);
  const tree = await findTree(tx, log, undefined);
  if (!tree) return refuse('not_a_party');
  const proofs: SignatureProof[] = [];
  for (const { index, size, record } of (await firstCosigned(tx, tree.logNo, signatures)).slice(0, MOST)) {
    const [path = []] = await inclusionProofs(tx, tree.logNo, [index], { size });
    const checkpoint = (await findTree(tx, log, size))?.note ?? '';
    const hashes = path.map((hash) => decodeBase64(hash) ?? new Uint8Array());
    proofs.push({ record: record as EvidenceRecord, proof: formatTlogProof({ index, path: hashes, checkpoint }) });
  }
  return allow({ proofs });
}
