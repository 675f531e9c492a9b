import type { Instant, Interval } from '../instant.js';
import type { AgreementId, Digest, LocalId, OrganisationId, ResourceRef, SessionId, SubjectKind } from '../names.js';
import type { DocumentHead } from './key.js';

/** What a statement rests on: a document that both can read, named by its digest. */
export interface AnnexEvidence {
  readonly title: string;
  readonly digest: Digest;
}

/** One party states how it meets a control of a profile, from when to when, and on what evidence. Signed by its `agreement` key. */
export interface Attestation extends DocumentHead<'attestation'> {
  readonly organisation: OrganisationId;
  readonly agreementId: AgreementId;
  readonly control: LocalId;
  readonly statement: string;
  readonly evidence: readonly AnnexEvidence[];
  readonly validFrom: Instant;
  readonly validUntil: Instant;
  readonly issuedAt: Instant;
}

/** The other side takes exactly one attestation for its own control, until a date. Signed by its `agreement` key. */
export interface Acceptance extends DocumentHead<'acceptance'> {
  readonly organisation: OrganisationId;
  readonly agreementId: AgreementId;
  readonly attestation: Digest;
  readonly validUntil: Instant;
  readonly issuedAt: Instant;
}

/** A deviation that both know of: a control that one party does not meet, and what is done in its place. Signed by both `agreement` keys. */
export interface Exception extends DocumentHead<'exception'> {
  readonly organisation: OrganisationId;
  readonly agreementId: AgreementId;
  /** The side that concedes it. */
  readonly acceptedBy: OrganisationId;
  readonly control: LocalId;
  /** The role in the organisation that answers for it. */
  readonly owner: LocalId;
  readonly reason: string;
  readonly compensation: string;
  readonly validFrom: Instant;
  readonly validUntil: Instant;
  readonly issuedAt: Instant;
}

export type MachineState = 'commissioned' | 'decommissioned';

/** What a machine is, by its maker's nameplate (IDTA 02006). */
export interface Nameplate {
  readonly uri: string;
  readonly manufacturer: string;
  readonly product: string;
  readonly serial: string;
  readonly built: string;
}

/** One numbered version of what an owner says of a machine. Signed by the owner's `certify` key. */
export interface MachineRecord extends DocumentHead<'machine-record'> {
  readonly resource: ResourceRef;
  readonly sequence: number;
  readonly previous: Digest | null;
  readonly state: MachineState;
  readonly nameplate: Nameplate;
  readonly site: LocalId;
  readonly zone: LocalId;
  /** Purdue level, 0 to 5; 3.5 is the industrial demilitarised zone. */
  readonly level: number;
  readonly firmware: string;
  /** When its maker stops supporting it; null where no end was announced. */
  readonly supportEndsAt: Instant | null;
  /** The transfer by which this owner got it; null where it was commissioned here. */
  readonly takenOver: Digest | null;
  readonly issuedAt: Instant;
}

/** A machine changes its owner at an instant. Signed by the `agreement` keys of both owners. */
export interface MachineTransfer extends DocumentHead<'machine-transfer'> {
  readonly from: ResourceRef;
  readonly to: ResourceRef;
  readonly nameplate: Digest;
  readonly at: Instant;
  readonly reason: string;
  readonly issuedAt: Instant;
}

/** A party says that another one is insolvent. What follows stands in the agreement. Signed by its `agreement` key. */
export interface InsolvencyNotice extends DocumentHead<'insolvency-notice'> {
  readonly organisation: OrganisationId;
  readonly agreementId: AgreementId;
  readonly party: OrganisationId;
  readonly reason: string;
  readonly evidence: readonly AnnexEvidence[];
  readonly issuedAt: Instant;
}

/**
 * One numbered version of when a plant is closed: holidays and shutdowns, expanded into intervals by the plant itself. Recurring windows leave them
 * out. Signed by its `certify` key.
 */
export interface PlantCalendar extends DocumentHead<'plant-calendar'> {
  readonly organisation: OrganisationId;
  readonly agreementId: AgreementId;
  readonly sequence: number;
  readonly zone: string;
  readonly zoneDatabase: string;
  readonly closed: readonly ClosedTime[];
  readonly issuedAt: Instant;
}

export interface ClosedTime extends Interval {
  readonly name: string;
}

/**
 * A person of the plant has looked at one use that somebody else of it activated at the gateway (trust model, section 8), and says what he found. Signed by his `approve`
 * key. It changes no right: it says that the use did not go by unseen.
 */
export interface ActivationReview extends DocumentHead<'activation-review'> {
  readonly organisation: OrganisationId;
  readonly agreementId: AgreementId;
  readonly session: SessionId;
  /** Of the activation that its record names. */
  readonly activation: Digest;
  readonly activatedBy: LocalId;
  readonly reviewer: LocalId;
  readonly finding: 'in-order' | 'not-in-order';
  readonly statement: string;
  readonly issuedAt: Instant;
}

/**
 * A group of one organisation's own: its machines, or its people, machines and workloads as subjects. It never changes: a member is struck from it by an act, and one
 * more makes another list. Machines are listed by the owner's `approve` key, subjects by its company's `certify` key.
 */
export interface MemberList extends DocumentHead<'member-list'> {
  readonly organisation: OrganisationId;
  readonly agreementId: AgreementId;
  readonly group: LocalId;
  readonly of: 'resource' | SubjectKind;
  readonly members: readonly LocalId[];
  readonly issuedAt: Instant;
}

/** A signed document that hangs on an agreement and changes nothing in its text. */
export type Annex =
  | Attestation
  | Acceptance
  | Exception
  | MachineRecord
  | MachineTransfer
  | InsolvencyNotice
  | PlantCalendar
  | ActivationReview
  | MemberList;
export type AnnexKind = Annex['typ'];

/** An annex whose signatures have been verified: by whom, and the digest it is known by. */
export interface HeldAnnex<A extends Annex = Annex> {
  readonly annex: A;
  readonly digest: Digest;
  readonly signers: readonly OrganisationId[];
  /** Since when this point holds it; left out where nobody keeps that. */
  readonly heldSince?: Instant;
}
