import type { RefusalCode } from '@interlock/contracts';
import type { Decision, Instant, SignatureBlock } from '@interlock/domain';
import type { GrantRow } from '../store/grant.store.js';
import type { Verbs } from '../verbs.js';
import type { Weighed } from './closed-to.js';
import type { Material } from './material.js';
import { weighDelegation } from './weigh-delegation.js';
import { weighGrant } from './weigh-grant.js';

/** Weighs a grant or a delegation with the signatures it has so far. */
export const weighRight = (
  verbs: Pick<Verbs, 'rings'>,
  right: Pick<GrantRow, 'document' | 'above'>,
  blocks: readonly SignatureBlock[],
  material: Material,
  now: Instant,
): Promise<Decision<Weighed, RefusalCode>> =>
  right.document.typ === 'grant'
    ? weighGrant(verbs, right.document, blocks, material, now)
    : weighDelegation(right.document, right.above, blocks, material, now);
