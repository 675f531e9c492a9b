/** One check of what the plant says to its gateway removed at a time. */
const of = (file) => (code, text, replacement, spec, test) => ({
  code,
  file,
  text,
  replacement,
  spec: `test/scenarios/hostile-broker/${spec}.spec.ts`,
  test,
});

const activated = (name) => (code, text, replacement, test) => ({
  ...{ code, text, replacement, test },
  file: `libs/proof/src/${name}.ts`,
  spec: 'test/scenarios/hostile-broker/local-activation.spec.ts',
});
const activation = activated('activation');
const dormant = (code, text, replacement) => ({
  ...{ code, text, replacement },
  file: 'libs/domain/src/grant/dormant.ts',
  spec: 'libs/domain/src/grant/dormant.spec.ts',
});
const opensNothing = 'opens nothing by any other way';

/** The decision point of the gateway's own company. */
const pointSpec = 'apps/edge-gateway/src/session/own-point.spec.ts';
const point = (file) => (code, text, replacement) => ({
  ...{ code, text, replacement },
  file: `apps/edge-gateway/src/${file}.ts`,
  spec: pointSpec,
});
const ownPoint = point('session/own-point');
const openFlow = point('flow/open-flow');
const judged = of('apps/edge-gateway/src/session/sessions.ts');

/** What was said between two standings, over a restart. */
const kept = (name) => (code, text, replacement, test) => ({
  ...{ code, text, replacement, test },
  file: `apps/edge-gateway/src/standing/${name}.ts`,
  spec: 'apps/edge-gateway/src/standing/kept-words.spec.ts',
});

/** Connections that ask for nothing. */
const strangers = (text, replacement, test) => ({
  ...{ code: 'rate_limited', text, replacement, test },
  file: 'apps/edge-gateway/src/bound-strangers.ts',
  spec: 'apps/edge-gateway/src/bound-strangers.spec.ts',
});

/** What a gateway says of its own program. */
const program = (file) => (code, text, replacement) => ({
  ...{ code, file, text, replacement },
  spec: 'apps/edge-gateway/src/standing/say-program.spec.ts',
});
const ofItself = program('libs/proof/src/standing.ts');
const inForm = program('libs/contracts/src/documents/rights.ts');

export const PLANT = [
  {
    ...{ code: 'signal_turned', text: 'if (news && !verified.value.holds)', replacement: 'if (false)' },
    file: 'apps/edge-gateway/src/standing/take-signal.ts',
    spec: 'test/scenarios/hostile-broker/hand-of-the-plant.spec.ts',
    test: 'confirms that somebody is present',
  },
  {
    ...{ code: 'wrong_issuer', replacement: '' },
    text: "if (signal.document.organisation !== organisation) return refuse('wrong_issuer');",
    file: 'apps/grants/src/commands/hand-in-signal.command.ts',
    spec: 'test/scenarios/broker/channel.spec.ts',
    test: 'brings what a company says of its own',
  },
  ownPoint('decision_point_denied', 'return decision ? allow(true)', 'return true ? allow(true)'),
  ownPoint('decision_point_unknown', "return refuse('decision_point_unknown', { clause });", 'return allow(true);'),
  openFlow('decision_point_denied', 'if (!word.allowed) return word;', ''),
  judged(
    'decision_point_denied',
    'return word.allowed ? admitted : word;',
    'return admitted;',
    'judged-for-itself',
    'decision point of its company',
  ),
  ofItself('wrong_issuer', "holder?.kind === 'gateway' && holder.id === about.id", "holder?.kind === 'gateway'"),
  ofItself('wrong_purpose', "ofGateway ? 'enforce' : 'signal'", "'enforce'"),
  inForm('malformed', 'program !== undefined && name === PROGRAM_SIGNAL', 'program !== undefined'),
  inForm('malformed', 'program !== undefined && name === PROGRAM_SIGNAL', 'name === PROGRAM_SIGNAL'),
  inForm('malformed', ' : program === undefined,', ' : true,'),
  dormant('dormant_not_agreed', '!local || ', ''),
  dormant('dormant_not_agreed', 'agreed.length > 0 && ', ''),
  dormant('dormant_not_agreed', "kind === 'data-collection' || ", ''),
  dormant('dormant_not_agreed', 'others.length > 0 || ', ''),
  dormant('dormant_not_agreed', ' || !apart', ''),
  dormant('window_too_long', 'waits && ', ''),
  dormant('window_too_long', ' && dormant.seconds <= longestWindowSeconds', ''),
  dormant('not_activated', '(dormant !== undefined) === activated', 'dormant !== undefined || !activated'),
  dormant('window_over', 'Math.min(windowEnd, now + (dormant?.seconds ?? 0) * 1000)', 'windowEnd'),
  {
    ...dormant('lease_over', 'leases.length === 0 && leased', 'leases.length === 0'),
    file: 'libs/domain/src/session/ends.ts',
  },
  activation('activation_unfit', "if (document.grant !== right.grantDigest) return unfit('grant');", '', opensNothing),
  activation('activation_unfit', "if (document.nonce !== nonce) return unfit('nonce');", '', opensNothing),
  activation('activation_unfit', ' || document.gateway !== gateway.id', '', opensNothing),
  activation('activation_unfit', ' || !dormant?.approverKeys.includes(signer.kid)', '', opensNothing),
  activated('subject-proof')('not_the_holder', '!grant.dormant?.subjectKeys.includes(leaf)', 'false', opensNothing),
  of('apps/edge-gateway/src/standing/take-signal.ts')(
    'from_the_future',
    'const verified = await verifySignal(input, withoutRevoked(handed, held.acts.values()), now);\n  if (!verified.allowed) return verified;',
    'const verified = { value: input.document };',
    'hand-of-the-plant',
    'confirms that somebody is present',
  ),
  of('apps/edge-gateway/src/standing/take-signal.ts')(
    'older_than_held',
    "return refuse('older_than_held', { clause: 'entity' });",
    '{}',
    'hand-of-the-plant',
    'confirms that somebody is present',
  ),
  of('apps/edge-gateway/src/gateway.ts')(
    'lockout',
    'if (!acts.has(act)) takeOrder(parts, act);',
    'takeOrder(parts, act);',
    'hand-of-the-plant',
    'is an order of the own company',
  ),
  {
    code: 'not_a_party',
    file: 'libs/proof/src/standing.ts',
    text: "if (!locksOut(act, gateway)) return refuse('not_a_party');",
    replacement: '',
    spec: 'apps/edge-gateway/src/standing/keep-standing.spec.ts',
    test: 'is the only act that is taken so',
  },
  kept('held-agreement')(
    'status_invalid',
    'held.invalid.add(id);\n    if (reliedOn(held)) keepSince',
    'if (reliedOn(held)) keepSince',
    'an id that a list',
  ),
  kept('held-agreement')(
    'decision_point_denied',
    'held.verdicts.set(slotOf(verdict), verdict);',
    '',
    'a no of a decision point',
  ),
  kept('held-agreement')(
    'epoch_over',
    'for (const one of epochs) held.epochs.set(one.organisation, one.epoch);',
    '',
    'a writer whose epoch',
  ),
  kept('held-agreement')(
    'status_invalid',
    'held.remembered.words.invalid(agreementId, organisation, id);',
    '',
    'an id that a list',
  ),
  kept('kept-words')(
    'decision_point_denied',
    "before.verdict.outcome === 'clear' && now.verdict.outcome === 'clear'",
    'before.verdict.outcome === now.verdict.outcome',
    'a no of a decision point',
  ),
  kept('keep-standing')(
    'status_invalid',
    'taken.allowed || heardMore(held) > before',
    'taken.allowed',
    'an id that a list',
  ),
  kept('kept-words')(
    'rate_limited',
    'if (!before && (this.counts.get(partyOf(one)) ?? 0) >= MOST_WORDS) return;',
    '',
    'are bounded for each party',
  ),
  strangers('if (waiting.size > most) oldest?.socket.destroy();', '', 'makes room for whoever'),
  strangers(
    'setTimeout(() => socket.destroy(), withinMs)',
    'setTimeout(() => undefined, withinMs)',
    'a connection that asks for nothing',
  ),
  strangers("if (asked === 'head') heard(name);", 'if (asked) heard(name);', 'a connection that asks for nothing'),
  {
    ...strangers(
      "boundStrangers(server, { most: 48, withinMs: 5_000, asked: 'whole' });",
      '',
      'is heard, however many',
    ),
    file: 'apps/edge-gateway/src/plant/local-hand.ts',
    spec: 'apps/edge-gateway/src/plant/local-hand.spec.ts',
  },
];
