/** Checks of rights, decisions, leases and clocks, each removed at a time. */
import { ofDomain as of } from './of-domain.mjs';

const covered = of('grant/covered.ts', 'grant/covered.spec.ts');
const limits = of('grant/time-limits.ts', 'grant/time-limits.spec.ts');
const limitedEnds = of('session/ends.ts', 'grant/time-limits.spec.ts');
const decide = of('decide.ts', 'decide.spec.ts');
const standing = of('act/standing.ts', 'act/standing.spec.ts');
const lease = of('lease/lease.ts', 'lease/lease.spec.ts');
const clock = of('lease/trusted-clock.ts', 'lease/trusted-clock.spec.ts');
const ends = of('session/ends.ts', 'session/ends.spec.ts');
const live = of('live/live-rights.ts', 'live/live-rights.spec.ts');
const heldRights = of('live/held-rights.ts', 'live/live-rights.spec.ts');

export const DOMAIN = [
  live('not_a_party', 'if (!this.knows(asker, shape)) return undefined;', ''),
  live('not_a_party', ' || shape.owner !== ask.resource.owner', ''),
  live('outside_grant', ' || !this.held.namesResource(row, ask.resource.id)', ''),
  heldRights('not_a_party', 'const isId = isKind && ', 'const isId = '),
  heldRights('not_a_party', 'isKind && this.rows.isText(row, at, id)', 'isKind'),
  heldRights('not_the_holder', ' || this.rows.isText(row, at, shown)', ' || true'),
  covered('not_a_party', '!parties.includes(owner) || ', ''),
  covered('not_a_party', ' || !parties.includes(subjectSide)', ''),
  covered('not_a_party', 'grant.resources.some((resource) => resource.owner !== owner) ||', 'false ||'),
  covered('not_a_party', 'grant.subjects.some((subject) => subject.organisation !== subjectSide);', 'false;'),
  covered('not_a_party', ' || requester.organisation !== subjectSide', ''),
  covered(
    'not_a_party',
    "if (asker.organisation !== requester.organisation || asker.id !== requester.id) return refuse('not_a_party');",
    '',
  ),
  covered('same_side', "if (owner === subjectSide && !agreement.house) return refuse('same_side');", ''),
  covered(
    'resource_not_agreed',
    "if (agreed.length === 0) return 'resource_not_agreed';",
    'if (agreed.length === 0) continue;',
  ),
  covered(
    'action_not_agreed',
    'grant.actions.every((action) => services.some((service) => actionWithin(action, service)));',
    'true;',
  ),
  covered('action_not_agreed', 'grant.actions.every((product) => dataTerm(agreement, product, wanted))', 'true'),
  covered('action_not_agreed', ' || grant.actions.length === 0', ''),
  covered('kind_not_agreed', ' || grant.actions.length > 1', ''),
  covered('kind_not_agreed', ' || grant.resources.length > 1', ''),
  covered('kind_not_agreed', 'accessTerm(agreement, grant.kind)', "accessTerm(agreement, 'remote-service')"),
  covered('purpose_not_agreed', "if (!demands.purposes.includes(grant.purpose)) return 'purpose_not_agreed';", ''),
  covered('ticket_missing', "if (!matches) return 'ticket_missing';", ''),
  covered('ticket_missing', '`^(?:${demands.ticketPattern})$`', '`^${demands.ticketPattern}$`'),
  covered('window_too_long', "if (grant.windows.length === 0) return 'window_too_long';", ''),
  covered('window_too_long', '!(span.from < span.to) || ', ''),
  covered('window_too_long', 'span.to - span.from > demands.longestWindowSeconds * 1000', 'false'),
  covered('window_outside_agreement', 'span.from < agreement.effectiveFrom || ', ''),
  covered('window_outside_agreement', ' || span.to > agreement.endsAt', ''),
  covered('approval_out_of_hours', "if (ofOwner.some(outOfHours)) return 'approval_out_of_hours';", ''),
  covered('approval_out_of_hours', 'hours !== null && !within(hours, signedAt)', 'false'),
  standing('taken_away', 'use.grant.requester, ...use.approvers, ', ''),
  standing('taken_away', '...use.approvers, ', ''),
  covered('approvals_missing', 'approver.organisation === owner && ', ''),
  limits('booked_too_early', 'windows.some(({ from }) => from > horizon)', 'false'),
  limits('booked_too_early', 'Math.min(issuedAt, now)', 'issuedAt'),
  limits('approval_lapsed', 'now < signedAt + term.approvalSeconds * 1000', 'true'),
  limits('approval_lapsed', '.find((term) => term.kind === kind)', '[0]'),
  limits('working_time_over', 'begunAt + term.workingSeconds * 1000', 'Number.POSITIVE_INFINITY'),
  limitedEnds('working_time_over', 'use.workingEnd === undefined ? []', 'use.workingEnd !== 0 ? []'),
  covered('approvals_missing', ' && !approver.guest', ''),
  covered('approvals_missing', ' || !person.groups.includes(seats[seat] as LocalId)', ''),
  covered(
    'approvals_missing',
    'new Map(ofOwner.map((approver) => [approver.id, approver]))',
    'new Map(ofOwner.map((approver, at) => [at, approver]))',
  ),
  covered('approvals_missing', 'rules.length > 0 && canStaff', 'rules.length === 0 || canStaff'),
  covered('approvals_missing', 'if (other !== undefined && !sit(other, asked)) return false;', ''),
  covered(
    'approver_is_party_to_request',
    '(approver.organisation === requester.organisation && approver.id === requester.id) ||',
    'false ||',
  ),
  covered(
    'approver_is_party_to_request',
    'grant.subjects.some((subject) => subject.organisation === approver.organisation && subject.id === approver.id);',
    'false;',
  ),

  decide('not_the_holder', 'ask.leaf !== chain.jkt || ', ''),
  decide('not_the_holder', ' || !sameSubject(ask.subject, chain.subject)', ''),
  decide(
    'outside_grant',
    'rights.every((right) => right.actions.some((granted) => actionWithin(ask.action, granted))) &&',
    'true &&',
  ),
  decide(
    'outside_grant',
    'rights.every((right) => right.resources.some((resource) => sameResource(resource, ask.resource))) &&',
    'true &&',
  ),
  decide('outside_grant', 'lastOf(chain).subjects.some((subject) => sameSubject(subject, ask.subject));', 'true;'),
  decide('agreement_over', 'if (!active.allowed) return active;', ''),
  decide('taken_away', "if (act) return refuse('taken_away', { clause: act.act.verb, detail: act.digest });", ''),
  decide('status_invalid', 'rights.some((right) => isInvalid(right.id)) || ', ''),
  decide('status_invalid', 'isInvalid(ask.session) || ', ''),
  decide('status_invalid', ' || isInvalid(chain.jkt)', ''),
  decide(
    'outside_window',
    "if (!granted) return refuse('outside_window');",
    'if (!granted) return allow({ window: chain.grant.windows[0] as Interval });',
  ),
  decide('embargo_unknown', 'verdict.organisation === term.party &&', ''),
  decide('embargo_unknown', 'verdict.kind === kind &&', ''),
  decide('embargo_unknown', 'verdict.grant === grant &&', ''),
  decide('embargo_unknown', 'verdict.issuedAt <= now + VERDICT_SKEW &&', ''),
  decide(
    'embargo_unknown',
    'now < Math.min(verdict.expiresAt, verdict.issuedAt + term.maxAgeSeconds * 1000)',
    'now < verdict.expiresAt',
  ),
  decide(
    'embargo_unknown',
    'now < Math.min(verdict.expiresAt, verdict.issuedAt + term.maxAgeSeconds * 1000)',
    'now < verdict.issuedAt + term.maxAgeSeconds * 1000',
  ),
  decide('embargo_unknown', 'if (fresh.length === 0) return { code: words[0], clause };', ''),
  decide(
    'embargo_blocked',
    "if (fresh.some((verdict) => verdict.outcome === 'blocked')) return { code: words[1], clause };",
    '',
  ),
  decide('embargo_unknown', "...embargo.map((term) => ({ kind: 'embargo' as const, term })),", ''),
  decide('decision_point_unknown', "...decisionPoints.map((term) => ({ kind: 'decide' as const, term })),", ''),
  decide(
    'decision_point_denied',
    "(['decision_point_unknown', 'decision_point_denied'] as const)",
    "(['decision_point_unknown', 'decision_point_unknown'] as const)",
  ),

  standing(
    'lockout',
    "act.verb === 'suspend' &&\n  act.target.kind === 'gateway' &&",
    "act.target.kind === 'gateway' &&",
  ),
  standing('lockout', "act.target.kind === 'gateway' &&", ''),
  standing('lockout', 'act.target.id === gateway.id &&', ''),
  standing('lockout', ' &&\n  act.organisation === gateway.organisation', ''),
  standing('taken_away', 'act.agreementId !== use.agreement.id)', 'false)'),
  standing('taken_away', '!use.agreement.parties.some((party) => party.organisation === act.organisation)', 'false'),
  standing('taken_away', ' && now >= endOfNotice(act, use.agreement)', ''),
  standing('taken_away', 'return target.id === use.grant.id || use', 'return use'),
  standing('taken_away', 'return target.id === use.session;', 'return false;'),
  standing('taken_away', 'subject.organisation === organisation && ', ''),
  standing('taken_away', 'subject.kind === target.kind && ', ''),
  standing('taken_away', ' && subject.id === target.id', ''),
  standing('taken_away', 'key.organisation === organisation && ', ''),
  standing('taken_away', ' && key.thumbprint === target.id', ''),
  standing(
    'taken_away',
    "case 'agreement':\n      return target.id === use.agreement.id;",
    "case 'agreement':\n      return false;",
  ),
  standing('taken_away', 'act.lifts === held.digest &&', ''),
  standing('taken_away', "act.verb === 'resume' &&", ''),
  standing('taken_away', "if (held.act.verb !== 'suspend') return false;", ''),
  standing('taken_away', 'act.agreementId === agreement.id &&\n', '\n'),
  standing(
    'taken_away',
    'agreement.parties.every((party) => signers.includes(party.organisation))',
    'signers.length > 0',
  ),
  standing('taken_away', 'return act.issuedAt + seconds * 1000;', 'return act.issuedAt;'),

  lease(
    'lease_over',
    'return { anchor: Math.max(lease.anchor ?? beat.nonceSentAt, beat.nonceSentAt), newest };',
    'return { anchor: beat.arrivedAt, newest };',
  ),
  lease('lease_over', 'Math.min(moved, beat.arrivedAt)', 'moved'),
  lease('lease_over', 'Math.max(lease.anchor, Math.min(moved, beat.arrivedAt))', 'beat.arrivedAt'),
  lease('lease_over', 'lease.anchor === null || lease.newest === null || ', ''),
  lease('lease_over', 'lease.anchor === null ? Number.NEGATIVE_INFINITY : ', 'lease.anchor === null ? 0 : '),
  lease('lease_over', 'Math.max(lease.newest ?? beat.issuedAt, beat.issuedAt)', 'beat.issuedAt'),

  clock('outside_window', 'Math.max(wall, floor.time + (monotonic - floor.at))', 'wall'),
  clock(
    'outside_window',
    'return ownTime > current ? { time: ownTime, at: monotonic } : floor;',
    'return { time: ownTime, at: monotonic };',
  ),
  clock('from_the_future', 'foreign <= now + skewMilliseconds', 'true'),
  clock('clock_ahead', 'ceiling === undefined || ', 'ceiling !== undefined && '),
  clock('clock_ahead', 'now > ceiling.time + (monotonic - ceiling.sentAt) + skewMilliseconds', 'false'),

  ends('window_over', "{ at: use.windowEnd, code: 'window_over' },", ''),
  ends('agreement_over', "{ at: use.agreementEnd, code: 'agreement_over' },", ''),
  ends('lease_over', "...leases.map((one) => ({ at: leaseEnd(one, lease), code: 'lease_over' as const })),", ''),
  ends('lease_over', "if (leases.length === 0) ends.push({ at: Number.NEGATIVE_INFINITY, code: 'lease_over' });", ''),
  ends('offline_closed', "mode === 'static') ? 'static' : 'closed'", "mode !== 'closed') ? 'static' : 'closed'"),
  ends('window_over', 'monotonic + (end - now)', 'end'),
];
