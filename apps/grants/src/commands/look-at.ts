import type { AskOf, OpenSession, RefusalCode } from '@interlock/contracts';
import { allow, type Decision, type Digest, type OrganisationId, refuse } from '@interlock/domain';
import { findGrant, type GrantRow } from '../store/grant.store.js';
import { type HeldUnder, heldUnder } from '../store/standing.store.js';
import type { Verbs } from '../verbs.js';
import type { Material } from './material.js';
import { materialOf } from './proofs-of-ended-keys.js';

/** A grant and everything by which it is judged now. */
export interface LookedAt {
  readonly grant: GrantRow;
  readonly held: HeldUnder;
  readonly material: Material;
}

/** Reads it as `asker` may see it: whoever is not party to the agreement gets `not_a_party`, as for a grant that nobody has. */
export async function lookAt(
  verbs: Verbs,
  { ask }: Pick<AskOf<typeof OpenSession>, 'ask'>,
  asker: OrganisationId,
): Promise<Decision<LookedAt, RefusalCode>> {
  const began = verbs.clock.now();
  const found = await verbs.transactor.run(async (tx) => {
    await tx.actFor(asker);
    const grant = await findGrant(tx, ask.grant);
    return grant && { grant, held: await heldUnder(tx, grant.agreementId, began, digestsOf(grant)) };
  });
  if (!found) return refuse('not_a_party');
  const { grant, held } = found;
  // It names nobody who may come: that is for the grants under it.
  if (grant.document.typ === 'standing-approval') return refuse('outside_grant', { clause: 'standing-approval' });
  const material = await materialOf(verbs, asker, grant, held.acts, {
    subjects: grant.document.subjects,
    owner: grant.owner,
    resources: [ask.resource.id],
  });
  return material.allowed ? allow({ grant, held, material: material.value }) : material;
}

/** Verdicts are given about each right of a chain. */
const digestsOf = ({ above, digest }: GrantRow): Digest[] => [...above.map((one) => one.digest), digest];
