import { decisionPointTerms, embargoTerms } from '../agreement/activate.js';
import type { Agreement } from '../documents/agreement.js';
import type { Verdict } from '../documents/right.js';
import type { Instant } from '../instant.js';
import type { OrganisationId } from '../names.js';
import type { VerifiedChain } from '../verified-chain.js';
import { skewMilliseconds } from './limits.js';
import { type HeldVerdict, type SafetyUse, verdictOfSafety } from './safety.js';

export type VerdictRefusal = 'embargo_unknown' | 'embargo_blocked' | 'decision_point_unknown' | 'decision_point_denied';

export interface HeardVerdicts {
  readonly verdicts: readonly HeldVerdict[];
  /** Parties that are insolvent and answer no more. */
  readonly gone: readonly OrganisationId[];
  /** Set for a use of safety that goes on: what was once said does not grow old. */
  readonly safety: SafetyUse | undefined;
}

/** The first party whose verdict on the grant, or on something handed on from it, is missing, stale or no; undefined where none is. */
export function verdictFault(
  chain: VerifiedChain,
  versions: readonly Agreement[],
  { verdicts, gone, safety }: HeardVerdicts,
  now: Instant,
): { readonly code: VerdictRefusal; readonly clause: string } | undefined {
  const [embargo, decisionPoints] = [versions.flatMap(embargoTerms), versions.flatMap(decisionPointTerms)];
  if (embargo.length === 0 && decisionPoints.length === 0) return undefined;
  const asked = [
    ...embargo.map((term) => ({ kind: 'embargo' as const, term })),
    ...decisionPoints.map((term) => ({ kind: 'decide' as const, term })),
  ];
  const skew = skewMilliseconds(chain.agreement);
  // A delegation brings new persons, so it has verdicts of its own beside those of what it hangs on.
  const digests = [chain.grantDigest, ...chain.delegations.map(({ digest }) => digest)];
  const answers = asked
    .filter((one) => !gone.includes(one.term.party))
    .flatMap((one) => digests.map((digest) => ({ ...one, grant: digest })));
  for (const { kind, term, grant } of answers) {
    const given = verdicts.filter(
      (verdict) =>
        verdict.kind === kind &&
        verdict.organisation === term.party &&
        verdict.grant === grant &&
        verdict.issuedAt <= now + skew,
    );
    const lasts = ({ expiresAt, issuedAt }: Verdict) => Math.min(expiresAt, issuedAt + term.maxAgeSeconds * 1000);
    const fresh = safety ? verdictOfSafety(given, safety, now) : given.filter((verdict) => now < lasts(verdict));
    const clause = `${term.type} ${term.party}`;
    const words =
      kind === 'embargo'
        ? (['embargo_unknown', 'embargo_blocked'] as const)
        : (['decision_point_unknown', 'decision_point_denied'] as const);
    if (fresh.some((verdict) => verdict.outcome === 'blocked')) return { code: words[1], clause };
    if (fresh.length === 0) return { code: words[0], clause };
  }
  return undefined;
}
