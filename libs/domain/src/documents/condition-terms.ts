import type { Instant } from '../instant.js';
import type { Digest, LocalId, OrganisationId, ResourceRef } from '../names.js';
import type { AccessKind, OfflineMode, ResourceClass } from './agreement-kinds.js';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Hours of a day by the clock on the wall, `HH:MM`, the end outside; `24:00` ends a day. */
export interface HoursOfDay {
  readonly day: Weekday;
  readonly from: string;
  readonly to: string;
}

/** At what times of the week access of one kind may be used, in the zone of the plant. */
export interface HoursTerm {
  readonly type: 'hours';
  readonly kind: AccessKind;
  /** IANA name of the zone, and the version of the zone database that said its offsets. */
  readonly zone: string;
  readonly tzdata: string;
  /** How far the clock of the zone is ahead of UTC, in minutes, from each instant on: as both signed it, so that nobody's database decides. */
  readonly offsets: readonly { readonly from: Instant; readonly minutes: number }[];
  readonly open: readonly HoursOfDay[];
}

/** Through which services files may be brought to a machine. */
export interface FileTransferTerm {
  readonly type: 'file-transfer';
  readonly services: readonly LocalId[];
}

/** How many sessions of one grant may be open at one gateway at the same time. */
export interface SessionsTerm {
  readonly type: 'sessions';
  readonly kind: AccessKind;
  readonly most: number;
}

/** How long a person's login counts: then every session that rests on it ends, and he logs in again. */
export interface ReLoginTerm {
  readonly type: 're-login';
  readonly seconds: number;
  /** How he logs in: the `acr` that his own company vouches for is one of these. Left out: however his company lets him. */
  readonly acr?: readonly string[] | undefined;
}

/** How far the clock of the other side may run ahead. */
export interface ClockSkewTerm {
  readonly type: 'clock-skew';
  readonly seconds: number;
}

/** How long before the other side's cut takes effect where the owner of a resource relies on it for safety. */
export interface SafetyNoticeTerm {
  readonly type: 'safety-notice';
  readonly seconds: number;
}

/**
 * How the keys of one party are held. `separate`: those that speak for the organisation (root, certify, agreement) do nothing else, so that they can stay out
 * of whatever runs. `single`: one agent may hold them all, which both sides accepted for the smallest partner.
 */
export interface CustodyTerm {
  readonly type: 'custody';
  readonly party: OrganisationId;
  readonly custody: 'separate' | 'single';
}

/** A person of one party, and the name under which another party's identity provider knows that person. */
export interface NamedPerson {
  readonly id: LocalId;
  readonly login: LocalId;
}

/** People of one party whom another party logs in, for its own machines. */
export interface IdentityProviderTerm {
  readonly type: 'identity-provider';
  readonly party: OrganisationId;
  readonly issuer: OrganisationId;
  readonly persons: readonly NamedPerson[];
}

/** Every machine that its owner records in this zone of this site, beside those that the agreement names one by one. */
export interface SelectorTerm {
  readonly type: 'selector';
  readonly owner: OrganisationId;
  readonly site: LocalId;
  readonly zone: LocalId;
  readonly class: ResourceClass;
  readonly services: readonly LocalId[];
}

/** What every use of the resources of one class demands, whatever the clause on its kind asks for. */
export interface ResourceClassTerm {
  readonly type: 'resource-class';
  readonly class: ResourceClass;
  /** So many persons of the owner's side, of whatever group, have approved. */
  readonly approvals: number;
  /** Of every kind of use of the class: a clause that says otherwise contradicts it. */
  readonly mode: OfflineMode;
}

/** By what law data goes to a country that is none of those it is stored in. */
export const TRANSFER_MECHANISMS = [
  'adequacy-decision',
  'standard-contractual-clauses',
  'binding-corporate-rules',
] as const;
export type TransferMechanism = (typeof TRANSFER_MECHANISMS)[number];

/** In which countries data of one product may lie, through which it may pass, and from which its recipients may open it (ISO 3166-1 alpha-2). */
export interface TransferTerm {
  readonly type: 'transfer';
  readonly product: LocalId;
  readonly resource: ResourceRef;
  readonly storage: readonly string[];
  readonly transit: readonly string[];
  readonly access: readonly string[];
  /** For each country of access that is none of storage; the document that says so, by its digest. */
  readonly mechanisms: readonly {
    readonly country: string;
    readonly mechanism: TransferMechanism;
    readonly document: Digest | null;
  }[];
}
