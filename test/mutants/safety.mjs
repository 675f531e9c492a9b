/** One check of verdicts, and of what safety rests on, removed at a time. */
import { ofDomain as of } from './of-folder.mjs';

const verdict = of('session/verdict-fault.ts', 'decide.spec.ts');
const safety = of('session/safety.ts', 'session/safety.spec.ts');
const agreed = of('agreement/safety.ts', 'session/safety.spec.ts');
const ends = of('session/ends.ts', 'session/safety.spec.ts');
const decide = of('decide.ts', 'session/safety.spec.ts');

const again = (code, text, replacement) => ({
  ...{ code, text, replacement },
  file: 'apps/edge-gateway/src/session/judge-again.ts',
  spec: 'apps/edge-gateway/src/session/judge-again.spec.ts',
});

export const SAFETY = [
  again('lockout', "if (locked) return refuse('lockout');", ''),
  again('lease_over', ' || working.begunAt(root.document, now) === undefined', ''),
  again('lease_over', 'safetyNotice(held.agreement, grant.kind, resource) !== undefined && ', ''),
  again('lease_over', ' && offer.loginProof === null', ''),
  again('not_on_provisioning_list', 'host === offer.relay.host && port === offer.relay.port', 'host !== port'),
  verdict('embargo_unknown', 'verdict.organisation === term.party &&', ''),
  verdict('embargo_unknown', 'verdict.kind === kind &&', ''),
  verdict('embargo_unknown', 'verdict.grant === grant &&', ''),
  verdict('embargo_unknown', ' &&\n        verdict.issuedAt <= now + skew', ''),
  verdict('embargo_unknown', 'Math.min(expiresAt, issuedAt + term.maxAgeSeconds * 1000)', 'expiresAt'),
  verdict(
    'embargo_unknown',
    'Math.min(expiresAt, issuedAt + term.maxAgeSeconds * 1000)',
    'issuedAt + term.maxAgeSeconds * 1000',
  ),
  verdict('embargo_unknown', 'if (fresh.length === 0) return { code: words[0], clause };', ''),
  verdict(
    'embargo_blocked',
    "if (fresh.some((verdict) => verdict.outcome === 'blocked')) return { code: words[1], clause };",
    '',
  ),
  verdict('embargo_unknown', "...embargo.map((term) => ({ kind: 'embargo' as const, term })),", ''),
  verdict('decision_point_unknown', "...decisionPoints.map((term) => ({ kind: 'decide' as const, term })),", ''),
  verdict(
    'decision_point_denied',
    "(['decision_point_unknown', 'decision_point_denied'] as const)",
    "(['decision_point_unknown', 'decision_point_unknown'] as const)",
  ),
  safety('taken_away', 'organisation === use.owner || ', ''),
  safety('taken_away', 'organisation === use.owner || now >= since + use.notice', 'organisation === use.owner'),
  safety('taken_away', 'since: heldSince ?? issuedAt', 'since: issuedAt'),
  safety('status_invalid', 'said === undefined || ', 'said !== undefined && '),
  safety('organisation_revoked', 'new Set([...revoked].filter(ended))', 'new Set()'),
  safety('embargo_blocked', "? verdict : { ...verdict, outcome: 'clear' }", '? verdict : verdict'),
  safety('embargo_blocked', '.filter((verdict) => verdict.issuedAt === latest)', ''),
  agreed(
    'agreement_incoherent',
    "if (termsOfType(agreement, 'safety-notice').length === 0) return 'safety-notice';",
    '',
  ),
  agreed('agreement_incoherent', "term.class === 'safety' && KINDS.includes(term.kind)", 'false'),
  agreed('agreement_incoherent', "? 'signal' : undefined", '? undefined : undefined'),
  agreed('lease_over', 'if (!KINDS.includes(kind)) return undefined;', ''),
  agreed('lease_over', "named?.class === 'safety' ?", 'named ?'),
  ends('lease_over', 'use.resumed === true && ', ''),
  ends('lease_over', ' && safetyNotice(use.agreement, use.grant.kind, use.resource) !== undefined;', ';'),
  decide('taken_away', 'said.resumed ? safetyOf(chain, ask) : undefined', 'safetyOf(chain, ask)'),
];
