import type { ProgramReport } from '../evidence/record.js';
import type { Instant } from '../instant.js';
import type { LocalId, OrganisationId } from '../names.js';
import type { DocumentHead } from './key.js';

/** What a signal is about: a resource or a subject of its signer's own organisation, and of no other. A gateway is spoken of by itself alone. */
export interface SignalAbout {
  readonly kind: 'resource' | 'person' | 'machine' | 'workload' | 'gateway';
  readonly id: LocalId;
}

/** What a gateway says of its own program, under this name, and how often at least, in seconds. */
export const PROGRAM_SIGNAL = 'program' as LocalId;
export const PROGRAM_SAID_EVERY = 60;

/** A fact about context, as its source saw it at one instant: somebody is present, a machine stands still, a device is sound. */
export interface Signal extends DocumentHead<'signal'> {
  readonly organisation: OrganisationId;
  /** Which fact, by the name that the agreement gives it, such as `presence`. */
  readonly signal: LocalId;
  readonly about: SignalAbout;
  readonly holds: boolean;
  /** When the source saw it, which is not when it was sent. */
  readonly at: Instant;
  /** What the program of a gateway is and can judge: in every signal about a gateway, and in no other. */
  readonly program?: ProgramReport;
}
