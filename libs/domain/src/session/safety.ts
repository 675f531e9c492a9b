import type { HeldAct } from '../act/standing.js';
import type { Verdict } from '../documents/right.js';
import type { Instant } from '../instant.js';
import type { OrganisationId } from '../names.js';
import type { TokenStatuses } from '../status/token-status.js';

/** Something that takes away, whose word it is, and since when this point holds it. */
export interface TakenSince {
  readonly organisation: OrganisationId;
  readonly since: Instant;
}

/** On whose resource safety rests, and how long before the other side's cut takes effect there (milliseconds). */
export interface SafetyUse {
  readonly owner: OrganisationId;
  readonly notice: number;
}

/** What takes away, with whose word it is where that is known. */
export interface TakenAway {
  readonly acts: readonly HeldAct[];
  /** Ids that a status list held here has ever called invalid. */
  readonly invalid: ReadonlySet<string>;
  /** The newest lists of login proofs, of each organisation. A proof that names a list which is not held is no. */
  readonly statuses?: ReadonlyMap<OrganisationId, TokenStatuses>;
  /** Who called each of them so, and since when this point holds that. */
  readonly invalidSince?: ReadonlyMap<string, readonly TakenSince[]>;
  /** Organisations whose root has revoked everything; none where left out. */
  readonly revoked?: ReadonlySet<OrganisationId>;
  readonly revokedSince?: ReadonlyMap<OrganisationId, Instant>;
  /** Parties that signed more which takes away than this point holds: what does not fit might have ended this very use. */
  readonly beyond?: readonly TakenSince[];
}

/**
 * Whether a cut takes effect on a use of safety: the owner's at once, another's when its notice is over. It is counted from when this point first held
 * it: whoever signs an act dates it, and could give its notice before anybody heard of it.
 */
export const takesEffect = ({ organisation, since }: TakenSince, use: SafetyUse, now: Instant): boolean =>
  organisation === use.owner || now >= since + use.notice;

/** The acts that take effect. What lifts a suspension is signed by all, and counts at once. */
export const actsInEffect = (acts: readonly HeldAct[], use: SafetyUse, now: Instant): readonly HeldAct[] =>
  acts.filter(
    ({ act: { verb, organisation, issuedAt }, heldSince }) =>
      verb === 'resume' || takesEffect({ organisation, since: heldSince ?? issuedAt }, use, now),
  );

/**
 * The circumstances of a use of safety that goes on, or is taken up again: cuts of others wait for their notice (trust model, section 8). What is said
 * without a word on since when, or by whom, counts at once.
 */
export function circumstancesOfSafety<T extends TakenAway>(facts: T, use: SafetyUse, now: Instant): T {
  const inEffect = (said: readonly TakenSince[] | undefined): boolean =>
    said === undefined || said.some((one) => takesEffect(one, use, now));
  const { invalid, invalidSince, revoked = new Set<OrganisationId>(), revokedSince, beyond = [] } = facts;
  const ended = (organisation: OrganisationId): boolean => {
    const since = revokedSince?.get(organisation);
    return inEffect(since === undefined ? undefined : [{ organisation, since }]);
  };
  return {
    ...facts,
    acts: actsInEffect(facts.acts, use, now),
    invalid: invalid.size === 0 ? invalid : new Set([...invalid].filter((id) => inEffect(invalidSince?.get(id)))),
    revoked: revoked.size === 0 ? revoked : new Set([...revoked].filter(ended)),
    beyond: beyond.filter((one) => takesEffect(one, use, now)),
  };
}

/**
 * Of the verdicts of one party on one grant, what still counts for a use of safety: the newest, however old it has grown. A no of another than the
 * owner counts when its notice is over.
 */
export function verdictOfSafety(verdicts: readonly Verdict[], use: SafetyUse, now: Instant): readonly Verdict[] {
  const latest = Math.max(...verdicts.map((verdict) => verdict.issuedAt));
  return verdicts
    .filter((verdict) => verdict.issuedAt === latest)
    .map((verdict) => {
      const { organisation, issuedAt, blockedSince = issuedAt } = verdict as HeldVerdict;
      return takesEffect({ organisation, since: blockedSince }, use, now) ? verdict : { ...verdict, outcome: 'clear' };
    });
}

/** A verdict as a point holds it: since when this party has said no without a yes between. */
export interface HeldVerdict extends Verdict {
  readonly blockedSince?: Instant | undefined;
}
