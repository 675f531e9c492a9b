import type { Instant } from '../instant.js';
import type { AgreementId, Digest, LocalId, OrganisationId, ResourceRef, SubjectRef } from '../names.js';
import type { RecordPlace } from './chain.js';

/** What evidence can be about. One declaration each; an undeclared kind is parked, never guessed. */
export const EVIDENCE_KINDS = [
  'entity.published',
  'certificates.published',
  'agreement.proposed',
  'agreement.signed',
  'agreement.countersigned',
  'agreement.activated',
  'agreement.refused',
  'agreement.suspended',
  'agreement.narrowed',
  'agreement.resumed',
  'agreement.terminated',
  'agreement.ended',
  'annex.taken',
  'annex.withdrawn',
  'annex.expiring',
  'annex.ended',
  'resource.withdrawn',
  'grant.requested',
  'grant.approved',
  'grant.activated',
  'grant.refused',
  'grant.revoked',
  'grant.expired',
  'verdict.taken',
  'decision.given',
  'caller.refused',
  'request.refused',
  'session.admitted',
  'session.refused',
  'session.opened',
  'session.activated',
  'session.closed',
  'session.cut',
  'token.issued',
  'token.refused',
  'token.revoked',
  'function.refused',
  'user.issued',
  'push.quarantined',
  'scan.quarantined',
  'scan.released',
  'flow.opened',
  'flow.delivered',
  'flow.refused',
  'flow.cut',
  'data.received',
  'data.erased',
  'lockout.set',
  'lockout.lifted',
  'gateway.started',
  'hold.set',
  'hold.lifted',
  'evidence.erased',
  'service.started',
  'service.stopped',
  'schema.migrated',
  'parked.handled',
  'letter.handled',
  'backup.made',
  'backup.restored',
  'finding',
] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];
export type EvidenceOutcome = 'allow' | 'deny' | 'cut' | 'change' | 'delivery' | 'finding';

/** Members of a record that tell of persons, or are a person's own words: the log commits to them and does not hold them. */
export const PERSONAL_MEMBERS = ['subject', 'approvers', 'deputies', 'delegators', 'reason'] as const;
export type PersonalMember = (typeof PERSONAL_MEMBERS)[number];

/** Members that one company keeps from the other: the log commits to them, and who they belong to discloses them by choice. */
export const OWN_MEMBERS = ['internalReason', 'internalTicket', 'explanation'] as const;
export type OwnMember = (typeof OWN_MEMBERS)[number];

/**
 * Which kinds may carry which of them, and whose they are: of the organisation the record is of, or of the one that it names because either side's
 * rule may have said no.
 */
export const OWN_MEMBERS_OF: {
  readonly [Kind in EvidenceKind]?: { readonly [Member in OwnMember]?: 'organisation' | 'named' };
} = {
  'decision.given': { explanation: 'named' },
  'grant.refused': { internalReason: 'organisation', internalTicket: 'organisation' },
  'session.refused': { explanation: 'named' },
  'token.refused': { explanation: 'named' },
  'session.cut': { explanation: 'named' },
  'flow.refused': { explanation: 'named' },
  'flow.cut': { explanation: 'named' },
  'verdict.taken': { explanation: 'organisation' },
  'lockout.set': { internalReason: 'organisation' },
  'lockout.lifted': { internalReason: 'organisation' },
};

export const WITHHELD_MEMBERS = [...PERSONAL_MEMBERS, ...OWN_MEMBERS] as const;
export type WithheldMember = (typeof WITHHELD_MEMBERS)[number];

/** The salted digest of each member that was withheld; a member that said nothing has none. */
export type WithheldMembers = { readonly [Member in WithheldMember]?: Digest | undefined };

/** What an enforcement point runs, and which terms and parts of services it can judge. */
export interface ProgramReport {
  readonly version: string;
  /** SHA-256 of the program file that runs, as `sha256sum` prints it; null where it could not be read. */
  readonly digest: string | null;
  readonly node: string;
  /** Version of the time zone database that windows are judged by. */
  readonly tzdata: string;
  readonly evaluators: readonly string[];
  readonly functionRights: readonly string[];
}

/** One leaf of an agreement's log. Its bytes are its canonical JSON; nothing outside them counts. */
export interface EvidenceRecord {
  readonly v: 1;
  readonly id: string;
  /** The agreement whose log it belongs to, or `operator` for the operator's own acts. */
  readonly log: AgreementId | 'operator';
  readonly kind: EvidenceKind;
  readonly outcome: EvidenceOutcome;
  /** When it happened, by the source's clock. */
  readonly at: Instant;
  /** The process that says so: `organisation/holder`, or a broker service. */
  readonly source: string;
  readonly organisation: OrganisationId | null;
  readonly subject: SubjectRef | null;
  readonly resource: ResourceRef | null;
  readonly agreement: Digest | null;
  readonly grant: Digest | null;
  readonly session: string | null;
  readonly clause: string | null;
  readonly code: string | null;
  readonly approvers: readonly LocalId[];
  /** Which of the approvers said yes in whose place; left out where nobody did. */
  readonly deputies?: readonly { readonly id: LocalId; readonly for: LocalId }[] | undefined;
  /** Who handed the right on, the first delegator first; left out where nobody did. */
  readonly delegators?: readonly { readonly organisation: OrganisationId; readonly id: LocalId }[] | undefined;
  readonly region: LocalId | null;
  readonly recipients: readonly OrganisationId[];
  /** Digests of the signed documents that this record rests on. */
  readonly documents: readonly Digest[];
  readonly count: number;
  readonly correlation: string | null;
  /** Members from here on are left out where there is nothing to say: a record of before them keeps its bytes and its hash. */
  readonly site?: LocalId;
  /** The work order for which the right was asked, as its requester wrote it. */
  readonly ticket?: string;
  readonly purpose?: LocalId;
  /** Categories of data in what was handed over, as the agreement names them. */
  readonly categories?: readonly LocalId[];
  /** Size of what was handed over, sealed, in bytes. */
  readonly bytes?: number;
  /** Digests of the signatures that this fact took in: a document may be signed again later, a signature is made once. */
  readonly signatures?: readonly Digest[];
  /** Why, in words of a person. */
  readonly reason?: string;
  /** Given by a gateway, whose records travel late and by way of the broker. */
  readonly place?: RecordPlace;
  /** What a gateway is and can judge; left out of every record but that of its start. */
  readonly program?: ProgramReport;
  /** Where callers came from who proved nothing: an address prefix, or `others`. */
  readonly addresses?: string;
  /** Whose the members are that one company keeps from the other; there wherever there is one of them. */
  readonly belongsTo?: OrganisationId;
  /** Why, for the own company. */
  readonly internalReason?: string;
  /** The own company's number for it. */
  readonly internalTicket?: string;
  /** What a rule of the own company said, in full. */
  readonly explanation?: string;
  /** Salted digests of what is said beside the log and not in it, so that it can be erased; whoever holds a disclosure can show what was said. */
  readonly withheld?: WithheldMembers;
}

/** What one record says beside what every record says. */
export type SaidEvidence = Pick<EvidenceRecord, 'log' | 'kind' | 'outcome' | 'at'> & Partial<EvidenceRecord>;

/**
 * The record of `source` with this id; what is not said is null or empty. A clause and a reason may come from a stranger: the log keeps
 * text that every reader can show, cut to the lengths of the declaration, so that no stranger's words get a record parked.
 */
export function evidenceOf(source: string, id: string, said: SaidEvidence): EvidenceRecord {
  const { reason, clause, internalReason, explanation, ...rest } = said;
  return {
    v: 1,
    id,
    source,
    organisation: null,
    subject: null,
    resource: null,
    agreement: null,
    grant: null,
    session: null,
    code: null,
    approvers: [],
    region: null,
    recipients: [],
    documents: [],
    count: 1,
    correlation: null,
    ...rest,
    clause: clause ? clause.replace(/[^\x20-\x7e]/g, '?').slice(0, 300) : null,
    ...(reason && { reason: shown(reason) }),
    ...(internalReason && { internalReason: shown(internalReason) }),
    ...(explanation && { explanation: shown(explanation) }),
  };
}

const shown = (text: string): string =>
  text
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .slice(0, 500)
    .toWellFormed();
