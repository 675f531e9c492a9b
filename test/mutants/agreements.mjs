/** Checks of agreements, their terms and what hangs on them, each removed at a time. */
import { ofDomain as of } from './of-folder.mjs';

const guests = of('agreement/third-party.ts', 'agreement/third-party.spec.ts');
const activate = of('agreement/activate.ts', 'agreement/activate.spec.ts');
const table = of('term/term-table.ts', 'agreement/activate.spec.ts');
const resourceClass = of('agreement/resource-class.ts', 'agreement/resource-class.spec.ts');
const ofClass = of('term/resource-class.ts', 'agreement/resource-class.spec.ts');
const coveredByClass = of('grant/covered.ts', 'agreement/resource-class.spec.ts');
const delegatedByClass = of('grant/delegated.ts', 'grant/delegated.spec.ts');
const agreedAs = of('agreement/agreed-as.ts', 'agreement/agreed-as.spec.ts');
const agreedIn = (file) => of(file, 'agreement/agreed-as.spec.ts');
const hours = of('agreement/hours.ts', 'agreement/hours.spec.ts');
const hoursTerm = of('term/hours.ts', 'agreement/hours.spec.ts');
const files = of('agreement/file-transfer.ts', 'agreement/file-transfer.spec.ts');
const limits = of('session/limits.ts', 'session/limits.spec.ts');
const atGateway = (code, text, replacement) => ({
  code,
  file: 'apps/edge-gateway/src/session/admit-session.ts',
  text,
  replacement,
  spec: 'apps/edge-gateway/src/terms.spec.ts',
});
const exactJson = (code, text, replacement) => ({
  code,
  file: 'libs/contracts/src/exact-json.ts',
  text,
  replacement,
  spec: 'libs/contracts/src/exact-json.spec.ts',
});
const transfer = of('flow/transfer.ts', 'flow/transfer.spec.ts');
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
const status = of('agreement/status-by-acts.ts', 'agreement/activate.spec.ts');
const ending = of('agreement/ending.ts', 'agreement/activate.spec.ts');

const history = (code, text, replacement) => ({
  code,
  file: 'libs/proof/src/bundle-history.ts',
  text,
  replacement,
  spec: 'libs/proof/src/bundle.spec.ts',
});

export const AGREEMENTS = [
  guests('third_party_not_agreed', '[subjectSide, ...receiversOf(grant, agreement)]', '[subjectSide]'),
  guests('third_party_not_agreed', "kind === 'data-collection'\n    ?", "kind !== 'data-collection'\n    ?"),
  history('bundle_unsupported', 'document.id !== last.id || ', ''),
  history('bundle_unsupported', ' || document.version >= next.version', ''),
  history(
    'signature_missing',
    '    if (!verified.allowed) return verified;\n    const parties',
    '    if (!verified.allowed) continue;\n    const parties',
  ),
  history('bad_signature', 'if (!held.allowed) return held;', 'if (!held.allowed) continue;'),
  of('agreement/enforceable.ts', 'agreement/enforceable.spec.ts')(
    'term_without_evaluator',
    '!point.evaluators.includes(type)',
    'false',
  ),
  of('agreement/enforceable.ts', 'agreement/enforceable.spec.ts')(
    'term_without_evaluator',
    " ||\n  termsOfType(agreement, 'selector').some(({ owner }) => owner === organisation)",
    '',
  ),
  status('agreement_over', "if (now >= retrievalEndsAt(agreement, acts)) return 'ended';", ''),
  ending('agreement_over', ' + (notice?.retrievalSeconds ?? 0) * 1000', ''),
  ending('taken_away', 'usesEndAt(agreement, acts) <= now && ', ''),
  ending('agreement_over', ' && now < until ?', ' ?'),
  ending('agreement_over', 'held.heldSince ?? issuedAt', 'issuedAt'),
  ending('taken_away', 'agreement.parties.some((party) => party.organisation === act.organisation) &&', ''),
  of('decide.ts', 'decide.spec.ts')(
    'taken_away',
    'const ends = cutShortAt(agreement, acts, now);',
    'const ends = Number.POSITIVE_INFINITY;',
  ),
  transfer('region_not_agreed', 'transfer.storage.includes(jurisdiction) && ', ''),
  transfer('region_not_agreed', ' && transfer.transit.includes(jurisdiction)', ''),
  transfer('access_place_not_agreed', ' && transfer.access.includes(jurisdiction)', ''),
  transfer('access_place_not_agreed', ' || organisation === term.resource.owner', ''),
  transfer('access_place_not_agreed', 'term.product === product && ', ''),
  transfer('access_place_not_agreed', ' && sameResource(term.resource, resource)', ''),
  of('flow/route.ts', 'flow/transfer.spec.ts')(
    'region_not_agreed',
    'return mayLieIn(agreement, term, agreed) ?',
    'return agreed ?',
  ),
  of('term/transfer.ts', 'flow/transfer.spec.ts')(
    'agreement_incoherent',
    '!dataTerm(agreement, term.product, term.resource) ||',
    '',
  ),
  of('term/transfer.ts', 'flow/transfer.spec.ts')(
    'agreement_incoherent',
    '!term.storage.includes(country) && !term.mechanisms.some((one) => one.country === country)',
    'false',
  ),
  exactJson('json_member_twice', "if (names?.has(said)) return 'json_member_twice';", ''),
  exactJson('json_member_twice', 'JSON.parse(text.slice(at, end)) as string', 'text.slice(at + 1, end - 1)'),
  exactJson('json_number_inexact', "if (!isExact(Number(written))) return 'json_number_inexact';", ''),
  exactJson('json_number_inexact', 'Number.isFinite(number) && ', ''),
  exactJson('text_not_normalised', " || said !== said.normalize('NFC')", ''),
  exactJson('text_not_normalised', '!said.isWellFormed() || ', ''),
  limits('too_many_sessions', 'open >= term.most', 'open > term.most'),
  limits('too_many_sessions', '.find((one) => one.kind === kind)', '[0]'),
  limits('login_over', ' && loggedInAt !== null ? loggedInAt + term.seconds', ' ? (loggedInAt ?? 0) + term.seconds'),
  limits('signed_in_the_future', 'Math.min(MOST_SKEW, term.seconds * 1000)', 'term.seconds * 1000'),
  of('session/ends.ts', 'session/limits.spec.ts')(
    'login_over',
    "...(use.loginEnd === undefined ? [] : [{ at: use.loginEnd, code: 'login_over' as const }]),",
    '',
  ),
  atGateway('too_many_sessions', 'if (tooManySessions(agreement, grant.kind, at.openUnder(grant.id)))', 'if (false)'),
  atGateway('login_over', 'loginEnd: loginDeadline(chain.value, moment),', ''),
  of('decide.ts', 'agreement/file-transfer.spec.ts')(
    'files_not_agreed',
    "if (bringsFiles(agreement, grant.kind, ask.action)) return refuse('files_not_agreed', { clause: 'file-transfer' });",
    '',
  ),
  files('files_not_agreed', "parts.functions !== 'read'", 'parts.functions === null'),
  files('files_not_agreed', '!parts || ', 'parts !== undefined && '),
  files('files_not_agreed', '!term.services.includes(parts.service) && ', ''),
  of('decide.ts', 'agreement/hours.spec.ts')(
    'outside_hours',
    "window ? allow(window) : refuse('outside_hours', { clause: `hours ${grant.kind}` })",
    'allow(window ?? granted)',
  ),
  hours('outside_hours', '.find((term) => term.kind === kind)', '[0]'),
  hours('outside_hours', 'Math.min(window.to, open.to)', 'window.to'),
  hours('outside_hours', 'if (!offset) return undefined;', 'if (!offset) return at + 1;'),
  hours('outside_hours', '+ offset.minutes;', ';'),
  hours('outside_hours', 'one.day === day && ', ''),
  hours('outside_hours', ' && minutesOf(one.from) <= minute', ''),
  hours('outside_hours', 'Math.min(end, offsets[nth + 1]?.from ?? end)', 'end'),
  hours('outside_hours', 'to - at <= 7', 'to - at <= 0'),
  hoursTerm('agreement_incoherent', ' || first.from > agreement.effectiveFrom', ''),
  hoursTerm('agreement_incoherent', 'one.from <= (offsets[at]?.from ?? 0)', 'one.from < (offsets[at]?.from ?? 0)'),
  hoursTerm('agreement_incoherent', 'minutesOf(from) >= minutesOf(to)', 'minutesOf(from) > minutesOf(to)'),
  hoursTerm('wider', 'one.day === other.day && ', ''),
  hoursTerm('wider', 'other.from <= one.from && ', ''),
  hoursTerm('wider', ' && one.to <= other.to', ''),
  agreedAs('machine_moved', ' && term.site === site', ''),
  agreedAs('machine_moved', ' && term.zone === zone', ''),
  agreedAs('resource_not_agreed', '.filter(({ owner }) => owner === resource.owner)', ''),
  agreedAs('action_not_agreed', 'if (named) return [named];', ''),
  agreedIn('annex/machine.ts')(
    'machine_moved',
    "selectedBy(agreement, record) ? undefined : 'machine_moved'",
    'undefined',
  ),
  agreedIn('annex/machine.ts')(
    'machine_unrecorded',
    "if (!record) return 'machine_unrecorded';\n  return selectedBy",
    'if (!record) return undefined;\n  return selectedBy',
  ),
  agreedIn('decide.ts')(
    'action_not_agreed',
    'if (services && !services.some((service) => actionWithin(action, service)))',
    'if (services && false)',
  ),
  agreedIn('agreement/activate.ts')(
    'term_without_evaluator',
    "some((one) => one.class === 'safety')",
    'some(() => false)',
  ),
  agreedIn('agreement/activate.ts')('machine_unrecorded', ", 'insolvency', 'selector']", ", 'insolvency']"),
  agreedIn('session/ends.ts')('lease_over', 'Math.min(...(seconds', 'Math.max(...(seconds'),
  agreedIn('session/ends.ts')('offline_closed', 'modes.every((mode)', 'modes.some((mode)'),
  agreedIn('term/selector.ts')('agreement_incoherent', 'ofStranger({ party: owner }, agreement)', 'false'),
  agreedIn('term/order.ts')('wider', "agreedAs(after, one).length > 0 ? 'wider' : 'narrower'", "'narrower'"),
  coveredByClass(
    'approvals_missing',
    "cls ? refuse('approvals_missing', { clause: `resource-class ${cls}` }) : undefined",
    'undefined',
  ),
  delegatedByClass(
    'approvals_missing',
    'yesFault(delegation, asked, agreement, owner, approvers, now) ?? subjectSide',
    'subjectSide',
  ),
  resourceClass('approvals_missing', 'one.organisation === owner && ', ''),
  resourceClass('approvals_missing', ' && !one.guest', ''),
  resourceClass('approvals_missing', '.map((one) => one.id)', ''),
  ofClass('wider', 'after > before', 'after !== before'),
  ofClass('agreement_incoherent', 'other.class === term.class && ', ''),
  ofClass('agreement_incoherent', ' && other.mode !== term.mode', ' && false'),
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
  {
    ...order("class: 'both',", "class: { words: '', holds: () => true },"),
    spec: 'libs/domain/src/act/narrower-parts.spec.ts',
    test: 'make a machine of another class',
  },
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

  status('taken_away', '&& !liftedBy(held, acts, agreement)', ''),
];
