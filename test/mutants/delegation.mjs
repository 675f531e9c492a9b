/** One check of what is handed on removed at a time. */
const of = (file, spec) => (code, text, replacement) => ({ code, file, text, replacement, spec });
const delegated = of('libs/domain/src/grant/delegated.ts', 'libs/domain/src/grant/delegated.spec.ts');
const handed = of('libs/proof/src/delegation.ts', 'libs/proof/src/delegation.spec.ts');
const standing = of('libs/domain/src/act/standing.ts', 'libs/domain/src/act/standing.spec.ts');
const reach = of('libs/domain/src/grant/reach.ts', 'libs/domain/src/grant/reach.spec.ts');
const reached = of(
  'apps/company-agent/src/grants/who-can-reach.ts',
  'apps/company-agent/src/grants/who-can-reach.spec.ts',
);

export const DELEGATION = [
  delegated(
    'delegator_not_subject',
    "if (!parent.subjects.some((subject) => sameSubject(subject, delegator))) return refuse('delegator_not_subject');",
    '',
  ),
  delegated(
    'delegation_not_agreed',
    "!term || !access || dormant || delegation.kind !== 'remote-service'",
    '!term || !access',
  ),
  delegated(
    'delegation_too_deep',
    "if (above.length > term.depth) return refuse('delegation_too_deep', { clause: term.type });",
    '',
  ),
  delegated('delegation_wider', "if (wider) return refuse('delegation_wider', { clause: wider });", ''),
  delegated('approvals_missing', 'approvals: needed ? access.approvals : null', 'approvals: access.approvals'),
  delegated('approvals_missing', '!agreed.every((one) => term.unapproved.includes(one.class))', 'false'),
  of('libs/domain/src/grant/covered.ts', 'libs/domain/src/grant/delegated.spec.ts')(
    'approvals_missing',
    'if (approval) return refuse(approval, { clause });',
    '',
  ),
  of('libs/domain/src/grant/covered.ts', 'libs/domain/src/grant/delegated.spec.ts')(
    'approval_out_of_hours',
    'approvalFault(right, approvals, owner',
    'approvals && approvalFault(right, approvals, owner',
  ),
  delegated('third_party_not_agreed', "return refuse('third_party_not_agreed', { clause: 'third-party' });", '{}'),
  delegated('not_a_party', ' || !parties.includes(subjectSide)', ''),
  delegated('delegate_not_agreed', "if (!allowed.includes(subjectSide)) return refuse('delegate_not_agreed');", ''),
  delegated('delegate_not_agreed', "one.kind === 'person' &&", ''),
  delegated('delegate_not_agreed', 'one.organisation === subjectSide &&', ''),
  delegated('delegate_not_agreed', '!(one.organisation === requester.organisation && one.id === requester.id)', 'true'),
  delegated('same_side', "return refuse('same_side');", '{}'),
  delegated('delegation_wider', 'delegation.agreement === parent.agreement &&', ''),
  delegated('delegation_wider', 'delegation.purpose === parent.purpose &&', ''),
  delegated('delegation_wider', ' &&\n    delegation.ticket === parent.ticket', ''),
  delegated('delegation_wider', '!inside || ', ''),
  delegated('delegation_wider', ' || resources.length === 0', ''),
  delegated('delegation_wider', '!lesser || ', ''),
  delegated('delegation_wider', ' || actions.length === 0', ''),
  delegated('delegation_wider', 'span.from < span.to && ', ''),
  delegated('delegation_wider', 'from <= span.from && ', ''),
  delegated('delegation_wider', ' && span.to <= to', ''),
  delegated('delegation_wider', ' || windows.length === 0', ''),
  delegated('delegation_wider', 'delegation.uses === null || ', ''),
  delegated('delegation_wider', ' || delegation.uses > bound', ''),
  delegated('uses_spent', 'used(right.id) >= bound', 'used(right.id) > bound'),
  handed(
    'delegation_dangling',
    "if (claimed.parent !== parent) return refuse('delegation_dangling', { clause: 'parent' });",
    '',
  ),
  handed('unknown_key', "purpose: 'delegate' as Purpose", "purpose: 'login' as Purpose"),
  handed('delegator_not_subject', ' && holds(key, requester)', ''),
  handed('approvals_missing', "if (!complete) return refuse('approvals_missing', { clause: 'delegation' });", ''),
  handed('taken_away', 'keys: [...right.keys, ...keys],', 'keys: right.keys,'),
  handed('delegation_wider', "if (!inside.allowed && inside.refusal.code !== 'approvals_missing') return inside;", ''),
  standing('taken_away', '{ document: use.grant }, ...use.delegations, use', '{ document: use.grant }, use'),
  standing(
    'taken_away',
    '...approving(use), ...use.delegations.map(({ document }) => document.requester)]',
    '...approving(use)]',
  ),
  reach('outside_grant', '!named || ', ''),
  reach('outside_window', '!asked || ', ''),
  reach('agreement_over', ' || !activate(agreement, at).allowed', ''),
  reach('taken_away', 'acts.filter(({ act }) => act.issuedAt <= at)', 'acts'),
  reach('taken_away', 'takenAwayBy(issued, use, at)', 'false'),
  reached('approvals_missing', 'held.allowed && held.value.complete', 'held.allowed'),
];
