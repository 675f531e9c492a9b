/** One check of `libs/domain` removed at a time: the exact text, what takes its place, and the test that must go red. */
const of = (file, spec) => (code, text, replacement) => ({
  code,
  file: `libs/domain/src/${file}`,
  text,
  replacement,
  spec: `libs/domain/src/${spec}`,
});
const covered = of('grant/covered.ts', 'grant/covered.spec.ts');
const guests = of('agreement/third-party.ts', 'agreement/third-party.spec.ts');
const carry = of('flow/carry.ts', 'flow/carry.spec.ts');
const cloudEvent = of('telemetry/cloud-event.ts', 'telemetry/cloud-event.spec.ts');
const sparkplug = of('telemetry/sparkplug-b.ts', 'telemetry/sparkplug-b.spec.ts');
const opcUa = of('telemetry/opc-ua-pubsub.ts', 'telemetry/opc-ua-pubsub.spec.ts');
const minimise = of('telemetry/minimise.ts', 'telemetry/minimise.spec.ts');
const decide = of('decide.ts', 'decide.spec.ts');
const annexed = of('decide.ts', 'annex/machine.spec.ts');
const equivalence = of('annex/equivalence.ts', 'annex/equivalence.spec.ts');
const papers = of('annex/held.ts', 'annex/equivalence.spec.ts');
const machine = of('annex/machine.ts', 'annex/machine.spec.ts');
const insolvency = of('annex/insolvency.ts', 'annex/machine.spec.ts');
const annexTerms = (term) => of(`term/${term}.ts`, 'annex/machine.spec.ts');
const resource = of('act/standing.ts', 'annex/machine.spec.ts');
const activate = of('agreement/activate.ts', 'agreement/activate.spec.ts');
const table = of('term/term-table.ts', 'agreement/activate.spec.ts');
const order = (text, replacement) => ({
  code: 'wider',
  file: 'libs/domain/src/term/order.ts',
  text,
  replacement,
  spec: 'test/bench/properties/properties.spec.ts',
});
const dataTerm = of('term/data-collection.ts', 'agreement/activate.spec.ts');
const places = of('term/places.ts', 'agreement/activate.spec.ts');
const access = of('term/access.ts', 'agreement/activate.spec.ts');
const standing = of('act/standing.ts', 'act/standing.spec.ts');
const lease = of('lease/lease.ts', 'lease/lease.spec.ts');
const clock = of('lease/trusted-clock.ts', 'lease/trusted-clock.spec.ts');
const ends = of('session/ends.ts', 'session/ends.spec.ts');
const status = of('agreement/status-by-acts.ts', 'agreement/activate.spec.ts');
const route = of('flow/route.ts', 'agreement/activate.spec.ts');
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
  covered('resource_not_agreed', "if (!agreed) return 'resource_not_agreed';", 'if (!agreed) continue;'),
  covered(
    'action_not_agreed',
    'grant.actions.every((action) => agreed.services.some((service) => actionWithin(action, service)));',
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
  covered('approvals_missing', 'approver.organisation === owner && ', ''),
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
  decide('outside_grant', 'chain.grant.actions.some((granted) => actionWithin(ask.action, granted)) &&', 'true &&'),
  decide(
    'outside_grant',
    'chain.grant.resources.some((resource) => sameResource(resource, ask.resource)) &&',
    'true &&',
  ),
  decide('outside_grant', 'chain.grant.subjects.some((subject) => sameSubject(subject, ask.subject));', 'true;'),
  decide('agreement_over', 'if (!active.allowed) return active;', ''),
  decide('taken_away', "if (act) return refuse('taken_away', { clause: act.act.verb, detail: act.digest });", ''),
  decide('status_invalid', 'isInvalid(chain.grant.id) || ', ''),
  decide('status_invalid', 'isInvalid(ask.session) || ', ''),
  decide('status_invalid', ' || isInvalid(chain.jkt)', ''),
  decide(
    'outside_window',
    "if (!window) return refuse('outside_window');",
    'if (!window) return allow({ window: chain.grant.windows[0] as Interval });',
  ),
  decide('embargo_unknown', 'verdict.organisation === term.party &&', ''),
  decide('embargo_unknown', 'verdict.kind === kind &&', ''),
  decide('embargo_unknown', 'verdict.grant === chain.grantDigest &&', ''),
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

  activate(
    'term_without_evaluator',
    "if (unknown) return refuse('term_without_evaluator', { clause: unknown.type });",
    '',
  ),
  table('term_without_evaluator', 'Object.hasOwn(TERMS, term.type)', 'term.type in TERMS'),
  activate('agreement_incoherent', "if (new Set(parties).size !== parties.length) return 'parties';", ''),
  activate(
    'agreement_incoherent',
    "if (agreement.house ? parties.length !== 1 : parties.length < 2) return 'parties';",
    '',
  ),
  activate('agreement_incoherent', "if (agreement.endsAt <= agreement.effectiveFrom) return 'endsAt';", ''),
  activate(
    'agreement_incoherent',
    "if (resources.some((resource) => !parties.includes(resource.owner))) return 'resources';",
    '',
  ),
  activate('agreement_incoherent', 'resources.findIndex((other) => sameResource(one, other)) !== at', 'at < 0'),
  order("endsAt: 'both',", "endsAt: 'less',"),
  order("class: 'both',", "class: { words: '', holds: () => true },"),
  order("services: 'fewer',", "services: 'more',"),
  order("added: () => 'wider',", "added: () => 'narrower',"),
  order("typeof is === 'number' && is < was", "typeof is === 'number' && is > was"),
  order("place === 'fewer' ? [was, is] : [is, was]", 'true ? [was, is] : [is, was]'),
  order("if (place === 'both') return [[member, 'both']];", "if (place === 'both') return [];"),
  activate('agreement_incoherent', 'said.size === said.add(clauseOf(term)).size', 'false'),
  dataTerm(
    'agreement_incoherent',
    '!agreement.resources.some((resource) => sameResource(resource, term.resource)) ||',
    '',
  ),
  dataTerm(
    'agreement_incoherent',
    'term.recipients.some((recipient) => !agreement.parties.some((party) => party.organisation === recipient)) ||',
    '',
  ),
  dataTerm('agreement_incoherent', '!term.regions.every((region) => regionTerm(agreement, region))', 'false'),
  places('agreement_incoherent', '!agreement.parties.some(({ organisation }) => organisation === party)', 'false'),
  access('agreement_incoherent', 'incoherent: (term) => term.approvals.length === 0,', ''),
  activate(
    'agreement_not_yet_effective',
    "if (now < agreement.effectiveFrom) return refuse('agreement_not_yet_effective');",
    '',
  ),
  activate(
    'agreement_over',
    "if (now >= agreement.endsAt) return refuse('agreement_over');",
    "if (now > agreement.endsAt) return refuse('agreement_over');",
  ),

  guests('agreement_incoherent', "if (!agreement.house && sides.length < 2) return 'parties';", ''),
  guests(
    'agreement_incoherent',
    "if ((role === 'third-party') !== (term !== undefined)) return 'third-party';",
    "if (role === 'third-party' && term === undefined) return 'third-party';",
  ),
  guests(
    'agreement_incoherent',
    "if ((role === 'third-party') !== (term !== undefined)) return 'third-party';",
    "if (role !== 'third-party' && term !== undefined) return 'third-party';",
  ),
  guests('agreement_incoherent', "if (term && !sides.includes(term.broughtBy)) return 'third-party';", ''),
  guests(
    'agreement_incoherent',
    'if (!agreement.parties.some((party) => party.organisation === term.party)) return true;',
    '',
  ),
  guests('agreement_incoherent', 'return !named || ', 'return '),
  guests('agreement_incoherent', 'return !itsSideHolds || ', 'return '),
  guests(
    'agreement_incoherent',
    'return !itsSideHolds || !term.resources.some((one) => sameResource(one, other.resource));',
    'return !itsSideHolds;',
  ),
  guests('third_party_not_agreed', '!term?.kinds.includes(grant.kind) || ', '!term || '),
  guests('third_party_not_agreed', ' || !term.purposes.includes(grant.purpose)', ''),
  guests(
    'third_party_not_agreed',
    'grant.resources.every((one) => term.resources.some((other) => sameResource(one, other))) &&',
    'true &&',
  ),
  guests('third_party_not_agreed', 'grant.actions.every((action) => term.actions.includes(action));', 'true;'),
  guests(
    'third_party_not_agreed',
    'return grant.windows.some((span) => span.to - span.from > term.longestWindowSeconds * 1000);',
    'return false;',
  ),

  equivalence('equivalence_lapsed', 'term.kinds.includes(kind) &&', 'true &&'),
  equivalence('equivalence_lapsed', 'term.resources.length === 0 || ', ''),
  equivalence('equivalence_lapsed', '.filter((side) => side !== term.party)', '.filter(() => true)'),
  equivalence('equivalence_lapsed', 'found.filter((one) => now < one.until)', 'found'),
  equivalence('equivalence_lapsed', 'annex.attestation === held.digest && ', ''),
  equivalence('equivalence_lapsed', ' && annex.organisation === side)', ')'),
  equivalence(
    'equivalence_lapsed',
    "annexesOf(papers.annexes, 'acceptance').filter(({ annex }) => annex.agreementId === agreement.id);",
    "annexesOf(papers.annexes, 'acceptance');",
  ),
  equivalence(
    'equivalence_lapsed',
    'Math.min(endOfAnnex(held, term, agreement, papers), ...accepted)',
    'Math.min(...accepted)',
  ),
  equivalence('equivalence_lapsed', 'withdrawn + term.warnSeconds * 1000', 'withdrawn'),
  equivalence('equivalence_lapsed', '.filter(({ annex }) => annex.acceptedBy === side)', '.filter(() => true)'),
  papers('equivalence_lapsed', "act.verb === 'revoke' &&", 'true &&'),
  papers('equivalence_lapsed', 'act.target.id === digest &&', 'true &&'),
  papers('equivalence_lapsed', 'act.agreementId === agreement.id &&', 'true &&'),
  papers('equivalence_lapsed', 'parties.includes(act.organisation),', 'true,'),
  annexed(
    'machine_transferred',
    'if (machine) return { code: machine,',
    'if (machine && false) return { code: machine,',
  ),
  annexed('party_insolvent', 'find((term) => !keptInInsolvency(term, grant, chain))', 'find(() => false)'),
  annexed('embargo_unknown', 'asked.filter((one) => !gone.includes(one.term.party))', 'asked'),
  machine('machine_transferred', ' && annex.at <= now)', ')'),
  machine('machine_transferred', 'sameResource(annex.from, resource)', 'true'),
  machine('machine_decommissioned', "if (record?.state === 'decommissioned') return 'machine_decommissioned';", ''),
  machine('machine_decommissioned', 'b.annex.sequence - a.annex.sequence || ', ''),
  machine('machine_decommissioned', ' || ended(b) - ended(a)', ''),
  machine('machine_unrecorded', '.filter(({ annex }) => sameResource(annex.resource, resource))', ''),
  machine('machine_moved', '!term.sites.includes(record.site) || ', ''),
  machine('machine_moved', ' || !term.zones.includes(record.zone)', ''),
  machine('support_over', " && term.afterSupport === 'refuse'", ''),
  machine('support_over', 'record.supportEndsAt <= now', 'record.supportEndsAt < now'),
  insolvency('party_insolvent', 'annex.agreementId === agreement.id &&', 'true &&'),
  insolvency('party_insolvent', 'annex.party === term.party &&', 'true &&'),
  insolvency('party_insolvent', 'annex.organisation !== term.party &&', 'true &&'),
  insolvency('party_insolvent', 'annex.issuedAt + term.waitSeconds * 1000 <= now', 'annex.issuedAt <= now'),
  insolvency('party_insolvent', 'withdrawnAt(digest, agreement, papers.acts) === undefined', 'true'),
  insolvency(
    'party_insolvent',
    'if (term.successor !== null && sides.subjectSide !== term.successor) return false;',
    '',
  ),
  insolvency('party_insolvent', 'term.kinds.includes(grant.kind) &&', 'true &&'),
  annexTerms('equivalence')('agreement_incoherent', 'agreement.house || ', ''),
  annexTerms('equivalence')('agreement_incoherent', 'ofStranger(term, agreement) || ', ''),
  annexTerms('equivalence')('agreement_incoherent', '!isControl(term.control) || ', ''),
  annexTerms('equivalence')('agreement_incoherent', '!allAgreed(term.resources, agreement)', 'false'),
  annexTerms('machines')('agreement_incoherent', 'term.resources.length === 0 || ', ''),
  annexTerms('machines')('agreement_incoherent', '!allAgreed(term.resources, agreement)', 'false'),
  annexTerms('insolvency')('agreement_incoherent', 'agreement.house ||\n', '\n'),
  annexTerms('insolvency')('agreement_incoherent', 'ofStranger(term, agreement) ||\n', '\n'),
  annexTerms('insolvency')('agreement_incoherent', 'successor === term.party || ', ''),
  annexTerms('insolvency')('agreement_incoherent', '!allAgreed(term.resources, agreement)', 'false'),
  resource(
    'taken_away',
    '(one) => one.owner === organisation && one.id === target.id,',
    '(one) => one.id === target.id,',
  ),

  standing('taken_away', 'act.agreementId !== use.agreement.id)', 'false)'),
  standing('taken_away', '!use.agreement.parties.some((party) => party.organisation === act.organisation)', 'false'),
  standing('taken_away', ' && now >= endOfNotice(act, use.agreement)', ''),
  standing(
    'taken_away',
    "case 'grant':\n      return target.id === use.grant.id;",
    "case 'grant':\n      return false;",
  ),
  standing('taken_away', 'return target.id === use.session;', 'return false;'),
  standing('taken_away', 'use.subject.organisation === organisation && ', ''),
  standing('taken_away', 'use.subject.kind === target.kind && ', ''),
  standing('taken_away', ' && use.subject.id === target.id', ''),
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
  ends('offline_closed', "?.mode ?? 'closed'", "?.mode ?? 'static'"),
  ends('window_over', 'monotonic + (end - now)', 'end'),

  status('taken_away', 'parties.includes(act.organisation) &&', ''),
  status(
    'taken_away',
    "if (revoked || now >= agreement.endsAt) return 'ended';",
    "if (now >= agreement.endsAt) return 'ended';",
  ),
  status('taken_away', '&& !liftedBy(held, acts, agreement)', ''),
  route(
    'region_not_agreed',
    "if (!term.regions.includes(region)) return refuse('region_not_agreed', { clause: term.type });",
    '',
  ),
  route('endpoint_not_agreed', 'agreed.endpointKeys.includes(endpointKey)', 'agreed'),
  carry('not_a_party', "return subject.kind === 'workload' && resources.includes(machine.id);", 'return true;'),
  carry('not_a_party', "if (subject.kind === 'machine') return subject.id === machine.id;", ''),
  carry('not_a_party', "return subject.kind === 'workload' && grant.subjects.slice(1)", 'return grant.subjects'),
  carry(
    'not_a_party',
    'if (!grant.resources.some((one) => one.owner === machine.owner && one.id === machine.id)) return false;',
    '',
  ),
  cloudEvent('label_unknown', ': !agreed.has(label),', ': false,'),
  cloudEvent('time_implausible', 'if (at && !at.allowed) return at;', ''),
  cloudEvent('reference_not_carried', "return refuse('reference_not_carried', { clause: 'dataref' });", '{}'),
  sparkplug('command_refused', 'if (COMMANDS.has(type) || ', 'if ('),
  sparkplug('birth_missing', "if (state.next === null) return refuse('birth_missing', { clause: type });", ''),
  sparkplug(
    'sequence_broken',
    "seq === state.next ? allow(undefined) : refuse('sequence_broken'",
    "seq >= 0 ? allow(undefined) : refuse('sequence_broken'",
  ),
  opcUa('time_implausible', 'return bad ? null : plain(field.Value);', 'return plain(field.Value);'),
  minimise('pseudonym_key_missing', "if (entry.action === 'pseudonymise' && !names.pseudonymise)", 'if (false)'),
];
