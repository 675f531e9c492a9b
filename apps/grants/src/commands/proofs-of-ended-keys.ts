import { ProveSignatures, type RefusalCode } from '@interlock/contracts';
import { allow, type Decision, type OrganisationId } from '@interlock/domain';
import { signatureDigest } from '@interlock/proof';
import type { GrantRow } from '../store/grant.store.js';
import type { ActRow } from '../store/standing.store.js';
import type { Verbs } from '../verbs.js';
import { claimedKids, type Material, type Need, readMaterial } from './material.js';

/** Keys of which an act says that they have come to an end: what they signed before counts by proof. */
const endedKeys = (acts: readonly ActRow[]): ReadonlySet<string> =>
  new Set(
    acts.flatMap(({ act: { document } }) =>
      document.target.kind === 'key' && document.target.ended ? [document.target.id] : [],
    ),
  );

/**
 * What verifies a stored right, with what the log shows of those of its signatures whose keys have ended since. The broker carries that and
 * vouches for nothing: whoever follows the chain checks it by the witnesses' keys, and what is missing is a no.
 */
export async function materialOf(
  verbs: Verbs,
  asker: OrganisationId,
  { agreementId, signatures, above }: Pick<GrantRow, 'agreementId' | 'signatures' | 'above'>,
  acts: readonly ActRow[],
  need: Omit<Need, 'blocks' | 'witnesses'>,
): Promise<Decision<Material, RefusalCode>> {
  const blocks = [...signatures, ...above.flatMap((one) => one.signatures)];
  const ended = endedKeys(acts);
  const material = await readMaterial(verbs, asker, agreementId, { ...need, blocks, witnesses: ended.size > 0 });
  if (!material.allowed) return material;
  const theirs = [...material.value.view.agreement.signatures, ...blocks].filter((block) =>
    claimedKids([block]).some((kid) => ended.has(kid)),
  );
  if (theirs.length === 0) return material;
  const ask = { organisation: asker, log: agreementId, signatures: theirs.map(signatureDigest).slice(0, 64) };
  const shown = await verbs.requests.ask(ProveSignatures, ask, { key: verbs.ids.next('idk') });
  return shown.allowed ? allow({ ...material.value, proofs: shown.value.proofs }) : material;
}
