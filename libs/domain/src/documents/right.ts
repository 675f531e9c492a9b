import type { EpochSeconds, Instant, Interval } from '../instant.js';
import type {
  AgreementId,
  Digest,
  GrantId,
  LocalId,
  OrganisationId,
  ResourceRef,
  SessionId,
  SubjectRef,
  Thumbprint,
} from '../names.js';
import type { AgreedResource, GrantKind, Term } from './agreement.js';
import type { DocumentHead } from './key.js';

/** What makes a grant dormant: it opens nothing until an approver who is present activates it at the gateway's own port. */
export interface Dormancy {
  /** Keys by which its one subject is known there; they stand in place of a login. */
  readonly subjectKeys: readonly Thumbprint[];
  /** Keys of persons of the owner, one of whom activates it. */
  readonly approverKeys: readonly Thumbprint[];
  /** How long a use may last after its activation. */
  readonly seconds: number;
  /** How often it may be activated. */
  readonly uses: number;
}

/** An approver who is present says: this grant, at this gateway, now. */
export interface Activation extends DocumentHead<'activation'> {
  readonly organisation: OrganisationId;
  readonly gateway: LocalId;
  readonly grant: Digest;
  readonly resource: LocalId;
  readonly action: LocalId;
  /** The key of the subject that will come. */
  readonly leaf: Thumbprint;
  /** The gateway's own, shown at its local port and good for one activation. */
  readonly nonce: string;
  readonly reason: string;
  readonly at: Instant;
}

/** The right of subjects to act on resources under one agreement version; signed by both sides. */
export interface Grant extends DocumentHead<'grant'> {
  readonly id: GrantId;
  readonly kind: GrantKind;
  readonly agreementId: AgreementId;
  readonly agreement: Digest;
  readonly requester: { readonly organisation: OrganisationId; readonly id: LocalId };
  readonly subjects: readonly SubjectRef[];
  readonly resources: readonly ResourceRef[];
  /** Services for access, data products for data collection. */
  readonly actions: readonly LocalId[];
  readonly purpose: LocalId;
  readonly ticket: string | null;
  readonly windows: readonly Interval[];
  /** The rule that the windows are the expansion of; left out where they were chosen one by one. */
  readonly recurrence?: Recurrence | undefined;
  readonly issuedAt: Instant;
  /** Left out of every grant that is not dormant. */
  readonly dormant?: Dormancy | undefined;
  /** The owner's yes that was given beforehand; left out of every grant that was approved by itself. */
  readonly standingApproval?: Digest | undefined;
  /** The member lists that bound it; left out where none does. */
  readonly memberLists?: MemberListsOf | undefined;
}

/** Who of a right's subjects and resources counts only as long as a member list (one of each sort at most) has it. */
export interface MemberListsOf {
  readonly resources?: Digest | undefined;
  readonly subjects?: Digest | undefined;
}

/** A recurring window as it was asked for, beside the intervals that were approved. */
export interface Recurrence {
  /** First local time, `YYYY-MM-DDTHH:MM:SS`, and the zone it is meant in (IANA). */
  readonly start: string;
  readonly zone: string;
  /** RRULE of RFC 5545, such as `FREQ=WEEKLY;BYDAY=TU`. */
  readonly rule: string;
  /** Length of each window. */
  readonly seconds: number;
  /** Version of the zone database it was expanded under. */
  readonly zoneDatabase: string;
  /** The plant's calendar whose closed times were left out; null where the plant had published none. */
  readonly calendar: Digest | null;
}

/**
 * A grant derived from a grant by one of its subjects, never wider than what it hangs on; signed by that person's own `delegate` key and, where
 * the agreement asks for it, by the owner's side. `requester` is the delegator, `subjects` are the delegates.
 */
export interface Delegation
  extends Omit<Grant, 'typ' | 'recurrence' | 'dormant' | 'standingApproval' | 'memberLists'>,
    DocumentHead<'delegation'> {
  /** The grant or delegation it hangs on. */
  readonly parent: Digest;
  /** How many sessions it may open, with all that hang on it; null where only its windows bound it. */
  readonly uses: number | null;
  readonly reason: string;
}

/** What a subject may hold: a grant, or a delegation that hangs on one. */
export type Right = Grant | Delegation;

export type ActVerb = 'suspend' | 'narrow' | 'revoke' | 'resume' | 'terminate';
export type ActTarget =
  | { readonly kind: 'agreement'; readonly id: AgreementId }
  | { readonly kind: 'grant'; readonly id: GrantId }
  | { readonly kind: 'session'; readonly id: SessionId }
  | { readonly kind: 'person' | 'machine' | 'workload'; readonly id: LocalId }
  /** A resource of the signer's own, and an annex of the agreement by its digest. */
  | { readonly kind: 'resource'; readonly id: LocalId }
  | { readonly kind: 'annex'; readonly id: Digest }
  /** A member of the signer's own, out of one member list. */
  | { readonly kind: 'member'; readonly id: LocalId; readonly list: Digest }
  /** A gateway of the signer's own: with `suspend`, the order to lock it out. */
  | { readonly kind: 'gateway'; readonly id: LocalId }
  /** A key of the signer's own. Where it does not say since when, nothing it ever signed counts. */
  | { readonly kind: 'key'; readonly id: Thumbprint; readonly ended?: KeyEnd | undefined };

/** How a key came to its end. Either way, what it signed counts only where it is proven that it was signed before. */
export interface KeyEnd {
  readonly how: 'retired' | 'compromised';
  readonly since: Instant;
}

/** What one side takes out of one version, or writes narrower, by itself. Resources and clauses keep the names they have there. */
export interface Narrowing {
  /** The version it narrows; of any other version it says nothing. */
  readonly version: Digest;
  readonly strike: { readonly resources: readonly ResourceRef[]; readonly clauses: readonly string[] };
  /** Each stands in the place of the resource or clause of its name. */
  readonly instead: { readonly resources: readonly AgreedResource[]; readonly terms: readonly Term[] };
}

/** A signed change of state. Narrowing acts form a set: each valid one applies at once, whatever its number. */
export interface Act extends DocumentHead<'act'> {
  readonly verb: ActVerb;
  readonly organisation: OrganisationId;
  readonly agreementId: AgreementId;
  readonly target: ActTarget;
  readonly reason: string;
  /** The one suspension or narrowing that a resume lifts; null for every other verb. */
  readonly lifts: Digest | null;
  /** What a `narrow` takes away; left out with every other verb. */
  readonly narrows?: Narrowing | undefined;
  readonly sequence: number;
  readonly previous: Digest | null;
  readonly issuedAt: Instant;
}

/** How many bits one entry of a status list has (IETF Token Status List, section 4.1). */
export type StatusBits = 1 | 2 | 4 | 8;

/** Where the status of a token stands: the `status_list` member of its claim `status` (section 6.2). */
export interface ListedAs {
  readonly idx: number;
  readonly uri: string;
}

/** Claims of the login proof (JWT): the subject's own domain says "this subject holds this key, for this". */
export interface LoginProof {
  readonly iss: OrganisationId;
  readonly sub: LocalId;
  /** The owner of the resource: a proof made for one partner is worth nothing at another. */
  readonly aud: OrganisationId;
  readonly jkt: Thumbprint;
  readonly acr: string;
  readonly auth_time: EpochSeconds;
  readonly grant: GrantId;
  readonly iat: EpochSeconds;
  readonly exp: EpochSeconds;
  readonly jti: string;
  /** Where its issuer says whether it is still good (IETF Token Status List, section 6). Proofs of an earlier release have none. */
  readonly status?: { readonly status_list: ListedAs } | undefined;
}

/** Claims of the broker's admission (JWT). It can deny; it proves no holder. */
export interface Ticket {
  readonly iss: string;
  readonly session: SessionId;
  readonly grant: GrantId;
  readonly proof: Digest;
  readonly jkt: Thumbprint;
  readonly gateway: { readonly organisation: OrganisationId; readonly id: LocalId };
  readonly iat: EpochSeconds;
  readonly exp: EpochSeconds;
  readonly jti: string;
}

/** "Still agreed", freshly signed by a party's one writer epoch, naming everything the receiver must hold. */
export interface Beat extends DocumentHead<'beat'> {
  readonly organisation: OrganisationId;
  readonly epoch: number;
  readonly receiver: { readonly organisation: OrganisationId; readonly id: LocalId };
  /** The receiver's nonce this beat answers; null for an unsolicited one. */
  readonly nonce: string | null;
  readonly agreementId: AgreementId;
  readonly agreement: Digest;
  readonly entity: Digest;
  /** Digest over the sorted digests of every act of this organisation in this agreement. */
  readonly acts: Digest;
  readonly status: Digest;
  readonly checkpoint: { readonly size: number; readonly root: string } | null;
  readonly issuedAt: Instant;
}

/** The revoked of one organisation in one agreement. What is INVALID once stays INVALID at a receiver. */
export interface StatusList extends DocumentHead<'status-list'> {
  readonly organisation: OrganisationId;
  readonly agreementId: AgreementId;
  readonly sequence: number;
  readonly invalid: readonly string[];
  /** The status of every login proof of this organisation under the agreement (IETF Token Status List, section 4): published under `sub`. */
  readonly logins?: { readonly sub: string; readonly bits: StatusBits; readonly lst: string } | undefined;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
}

export type VerdictKind = 'embargo' | 'decide';

/** A company's own answer about one grant, computed by its own agent from its own snapshot. */
export interface Verdict extends DocumentHead<'verdict'> {
  readonly kind: VerdictKind;
  readonly organisation: OrganisationId;
  readonly grant: Digest;
  readonly outcome: 'clear' | 'blocked';
  readonly snapshot: Digest;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
}

/** Exchanged inside the tunnel at both ends of a session; each end keeps both. */
export interface Receipt extends DocumentHead<'receipt'> {
  readonly moment: 'opening' | 'closing';
  readonly by: 'gateway' | 'connector';
  readonly session: SessionId;
  readonly grant: Digest;
  readonly agreement: Digest;
  readonly subject: SubjectRef;
  readonly resource: ResourceRef;
  readonly gateway: { readonly organisation: OrganisationId; readonly id: LocalId };
  readonly jkt: Thumbprint;
  readonly at: Instant;
  readonly code: string | null;
  readonly bytes: number;
}
