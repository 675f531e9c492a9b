import type { RefusalCode } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type Instant,
  refuse,
  type SignatureBlock,
  type StandingApproval,
} from '@interlock/domain';
import { type GivenBeforehand, provenSignatures, readStandingApproval, verifyAgreement } from '@interlock/proof';
import type { AboveRow } from '../store/grant.store.js';
import type { Verbs } from '../verbs.js';
import { closedTo, type Weighed } from './closed-to.js';
import { type Material, pinsOf } from './material.js';

/** Weighs what the owner says yes to beforehand with the signatures it has so far: each must be of one of the owner's approvers. */
export async function weighStandingApproval(
  verbs: Pick<Verbs, 'rings'>,
  document: StandingApproval,
  blocks: readonly SignatureBlock[],
  material: Material,
  now: Instant,
): Promise<Decision<Weighed, RefusalCode>> {
  const closed = closedTo(document, material);
  if (closed) return closed;
  const read = await readUnder(verbs, { document, signatures: blocks }, material, now);
  if (!read.allowed) return refuse(read.refusal.code, clauseOf(read.refusal.clause));
  const { owner, subjectSide, approvers, signers, complete } = read.value;
  const made = signers.flatMap(({ organisation, kid, holder }, at) => {
    const block = blocks[at];
    return block ? [{ organisation, kid, holder: holder?.id ?? null, block, purpose: 'approve' as const }] : [];
  });
  return allow({ whole: complete, owner, subjectSide, approvers, made });
}

const clauseOf = (clause: string | undefined) => (clause === undefined ? {} : { clause });

async function readUnder(
  verbs: Pick<Verbs, 'rings'>,
  { document, signatures }: Pick<AboveRow, 'signatures'> & { readonly document: StandingApproval },
  material: Material,
  now: Instant,
): Promise<Decision<GivenBeforehand, RefusalCode>> {
  const pins = pinsOf(material);
  const ring = await verbs.rings.of(material.entities, material.certificates, pins, now);
  if (!ring.allowed) return ring;
  const agreement = await verifyAgreement(material.view.agreement, ring.value, pins, now);
  if (!agreement.allowed) return agreement;
  const proven = provenSignatures(material.proofs ?? [], ring.value, agreement.value.document);
  const given = { document, signatures: [...signatures] };
  return readStandingApproval(given, agreement.value, ring.value, now, proven);
}

/** The standing approval among what a grant hangs on, verified, still active and complete; undefined where it names none. */
export async function standingAbove(
  verbs: Pick<Verbs, 'rings'>,
  above: readonly AboveRow[],
  material: Material,
  now: Instant,
): Promise<Decision<GivenBeforehand | undefined, RefusalCode>> {
  const [row] = above;
  if (!row) return allow(undefined);
  if (row.document.typ !== 'standing-approval') return refuse('standing_dangling', { clause: 'standingApproval' });
  if (row.status !== 'active') return refuse('taken_away', { clause: 'standing-approval' });
  const { document, signatures } = row;
  return readUnder(verbs, { document, signatures }, material, now);
}
