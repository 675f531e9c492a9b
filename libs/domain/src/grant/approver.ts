import type { Instant, Interval } from '../instant.js';
import type { LocalId, OrganisationId } from '../names.js';

/** A person, by organisation. */
export interface PersonRef {
  readonly organisation: OrganisationId;
  readonly id: LocalId;
}

/** A person whose yes over a right counted, with what decides which seat it fills. */
export interface CountedApprover extends PersonRef {
  readonly groups: readonly LocalId[];
  readonly guest: boolean;
  /** Of whom this person was a deputy when the yes was given; left out where of nobody. */
  readonly deputyFor?: readonly DeputyFor[] | undefined;
}

/** Whose seat a deputy may fill, in which groups, and over which resources (any, where it is empty). */
export interface DeputyFor {
  readonly id: LocalId;
  readonly groups: readonly LocalId[];
  readonly resources: readonly LocalId[];
}

/** A person of the owner's side whose `approve` signature over this grant has been verified. */
export interface Approver extends CountedApprover {
  /** When the signature says it was made. */
  readonly signedAt: Instant;
  /** When this person's yes counts, as the own company certified it; null where at any time. */
  readonly hours: readonly Interval[] | null;
}

/** The person or agent of the subject's side whose `grant` signature has been verified. */
export type Requester = PersonRef;
