import type { Instant } from '../instant.js';
import type { LocalId, OrganisationId } from '../names.js';
import type { DocumentHead } from './key.js';

/** What a signal is about: a resource or a subject of its signer's own organisation, and of no other. */
export interface SignalAbout {
  readonly kind: 'resource' | 'person' | 'machine' | 'workload';
  readonly id: LocalId;
}

/** A fact about context, as its source saw it at one instant: somebody is present, a machine stands still, a device is sound. */
export interface Signal extends DocumentHead<'signal'> {
  readonly organisation: OrganisationId;
  /** Which fact, by the name that the agreement gives it, such as `presence`. */
  readonly signal: LocalId;
  readonly about: SignalAbout;
  readonly holds: boolean;
  /** When the source saw it, which is not when it was sent. */
  readonly at: Instant;
}
