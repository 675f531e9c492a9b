import type { Instant } from '../instant.js';
import type { AgreementId, Digest, LocalId, OrganisationId, ResourceRef, Thumbprint } from '../names.js';
import type { GrantKind, OfflineMode, PartyRole, ResourceClass } from './agreement-kinds.js';
import type {
  ClockSkewTerm,
  CustodyTerm,
  FileTransferTerm,
  HoursTerm,
  IdentityProviderTerm,
  ReLoginTerm,
  ResourceClassTerm,
  SafetyNoticeTerm,
  SelectorTerm,
  SessionsTerm,
  TransferTerm,
} from './condition-terms.js';
import type { DocumentHead } from './key.js';

export * from './agreement-kinds.js';
export * from './condition-terms.js';

/** A party and the root it is known by: the thumbprints that each side signs are the ones compared out of band. */
export interface Party {
  readonly organisation: OrganisationId;
  readonly role: PartyRole;
  readonly root: Thumbprint;
  readonly entity: Digest;
}

export interface AgreedResource extends ResourceRef {
  readonly class: ResourceClass;
  readonly services: readonly LocalId[];
}

/** How many different persons of the owner's group must say yes. */
export interface ApprovalRule {
  readonly group: LocalId;
  readonly persons: number;
}

export interface AccessTerm {
  readonly type: 'remote-service' | 'machine-to-machine';
  readonly approvals: readonly ApprovalRule[];
  /** Regular expression the ticket must match as a whole; null where no ticket is asked. */
  readonly ticketPattern: string | null;
  readonly longestWindowSeconds: number;
  readonly purposes: readonly LocalId[];
}

/**
 * `hash`: a name that holds inside one flow and nowhere else. `pseudonymise`: a name by the owner's own key, the same in every flow, which only the
 * owner can lead back. `coarsen`: the lower edge of a step. `aggregate`: count, least, greatest and mean of a window.
 */
export type KeyAction = 'pass' | 'drop' | 'hash' | 'pseudonymise' | 'coarsen' | 'aggregate';

/** A trade secret of the owner: who may have it at all, and the control of the catalogue in `annex/controls` that protects it there. */
export interface TradeSecretMark {
  readonly recipients: readonly OrganisationId[];
  readonly control: LocalId;
}

export interface ProductKey {
  readonly key: string;
  readonly unit: string | null;
  readonly category: LocalId;
  /** What the key means, as a catalogue outside this agreement says it (an IRDI or IRI). */
  readonly semanticId?: string | undefined;
  readonly action: KeyAction;
  /** Width of a step for `coarsen`, in the key's unit; length of a window for `aggregate`, in seconds; null otherwise. */
  readonly step: number | null;
  /** Not a trade secret where left out. */
  readonly secret?: TradeSecretMark | undefined;
}

export interface DataTerm {
  readonly type: 'data-collection';
  readonly product: LocalId;
  readonly resource: ResourceRef;
  readonly approvals: readonly ApprovalRule[];
  readonly keys: readonly ProductKey[];
  readonly purposes: readonly LocalId[];
  readonly recipients: readonly OrganisationId[];
  /** Where it is read, minimised and sealed: in the plant by the owner's gateway, or in a region by whoever runs it. */
  readonly inspection: 'plant' | 'region';
  readonly regions: readonly LocalId[];
  readonly retentionSeconds: number;
  readonly longestWindowSeconds: number;
  /** Classifications and regulations that an event may carry; one that is not here is refused. None where left out. */
  readonly labels?: readonly string[] | undefined;
  /** `required`: nothing is sealed, and nothing opened, without a clean verdict of a scanner over its very bytes. Left out, none was agreed. */
  readonly scanning?: 'required' | undefined;
}

export interface RegionTerm {
  readonly type: 'region';
  readonly region: LocalId;
  readonly operator: string;
  readonly jurisdiction: string;
  /** RFC 7638 thumbprints of the TLS keys of the region's endpoints; the gateway sends nowhere else. */
  readonly endpointKeys: readonly Thumbprint[];
}

export interface OfflineTerm {
  readonly type: 'offline';
  readonly kind: GrantKind;
  readonly class: ResourceClass;
  readonly mode: OfflineMode;
  readonly leaseSeconds: number;
  /** Within how long somebody else of the owner has to sign that he looked at a use that was activated at the gateway. Of `local` alone. */
  readonly reviewWithinSeconds?: number | undefined;
}

export interface EmbargoTerm {
  readonly type: 'embargo';
  readonly party: OrganisationId;
  readonly issuers: readonly LocalId[];
  readonly maxAgeSeconds: number;
}

export interface DecisionPointTerm {
  readonly type: 'decision-point';
  readonly party: OrganisationId;
  readonly present: boolean;
  readonly maxAgeSeconds: number;
}

export interface EvidenceTerm {
  readonly type: 'evidence';
  readonly region: LocalId;
  readonly cosigning: 'none' | 'one' | 'both';
  /** How long a record may wait for the witnesses of `cosigning` until nothing more is opened. No such end where left out: what waits stops nothing. */
  readonly witnessSilenceSeconds?: number | undefined;
  readonly retentionSeconds: number;
}

export interface NoticeTerm {
  readonly type: 'notice';
  readonly terminateSeconds: number;
  /** How long after that what was delivered may still be fetched. Not at all where left out. */
  readonly retrievalSeconds?: number | undefined;
}

/** An integrator or subcontractor that one side brings in: a party that signs, and never holds more than that side. */
export interface ThirdPartyTerm {
  readonly type: 'third-party';
  readonly party: OrganisationId;
  readonly broughtBy: OrganisationId;
  readonly kinds: readonly GrantKind[];
  readonly resources: readonly ResourceRef[];
  /** Services for access, data products for data collection. */
  readonly actions: readonly LocalId[];
  readonly purposes: readonly LocalId[];
  readonly longestWindowSeconds: number;
}

/** A control that one party must meet in a way the other accepts; what depends on it stands still when nothing assures it. */
export interface EquivalenceTerm {
  readonly type: 'equivalence';
  readonly party: OrganisationId;
  /** Of the catalogue in `annex/controls`. */
  readonly control: LocalId;
  /** What lapses with it: uses of these kinds, on these resources; on every resource where none is named. */
  readonly kinds: readonly GrantKind[];
  readonly resources: readonly ResourceRef[];
  /** How long before an end both are warned, and how long after a withdrawal it still counts. */
  readonly warnSeconds: number;
}

/** Machines that must be recorded by their owner, where they may stand, and what the end of support does. */
export interface MachinesTerm {
  readonly type: 'machines';
  readonly resources: readonly ResourceRef[];
  readonly sites: readonly LocalId[];
  readonly zones: readonly LocalId[];
  readonly afterSupport: 'allow' | 'refuse';
}

/** What goes on when one party is insolvent: without its leases and verdicts, for a named successor or for those who are left. */
export interface InsolvencyTerm {
  readonly type: 'insolvency';
  readonly party: OrganisationId;
  readonly successor: OrganisationId | null;
  readonly kinds: readonly GrantKind[];
  readonly resources: readonly ResourceRef[];
  readonly waitSeconds: number;
}

/**
 * A fact that must hold, freshly said by one party of a resource or a subject of its own, for a use to begin and to go on: presence at the
 * machine, the machine's own state, the posture of a device, which program the gateway in front of it runs.
 */
export interface SignalTerm {
  readonly type: 'signal';
  readonly signal: LocalId;
  readonly party: OrganisationId;
  readonly about: 'resource' | 'subject' | 'gateway';
  readonly kinds: readonly GrantKind[];
  /** Every one of the party's (or used by its subjects) where none is named. */
  readonly resources: readonly ResourceRef[];
  readonly maxAgeSeconds: number;
  /** Whether it is looked at while the broker is lost too; one that is not stays as it was. */
  readonly live: boolean;
  /** SHA-256 of the gateway programs that may serve, as `sha256sum` prints them; any may where it is left out. */
  readonly releases?: readonly string[];
}

/** Whether persons may hand on what they were granted: without this term nobody may. */
export interface DelegationTerm {
  readonly type: 'delegation';
  /** How many delegations may stand between the grant and who acts. */
  readonly depth: number;
  /** Organisations whose persons may be delegates. */
  readonly delegates: readonly OrganisationId[];
  /** Classes of resources for which a delegation needs no approval of the owner. */
  readonly unapproved: readonly ResourceClass[];
}

/** Three more numbers of the time of a right, beside the length of its windows. Access alone: a flow has one opening and no hours of work. */
export interface TimeLimitsTerm {
  readonly type: 'time-limits';
  readonly kind: AccessTerm['type'];
  /** How long after it was asked for a window may begin. */
  readonly bookingSeconds: number;
  /** How long after an approval something may be opened by it. */
  readonly approvalSeconds: number;
  /** How long work may go on after the first opening in a window. */
  readonly workingSeconds: number;
}

export type Term =
  | AccessTerm
  | DataTerm
  | RegionTerm
  | OfflineTerm
  | ResourceClassTerm
  | SelectorTerm
  | HoursTerm
  | FileTransferTerm
  | SessionsTerm
  | ReLoginTerm
  | ClockSkewTerm
  | SafetyNoticeTerm
  | TransferTerm
  | EmbargoTerm
  | DecisionPointTerm
  | EvidenceTerm
  | CustodyTerm
  | NoticeTerm
  | ThirdPartyTerm
  | EquivalenceTerm
  | MachinesTerm
  | InsolvencyTerm
  | DelegationTerm
  | IdentityProviderTerm
  | SignalTerm
  | TimeLimitsTerm;
export type TermType = Term['type'];

/** A term this build has no meaning for. It can be read and shown; it can never be activated. */
export interface UnknownTerm {
  readonly type: string;
}

/** One immutable version of the contract; in force only with a signature of every party over these bytes. */
export interface Agreement extends DocumentHead<'agreement'> {
  readonly id: AgreementId;
  readonly version: number;
  readonly previous: Digest | null;
  readonly house: boolean;
  readonly parties: readonly Party[];
  readonly resources: readonly AgreedResource[];
  readonly terms: readonly (Term | UnknownTerm)[];
  readonly effectiveFrom: Instant;
  readonly endsAt: Instant;
}
