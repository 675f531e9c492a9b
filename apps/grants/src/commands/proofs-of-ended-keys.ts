import { MOST_PROOFS, ProveSignatures, type RefusalCode, type SignatureProof } from '@interlock/contracts';
import {
  type AgreementId,
  allow,
  type Decision,
  type Digest,
  type OrganisationId,
  type SignatureBlock,
} from '@interlock/domain';
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
  const theirs = ofKeys(ended, [...material.value.view.agreement.signatures, ...blocks]);
  if (theirs.length === 0) return material;
  return allow({ ...material.value, proofs: await shown(verbs, asker, agreementId, theirs.slice(0, AT_ONCE)) });
}

/**
 * The same of every right that an enforcement point holds by itself: flows, and grants that wait to be activated. Asked for where a key has ended, and
 * only then.
 */
export async function proofsOfHeld(
  verbs: Verbs,
  asker: OrganisationId,
  agreementId: AgreementId,
  rights: readonly Pick<GrantRow, 'signatures'>[],
  acts: readonly ActRow[],
): Promise<readonly SignatureProof[]> {
  const ended = endedKeys(acts);
  if (ended.size === 0 || rights.length === 0) return [];
  const material = await readMaterial(verbs, asker, agreementId, { blocks: [] });
  const agreed = material.allowed ? material.value.view.agreement.signatures : [];
  const theirs = ofKeys(ended, [...agreed, ...rights.flatMap(({ signatures }) => signatures)]).slice(0, MOST_PROOFS);
  const proofs: SignatureProof[] = [];
  for (let at = 0; at < theirs.length; at += AT_ONCE)
    proofs.push(...(await shown(verbs, asker, agreementId, theirs.slice(at, at + AT_ONCE))));
  return proofs;
}

/** Signatures that one question may name. */
const AT_ONCE = 64;

const ofKeys = (kids: ReadonlySet<string>, blocks: readonly SignatureBlock[]): readonly Digest[] => [
  ...new Set(blocks.filter((block) => claimedKids([block]).some((kid) => kids.has(kid))).map(signatureDigest)),
];

async function shown(
  verbs: Verbs,
  organisation: OrganisationId,
  log: AgreementId,
  signatures: readonly Digest[],
): Promise<readonly SignatureProof[]> {
  const ask = { organisation, log, signatures: [...signatures] };
  const answer = await verbs.requests.ask(ProveSignatures, ask, { key: verbs.ids.next('idk') });
  return answer.allowed ? answer.value.proofs : [];
}
