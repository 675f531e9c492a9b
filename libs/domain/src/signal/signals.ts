import { signalTerms } from '../agreement/activate.js';
import type { Agreement, GrantKind, SignalTerm } from '../documents/agreement.js';
import type { Signal } from '../documents/signal.js';
import type { Instant } from '../instant.js';
import { type LocalId, type ResourceRef, type SubjectRef, sameResource } from '../names.js';

/** How far ahead the clock of a source may run, in milliseconds. */
export const SIGNAL_SKEW = 60_000;

/** What an enforcement point has heard. */
export interface HeardSignals {
  /** The one that counts for each source and fact: see `countsOver`. */
  readonly held: readonly Signal[];
  /**
   * True while the broker is lost and a use goes on by what was verified: only terms that are required `live` are looked at, the others stay as
   * they were.
   */
  readonly liveOnly: boolean;
  /** The gateway that judges, and serves what is judged; nothing that is required of one is known where none does. */
  readonly gateway?: LocalId | undefined;
}

/** The use that a signal may be required for. */
export interface SignalledUse {
  readonly kind: GrantKind;
  readonly resource: ResourceRef;
  readonly subject: SubjectRef;
}

export type SignalRefusal = 'signal_unknown' | 'signal_turned' | 'release_not_agreed';

/** Which fact of whom a signal is about: of two with one name, one counts. */
export const signalName = ({ organisation, signal, about }: Signal): string =>
  `${organisation} ${signal} ${about.kind} ${about.id}`;

/** Whether a signal counts in place of another of its name: the later one, and of two of one instant the one that says no. */
export const countsOver = (one: Signal, other: Signal | undefined): boolean =>
  !other || one.at > other.at || (one.at === other.at && !one.holds);

/**
 * What keeps a use from going on: a required fact of which nothing was heard, or nothing recent enough (`signal_unknown`), or whose source says
 * that it does not hold (`signal_turned`); a gateway that runs a program which was not agreed (`release_not_agreed`). Undefined where every required signal is fresh and holds.
 */
export function signalFault(
  agreement: Agreement,
  use: SignalledUse,
  heard: HeardSignals,
  now: Instant,
): { readonly code: SignalRefusal; readonly clause: string } | undefined {
  for (const term of required(agreement, use, heard)) {
    const said = saidOf(term, use, heard);
    const clause = `signal ${term.party} ${term.signal}`;
    // A no does not grow stale: it holds until its source says yes again.
    if (said && !said.holds) return { code: 'signal_turned', clause };
    if (!said || said.at > now + SIGNAL_SKEW || now >= endOf(said, term)) return { code: 'signal_unknown', clause };
    if (term.releases && !term.releases.includes(said.program?.digest ?? ''))
      return { code: 'release_not_agreed', clause };
  }
  return undefined;
}

/** When the first of the required signals grows stale; infinite where none is required. */
export function signalsFreshUntil(agreement: Agreement, use: SignalledUse, heard: HeardSignals): Instant {
  return required(agreement, use, heard).reduce((first, term) => {
    const said = saidOf(term, use, heard);
    return Math.min(first, said ? endOf(said, term) : Number.NEGATIVE_INFINITY);
  }, Number.POSITIVE_INFINITY);
}

const endOf = (said: Signal, term: SignalTerm): Instant => said.at + term.maxAgeSeconds * 1000;

const required = (agreement: Agreement, use: SignalledUse, { liveOnly }: HeardSignals): readonly SignalTerm[] =>
  signalTerms(agreement).filter((term) => (term.live || !liveOnly) && reaches(term, use));

/** A company speaks of its own resources and subjects alone, so a term of it reaches no others. */
function reaches(term: SignalTerm, { kind, resource, subject }: SignalledUse): boolean {
  const own = term.about === 'subject' ? subject.organisation : resource.owner;
  const named = term.resources.length === 0 || term.resources.some((one) => sameResource(one, resource));
  return own === term.party && term.kinds.includes(kind) && named;
}

function saidOf(term: SignalTerm, use: SignalledUse, { held, gateway }: HeardSignals): Signal | undefined {
  const { resource, subject } = use;
  const things = {
    resource: { kind: 'resource', id: resource.id },
    subject,
    gateway: { kind: 'gateway', id: gateway },
  };
  const about = things[term.about];
  let counts: Signal | undefined;
  for (const one of held) {
    const same =
      one.organisation === term.party &&
      one.signal === term.signal &&
      one.about.kind === about.kind &&
      one.about.id === about.id;
    if (same && countsOver(one, counts)) counts = one;
  }
  return counts;
}
