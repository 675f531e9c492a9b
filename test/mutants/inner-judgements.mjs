/** Each place that keeps what one company judged for itself from the other; the form is the one of `domain.mjs`. */
const of = (file, spec) => (text, replacement) => ({ code: 'other_side_denied', file, text, replacement, spec });
const domain = of('libs/domain/src/live/reason-for.ts', 'libs/domain/src/live/reason-for.spec.ts');
const HAND = 'test/scenarios/hostile-broker/judged-for-itself.spec.ts';
const said = of('apps/edge-gateway/src/session/said-no.ts', HAND);
const book = of('apps/edge-gateway/src/evidence/evidence-book.ts', HAND);
const sessions = of('apps/grants/src/commands/open-session.command.ts', 'test/scenarios/broker/sessions.spec.ts');
const verdicts = of('apps/grants/src/commands/hand-in-verdict.command.ts', 'test/scenarios/broker/sessions.spec.ts');
const decisions = of('apps/grants/src/decisions/decisions.ts', 'test/scenarios/broker/decisions.spec.ts');
const pushes = of('apps/edge-gateway/src/flow/push-queue.ts', 'apps/edge-gateway/src/flow/push-queue.spec.ts');

export const INNER_JUDGEMENTS = [
  domain("code: 'other_side_denied', belongsTo: whose", "code: 'not_a_party', belongsTo: whose"),
  domain('whose === asker ? {', 'whose === asker || whose === undefined ? {'),
  domain('if (!isInner(code)) return { code,', 'if (code) return { code,'),
  domain("'embargo_unknown',", ''),
  domain("'decision_point_unknown',", ''),
  said('return heardBy(this.to, inFull);', 'return inFull;'),
  said('=== heard.code ? this.inFull : heard', '=== heard.code ? heard : heard'),
  book('loggedReason(why)', 'why'),
  book('...loggedReason(refusal),', '...refusal,'),
  sessions('refusal: heardBy(caller.organisation, no.refusal)', 'refusal: no.refusal'),
  sessions('loggedReason(no.refusal)', 'no.refusal'),
  verdicts('code: kind }', 'code: `${kind} ${outcome}` }'),
  decisions('loggedReason(decision.refusal).code', 'reasonFor(asker, decision.refusal).code'),
  pushes('refusal: heardBy(from.presenter.organisation, taken.refusal)', 'refusal: taken.refusal'),
];
