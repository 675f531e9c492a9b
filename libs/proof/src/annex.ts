import { signedAnnex } from '@interlock/contracts';
import {
  type Agreement,
  type Annex,
  agreedAs,
  allow,
  believable,
  type Decision,
  type HeldAnnex,
  type Instant,
  type LocalId,
  type OrganisationId,
  type Purpose,
  refuse,
  skewMilliseconds,
} from '@interlock/domain';
import { parseCanonical } from './canonical-json.js';
import { type EnvelopeRefusal, verifyDocument } from './envelope.js';
import type { KeyRing, KnownKey } from './key-ring.js';

export type AnnexRefusal = EnvelopeRefusal | 'not_a_party' | 'from_the_future' | 'resource_not_agreed';

/** Whose signature an annex needs, and by which of its keys. */
export interface AnnexSigner {
  readonly issuer: OrganisationId;
  readonly purpose: Purpose;
}

/**
 * Verifies a document that hangs on an agreement: its shape, that it is of this agreement and of its parties, and the signature of everybody
 * whose word it is. Of a transfer, the owner who is no party here signs too; his signature counts where his keys are known, and is never needed
 * for a machine to leave an agreement.
 */
export async function verifyAnnex(
  input: unknown,
  ring: KeyRing,
  agreement: Agreement,
  now: Instant,
): Promise<Decision<HeldAnnex, AnnexRefusal>> {
  const shape = signedAnnex.safeParse(input);
  if (!shape.success) return refuse('malformed', { clause: 'annex' });
  const { document, signatures } = shape.data;
  const misplaced = misplacement(document, agreement);
  if (misplaced) return refuse(misplaced, { clause: document.typ });
  if (!believable(document.issuedAt, now, skewMilliseconds(agreement)))
    return refuse('from_the_future', { clause: document.typ });
  const demands = signersOfAnnex(document).filter((demand) => isKnown(demand, document, ring));
  // Whoever is unknown here is not heard at all: what is verified is what the known ones signed.
  const heard =
    document.typ === 'machine-transfer'
      ? signatures.filter((block) => demands.some(({ issuer }) => issuer === claimedIssuer(block.protected)))
      : signatures;
  if (heard.length === 0) return refuse('signature_missing', { clause: document.typ });
  // A machine that left does not come back because the key that said so has expired meanwhile.
  const options = { expiredMayNarrow: document.typ === 'machine-transfer' || isEnd(document) };
  const verified = await verifyDocument(document.typ, { document, signatures: heard }, ring, demands, now, options);
  if (!verified.allowed) return verified;
  const { signers: keys } = verified.value;
  // Whoever says that he looked is the one who signs.
  if (document.typ === 'activation-review' && !keys.every(({ signer }) => isPerson(signer, document.reviewer)))
    return refuse('wrong_issuer', { clause: 'reviewer' });
  // Machines are listed by somebody who may say yes to their use: a guest never, and no process.
  if (document.typ === 'member-list' && document.of === 'resource' && keys.some(({ signer }) => !mayApprove(signer)))
    return refuse('wrong_issuer', { clause: 'approver' });
  const signers = [...new Set(keys.map(({ signer }) => signer.organisation))];
  return allow({ annex: document, digest: verified.value.digest, signers });
}

const isPerson = ({ holder }: KnownKey, id: LocalId): boolean => holder?.kind === 'person' && holder.id === id;

const mayApprove = ({ holder, guest }: KnownKey): boolean => holder?.kind === 'person' && !guest;

const isKnown = ({ issuer }: AnnexSigner, document: Annex, ring: KeyRing): boolean =>
  document.typ !== 'machine-transfer' || ring.entities.has(issuer);

const isEnd = (document: Annex): boolean => document.typ === 'machine-record' && document.state === 'decommissioned';

function claimedIssuer(head: string): unknown {
  const parsed = parseCanonical(Buffer.from(head, 'base64url'));
  const fields = parsed.allowed ? parsed.value : undefined;
  return typeof fields === 'object' && fields !== null && 'iss' in fields ? fields.iss : undefined;
}

/** Whose signatures make a document count. */
export function signersOfAnnex(document: Annex): readonly AnnexSigner[] {
  switch (document.typ) {
    case 'attestation':
    case 'acceptance':
    case 'insolvency-notice':
      return [{ issuer: document.organisation, purpose: 'agreement' }];
    case 'exception':
      return [document.organisation, document.acceptedBy].map((issuer) => ({ issuer, purpose: 'agreement' }));
    case 'activation-review':
      return [{ issuer: document.organisation, purpose: 'approve' }];
    case 'plant-calendar':
      return [{ issuer: document.organisation, purpose: 'certify' }];
    case 'member-list':
      return [{ issuer: document.organisation, purpose: document.of === 'resource' ? 'approve' : 'certify' }];
    case 'machine-record':
      return [{ issuer: document.resource.owner, purpose: 'certify' }];
    case 'machine-transfer':
      return [document.from.owner, document.to.owner].map((issuer) => ({ issuer, purpose: 'agreement' }));
  }
}

function misplacement(document: Annex, agreement: Agreement): 'not_a_party' | 'resource_not_agreed' | undefined {
  const parties = agreement.parties.map((party) => party.organisation);
  const isParty = (organisation: OrganisationId) => parties.includes(organisation);
  const covers = (owner: OrganisationId, id: LocalId) =>
    isParty(owner) && agreedAs(agreement, { owner, id }).length > 0;
  switch (document.typ) {
    case 'machine-record':
      return covers(document.resource.owner, document.resource.id) ? undefined : 'resource_not_agreed';
    case 'machine-transfer': {
      const { from, to } = document;
      return covers(from.owner, from.id) || covers(to.owner, to.id) ? undefined : 'resource_not_agreed';
    }
    default:
      break;
  }
  const named =
    document.typ === 'exception' ? [document.acceptedBy] : document.typ === 'insolvency-notice' ? [document.party] : [];
  // Nobody concedes to himself, and nobody declares his own end: that is a termination.
  const both = named.every((other) => isParty(other) && other !== document.organisation);
  return document.agreementId === agreement.id && isParty(document.organisation) && both ? undefined : 'not_a_party';
}
