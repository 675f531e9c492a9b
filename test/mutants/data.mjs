/** Checks of what flows carry, each removed at a time. */
import { ofDomain as of } from './of-folder.mjs';

const carry = of('flow/carry.ts', 'flow/carry.spec.ts');
const cloudEvent = of('telemetry/cloud-event.ts', 'telemetry/cloud-event.spec.ts');
const sparkplug = of('telemetry/sparkplug-b.ts', 'telemetry/sparkplug-b.spec.ts');
const opcUa = of('telemetry/opc-ua-pubsub.ts', 'telemetry/opc-ua-pubsub.spec.ts');
const minimise = of('telemetry/minimise.ts', 'telemetry/minimise.spec.ts');
const route = of('flow/route.ts', 'agreement/activate.spec.ts');
const ofGateway = (file, spec) => (code, text, replacement, test) => ({
  code,
  file: `apps/edge-gateway/src/${file}`,
  text,
  replacement,
  spec: `apps/edge-gateway/src/${spec}`,
  test,
});
const at = (file, spec) => (code, text, replacement) => ({ code, file, text, replacement, spec });
const secret = of('flow/trade-secret.ts', 'flow/trade-secret.spec.ts');
const mark = of('term/data-collection.ts', 'flow/trade-secret.spec.ts');
const protection = of('annex/equivalence.ts', 'flow/trade-secret.spec.ts');
const inspection = of('flow/inspection.ts', 'flow/inspection.spec.ts');
const openFlow = ofGateway('flow/open-flow.ts', 'flow/two-regions.spec.ts');

const erasure = at('libs/domain/src/flow/retention.ts', 'apps/cli/src/commands/data/keep-data.spec.ts');
const erased = at('libs/proof/src/erasure-proof.ts', 'libs/proof/src/erasure-proof.spec.ts');
const keeping = at('apps/cli/src/commands/data/keep-data.ts', 'apps/cli/src/commands/data/keep-data.spec.ts');
const routed = at('apps/data-router/src/commands/judge-flows.ts', 'apps/data-router/src/commands/judge-flows.spec.ts');

export const DATA = [
  at('apps/edge-gateway/src/flow/erase-ended.ts', 'apps/edge-gateway/src/flow/erase-ended.spec.ts')(
    'erasure_differs',
    'clock.runsAhead() || ',
    '',
  ),
  erasure('erasure_differs', 'now >= retrievalEndsAt(agreement, acts)', 'false'),
  erasure('erasure_differs', 'keeper !== received.machine.owner && ', ''),
  routed('erasure_differs', '&& now >= retrievalEndsAt(agreement, acts)', ''),
  routed('erasure_differs', 'facts !== undefined && now', 'now'),
  of('telemetry/aggregate.ts', 'telemetry/aggregate.spec.ts')(
    'agreed_drop',
    'numbers.length >= LEAST_OF_A_WINDOW',
    'numbers.length > 0',
  ),
  of('telemetry/minimise.ts', 'telemetry/aggregate.spec.ts')(
    'agreed_drop',
    'rest(said.filter((part) => !isAggregate(part)))',
    'rest(said)',
  ),
  keeping('on_hold', 'journal.hold || ', ''),
  keeping('on_hold', ' || heldBy.length > 0', ''),
  at('libs/client/src/keeping/hold-data.ts', 'apps/cli/src/commands/data/keep-data.spec.ts')(
    'erasure_differs',
    'const newer = of && of.agreement.version >= agreement.version ? of.agreement : agreement;',
    'const newer = agreement;',
  ),
  at('libs/client/src/keeping/hold-data.ts', 'libs/client/src/keeping/hold-data.spec.ts')(
    'erasure_differs',
    'ends: [...(of?.ends ?? []), ...fresh]',
    'ends: fresh',
  ),
  at('libs/client/src/keeping/kept-time.ts', 'apps/cli/src/commands/data/keep-data.spec.ts')(
    'erasure_differs',
    'if (now > began + (monotonic() - at) + SKEW) return undefined;',
    '',
  ),
  at('libs/client/src/keeping/kept-time.ts', 'apps/cli/src/commands/data/keep-data.spec.ts')(
    'erasure_differs',
    'return Math.max(now, last);',
    'return now;',
  ),
  keeping('erasure_differs', 'if (!one.allowed || onWhole', 'if (one.allowed && onWhole'),
  keeping('erasure_differs', ', heldSince: journal.knownSince(one.value.digest, now)', ''),
  erased('erasure_differs', 'new Set(batches).size !== erased || ', ''),
  erased('erasure_differs', ' || digestOfBatches(batches) !== document.batches', ''),

  secret('trade_secret', 'said.flatMap(', '[reading].flatMap('),
  secret('trade_secret', '.filter(({ resource }) => sameResource(resource, term.resource))', ''),
  secret('trade_secret', 'one.key === key.key && one.secret', 'one.secret'),
  secret('trade_secret', 'marks.every(', 'marks.some('),
  secret('trade_secret', "action: 'drop'", 'action: key.action'),
  secret('trade_secret', 'mark.recipients.includes(party) &&', 'true &&'),
  secret('trade_secret', '&& meets({ party, control: mark.control }, agreement, papers, now)', ''),
  protection('trade_secret', 'return others.length > 0 && attested', 'return attested'),
  protection('trade_secret', 'some(({ until }) => now < until)', 'some(() => true)'),
  protection('trade_secret', 'warnSeconds: 0 }', 'warnSeconds: 60 }'),
  mark('wider', 'if (!markedNoLess(before.secret, after.secret)) return false;', ''),
  mark('wider', 'before.control === after.control &&', 'true &&'),
  mark('wider', 'after.recipients.every((one) => before.recipients.includes(one)));', 'true);'),
  mark('wider', 'secret === undefined || after.some((one) => one.key === key)', 'true'),
  mark('agreement_incoherent', 'isControl(control) &&', 'true &&'),
  mark('agreement_incoherent', "=> action === 'pseudonymise' || secret !== undefined", "=> action === 'pseudonymise'"),
  ofGateway('flow/judge-flow.ts', 'trade-secret.spec.ts')(
    'trade_secret',
    'return withoutUnprotected(narrowestReading(agreement, narrowed), said, { annexes: [...annexes.values()], acts }, now);',
    'return narrowestReading(agreement, narrowed);',
    'stays where nobody accepted it',
  ),
  route(
    'region_not_agreed',
    "if (!term.regions.includes(region)) return refuse('region_not_agreed', { clause: term.type });",
    '',
  ),
  route('endpoint_not_agreed', 'agreed.value.endpointKeys.includes(endpointKey)', 'agreed'),
  inspection('inspected_at_plant', "purposes.includes('enforce') ? allow(true)", 'purposes ? allow(true)'),
  inspection('inspected_in_region', "purposes.includes('inspect') ? allow(true)", 'purposes ? allow(true)'),
  of('term/data-collection.ts', 'flow/inspection.spec.ts')(
    'agreement_incoherent',
    "(term.inspection === 'region' &&",
    '(false &&',
  ),
  ofGateway('standing/chain-taken-up.ts', 'flow/safety.spec.ts')(
    'organisation_revoked',
    ' || !revokedSince.has(document.organisation)',
    '',
    'never under that of its owner',
  ),
  ofGateway('flow/judge-flow.ts', 'ingest/inspected-in-region.spec.ts')(
    'inspected_at_plant',
    'if (!inspected.allowed) return inspected;',
    '',
    'refused in plain text at the door of a region',
  ),
  {
    code: 'no_longer_kept',
    file: 'libs/client/src/keeping/serve-batches.ts',
    text: "if (from < kept.first) return refused(response, 'no_longer_kept', String(kept.first));",
    replacement: '',
    spec: 'libs/client/src/keeping/keeping.spec.ts',
    test: 'goes back as far as data is kept',
  },
  {
    code: 'malformed',
    file: 'libs/client/src/keeping/write-objects.ts',
    text: String.raw`.regex(/^\d{12}-\d{12}\.[a-z]{1,20}$/)`,
    replacement: '',
    spec: 'libs/client/src/keeping/keeping.spec.ts',
    test: 'are never removed elsewhere than in their folder',
  },
  of('flow/retention.ts', 'flow/retention.spec.ts')('no_longer_kept', '!term || now >= ', 'term && now >= '),
  {
    code: 'inspected_at_plant',
    file: 'libs/proof/src/seal.ts',
    text: "agreement !== undefined && dataTerm(agreement, product, machine)?.inspection === 'region'",
    replacement: '!agreement || true',
    spec: 'apps/edge-gateway/src/ingest/inspected-in-region.spec.ts',
    test: 'opens for whoever holds that agreement',
  },
  openFlow(
    'region_not_agreed',
    'named.filter((one) => regionAllowed(reading, term, one.region).allowed)',
    'named',
    'forbids the country of the other',
  ),
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
