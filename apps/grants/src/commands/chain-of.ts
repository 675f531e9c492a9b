import type { ChainDocuments } from '@interlock/contracts';
import type { Approvable, Signed } from '@interlock/domain';
import type { GrantRow } from '../store/grant.store.js';
import type { Material } from './material.js';

/** The documents by which anybody can follow a right from pinned roots: what the owner said yes to beforehand, the grant, then every delegation down to who acts. */
export function chainOf(rights: readonly Signed<Approvable>[], material: Material): ChainDocuments {
  // Of a stored one only what was signed travels.
  const grants = rights.flatMap(({ document, signatures }) =>
    document.typ === 'grant' ? [{ document, signatures: [...signatures] }] : [],
  );
  const delegations = rights.flatMap(({ document, signatures }) =>
    document.typ === 'delegation' ? [{ document, signatures: [...signatures] }] : [],
  );
  const [standingApproval] = rights.flatMap(({ document, signatures }) =>
    document.typ === 'standing-approval' ? [{ document, signatures: [...signatures] }] : [],
  );
  const [grant] = grants;
  if (!grant) throw new Error('a right without a grant above it');
  return {
    entities: material.entities.slice(0, 16),
    certificates: material.certificates.slice(0, 256),
    agreement: material.view.agreement,
    grant,
    ...(standingApproval && { standingApproval }),
    ...(delegations.length > 0 && { delegations }),
    ...(material.proofs && material.proofs.length > 0 && { proofs: [...material.proofs] }),
  };
}

/** The same of a stored one. */
export const chainOfRow = (
  row: Pick<GrantRow, 'above' | 'document' | 'signatures'>,
  material: Material,
): ChainDocuments => chainOf([...row.above, row], material);
