import type { RefusalCode } from '@interlock/contracts';
import {
  type Approver,
  allow,
  covered,
  type Decision,
  type Grant,
  type HeldStandingApproval,
  type Instant,
  leftFor,
  type OrganisationId,
  refuse,
  type SignatureBlock,
} from '@interlock/domain';
import { asApprover, type KeyRing, type VerifiedSignature, verifyDocument, verifyRight } from '@interlock/proof';
import type { AboveRow, MadeSignature } from '../store/grant.store.js';
import { asHeld } from '../store/standing.store.js';
import type { Verbs } from '../verbs.js';
import { chainOf } from './chain-of.js';
import { closedTo, type Weighed } from './closed-to.js';
import { claimedIssuers, type Material, pinsOf } from './material.js';
import { standingAbove } from './weigh-standing-approval.js';

/**
 * Weighs a grant with the signatures it has so far: every one of them must verify and everything but what is still missing must be right.
 * With nothing missing the whole right is verified as a gateway would. Under a standing approval the owner has said yes already.
 */
export async function weighGrant(
  verbs: Pick<Verbs, 'rings'>,
  { document, above }: { readonly document: Grant; readonly above: readonly AboveRow[] },
  blocks: readonly SignatureBlock[],
  material: Material,
  now: Instant,
): Promise<Decision<Weighed, RefusalCode>> {
  const grant = document;
  const closed = closedTo(grant, material);
  if (closed) return closed;
  const ring = await verbs.rings.of(material.entities, material.certificates, pinsOf(material), now);
  if (!ring.allowed) return ring;
  const made = await signaturesOf(grant, blocks, ring.value, now);
  if (!made.allowed) return made;
  const standing = await standingAbove(verbs, above, material, now);
  if (!standing.allowed) return standing;
  const approvers = standing.value?.approvers ?? made.value.flatMap((one) => one.approver ?? []);
  const scope = scopeOf(grant, material, approvers, now, standing.value);
  if (!scope.allowed) return scope;
  const asked = made.value.some((one) => one.purpose === 'grant');
  const weighed = { ...scope.value, approvers, made: made.value };
  if (!scope.value.approved || !asked) return allow({ ...weighed, whole: false });
  const rights = [...above, { document: grant, signatures: blocks }];
  const right = await verifyRight(chainOf(rights, material), pinsOf(material), now);
  return right.allowed
    ? allow({ ...weighed, whole: true })
    : refuse(right.refusal.code, clauseOf(right.refusal.clause));
}

const clauseOf = (clause: string | undefined) => (clause === undefined ? {} : { clause });

/** Missing approvals are no fault of an asked grant; everything else is. */
function scopeOf(
  grant: Grant,
  { view, acts }: Material,
  approvers: readonly Approver[],
  now: Instant,
  standing: HeldStandingApproval | undefined,
): Decision<{ owner: OrganisationId; subjectSide: OrganisationId; approved: boolean }, RefusalCode> {
  const agreement = view.agreement.document;
  const cover = covered(grant, agreement, grant.requester, approvers, now, standing);
  const right = { agreement, agreementDigest: view.digest, grant, delegations: [], approvers };
  const left = cover.allowed || cover.refusal.code === 'approvals_missing' ? leftFor(right, acts.map(asHeld)) : cover;
  if (left.allowed && cover.allowed) return allow({ ...cover.value, approved: true });
  const { code, clause } = left.allowed ? { code: 'approvals_missing' as const, clause: undefined } : left.refusal;
  const [resource, subject] = [grant.resources[0], grant.subjects[0]];
  if (code !== 'approvals_missing' || !resource || !subject) return refuse(code, clauseOf(clause));
  return allow({ owner: resource.owner, subjectSide: subject.organisation, approved: false });
}

type Made = MadeSignature & { readonly approver?: Approver };

async function signaturesOf(
  grant: Grant,
  blocks: readonly SignatureBlock[],
  ring: KeyRing,
  now: Instant,
): Promise<Decision<Made[], RefusalCode>> {
  const owner = grant.resources[0]?.owner ?? grant.requester.organisation;
  const asks = { issuer: grant.requester.organisation, purpose: 'grant' as const };
  const approves = { issuer: owner, purpose: 'approve' as const };
  const issuers = claimedIssuers(blocks);
  const bySomebody = [asks, approves].filter((demand) => issuers.includes(demand.issuer));
  // In a house agreement one organisation may have signed for one side only so far.
  const tries = bySomebody.length === 2 && asks.issuer === owner ? [bySomebody, [asks], [approves]] : [bySomebody];
  let refused: Decision<never, RefusalCode> = refuse('signature_missing', { clause: 'grant' });
  for (const demands of tries) {
    const verified = await verifyDocument('grant', { document: grant, signatures: blocks }, ring, demands, now);
    if (verified.allowed) return allow(verified.value.signers.flatMap((one, at) => madeOf(grant, one, blocks[at])));
    refused = refuse(verified.refusal.code, { clause: 'grant' });
  }
  return refused;
}

function madeOf(grant: Grant, signature: VerifiedSignature, block: SignatureBlock | undefined): Made[] {
  if (!block) return [];
  const { signer } = signature;
  const holder = signer.holder?.id ?? null;
  const base = { organisation: signer.organisation, kid: signer.kid, holder, block };
  const isRequester =
    signer.purposes.includes('grant') &&
    signer.organisation === grant.requester.organisation &&
    holder === grant.requester.id;
  if (isRequester) return [{ ...base, purpose: 'grant' }];
  const [approver] = asApprover(signature);
  return [{ ...base, purpose: 'approve', ...(approver && { approver }) }];
}
