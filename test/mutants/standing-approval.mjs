/** One check of what the owner says yes to beforehand removed at a time. */
const of = (file, spec) => (code, text, replacement) => ({ code, file, text, replacement, spec });
const rule = 'libs/domain/src/grant/standing-approval.spec.ts';
const given = of('libs/domain/src/grant/standing-approval.ts', rule);
const under = of('libs/domain/src/grant/under-standing.ts', rule);
const read = of('libs/proof/src/standing-approval.ts', 'libs/proof/src/standing-approval.spec.ts');
const granted = of('libs/proof/src/right.ts', 'libs/proof/src/standing-approval.spec.ts');
const gateway = of('apps/edge-gateway/src/session/admit-session.ts', 'apps/edge-gateway/src/standing-approval.spec.ts');
const live = of(
  'apps/edge-gateway/src/session/meet-connector.ts',
  'test/scenarios/hostile-broker/delegation-dies.spec.ts',
);

export const STANDING_APPROVAL = [
  given('not_a_party', "if (!sides) return refuse('not_a_party');", 'if (!sides) return allow({} as never);'),
  given('not_a_party', 'whole && requester.organisation === owner', 'whole'),
  given('same_side', "if (sides.owner === sides.subjectSide && !agreement.house) return refuse('same_side');", ''),
  given('third_party_not_agreed', 'longestUnder(approval), agreement', 'approval, agreement'),
  given('third_party_not_agreed', "return refuse('third_party_not_agreed', { clause: 'third-party' });", '{}'),
  given(
    'standing_too_wide',
    "if (approval.kind === 'data-collection') return refuse('standing_too_wide', { clause: 'kind' });",
    '',
  ),
  given('resource_not_agreed', 'if (scope) return refuse(scope);', ''),
  given(
    'purpose_not_agreed',
    "if (!demands.purposes.includes(approval.purpose)) return refuse('purpose_not_agreed', { clause });",
    '',
  ),
  given('window_too_long', 'approval.longestWindowSeconds > demands.longestWindowSeconds', 'false'),
  given('standing_too_wide', 'others.length > 0 || ', ''),
  given('standing_too_wide', 'Math.min(window.from, approval.issuedAt)', 'window.from'),
  given('standing_too_wide', ' || window.to > (end ?? 0)', ''),
  given('window_outside_agreement', ' || window.to > agreement.endsAt', ''),
  given('approvals_missing', 'yesFault(approval, demands, agreement, sides.owner, approvers, now) ??', ''),
  under('standing_dangling', 'grant.standingApproval !== standing?.digest', 'false'),
  under('standing_exceeded', ' || grant.agreement !== approval.agreement', ''),
  under('standing_exceeded', "if (grant.kind !== approval.kind) return 'kind';", ''),
  under('standing_exceeded', "if (grant.purpose !== approval.purpose) return 'purpose';", ''),
  under('standing_exceeded', "if (grant.dormant) return 'dormant';", ''),
  under('standing_exceeded', "if (grant.recurrence) return 'recurrence';", ''),
  under('standing_exceeded', "return 'subjects';", '{}'),
  under('standing_exceeded', "return 'resources';", '{}'),
  under('standing_exceeded', "return 'actions';", '{}'),
  under('standing_exceeded', 'from <= span.from && ', ''),
  under('standing_exceeded', ' && span.to <= to', ''),
  under('standing_exceeded', 'to - from <= longest', 'true'),
  under('counted_elsewhere', 'counts.id !== self.id || ', ''),
  under('counted_elsewhere', ' || counts.key !== self.key', ''),
  of('libs/domain/src/decide.ts', rule)(
    'outside_window',
    'const rights = boundsOf(chain);',
    'const rights = rightsOf(chain);',
  ),
  of('libs/domain/src/act/standing.ts', rule)('taken_away', ', use.standingApproval].some(', '].some('),
  of('libs/domain/src/grant/delegated.ts', rule)(
    'uses_spent',
    "right.typ === 'grant' ? (right.dormant?.uses ?? null) : right.uses",
    "right.typ === 'delegation' ? right.uses : null",
  ),
  read('grant_of_other_agreement', 'claimed.agreement !== agreement.digest || ', ''),
  read('wrong_purpose', "purpose: 'approve' as Purpose", "purpose: 'narrow' as Purpose"),
  read('requester_unknown', ' && holds(key, document.requester)', ''),
  read(
    'standing_too_wide',
    "if (!approved.allowed && approved.refusal.code !== 'approvals_missing') return approved;",
    '',
  ),
  granted('wrong_issuer', 'standing ? [asked] : [asked,', 'false ? [asked] : [asked,'),
  granted('taken_away', ', ...(standing?.keys ?? [])]', ']'),
  gateway('counted_elsewhere', "return refuse('counted_elsewhere', { clause: 'standing-approval' });", '{}'),
  live('uses_spent', 'const rights = boundsOf(admitted.chain);', 'const rights = [admitted.chain.grant];'),
];
