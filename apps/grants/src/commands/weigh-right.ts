import type { RefusalCode } from '@interlock/contracts';
import type { Decision, Instant, SignatureBlock } from '@interlock/domain';
import type { GrantRow } from '../store/grant.store.js';
import type { Verbs } from '../verbs.js';
import type { Weighed } from './closed-to.js';
import type { Material } from './material.js';
import { weighDelegation } from './weigh-delegation.js';
import { weighGrant } from './weigh-grant.js';
import { weighStandingApproval } from './weigh-standing-approval.js';

/** Weighs a grant, a delegation or a standing approval with the signatures it has so far. */
export function weighRight(
  verbs: Pick<Verbs, 'rings'>,
  { document, above }: Pick<GrantRow, 'document' | 'above'>,
  blocks: readonly SignatureBlock[],
  material: Material,
  now: Instant,
): Promise<Decision<Weighed, RefusalCode>> {
  switch (document.typ) {
    case 'grant':
      return weighGrant(verbs, { document, above }, blocks, material, now);
    case 'delegation':
      return weighDelegation(document, above, blocks, material, now);
    case 'standing-approval':
      return weighStandingApproval(verbs, document, blocks, material, now);
  }
}
