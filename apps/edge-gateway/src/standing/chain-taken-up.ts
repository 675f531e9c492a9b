import type { ChainDocuments } from '@interlock/contracts';
import { type Grant, revokesAll, type Signed } from '@interlock/domain';
import type { HeldAgreement } from './held-agreement.js';

/**
 * The chain of the grant. Of a use that is taken up again, a root that revoked everything is judged with the other cuts, by whose word it is and since
 * when: the verification of a chain knows nothing of a notice.
 */
export function chainOf(held: HeldAgreement, grant: Signed<Grant>, resumed: boolean): ChainDocuments {
  const chain = held.chainOf(grant);
  if (!resumed) return chain;
  const { revokedSince } = held.remembered;
  return {
    ...chain,
    entities: chain.entities.filter(
      ({ document }) => !revokesAll(document) || !revokedSince.has(document.organisation),
    ),
  };
}
