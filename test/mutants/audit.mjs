import { ofDomain, ofProof } from './of-folder.mjs';

/** One check of what evidence says and withholds removed at a time. */
const chain = ofDomain('evidence/chain.ts', 'evidence/chain.spec.ts');
const cut = ofDomain('evidence/cut-latency.ts', 'evidence/report.spec.ts');
const usage = ofDomain('evidence/usage.ts', 'evidence/usage.spec.ts');
const statement = ofProof('usage-statement.ts', 'usage-statement.spec.ts');
const withheld = ofDomain('evidence/withheld.ts', 'evidence/withheld.spec.ts');
const keeping = ofDomain('evidence/keeping.ts', 'evidence/keeping.spec.ts');
const writers = ofDomain('evidence/writers.ts', 'evidence/writers.spec.ts');
const disclosure = ofProof('disclosure.ts', 'disclosure.spec.ts');
/** The lies of an operator, each by the check that finds it, in front of a real database that he owns. */
const liar = (code, file, text, replacement, test) => ({
  ...{ code, file: `libs/proof/src/${file}`, text, replacement, test },
  spec: 'apps/audit/src/lying-operator.spec.ts',
});

const ownWitness = (text, replacement) => ({
  ...{ code: 'evidence_rejected', file: 'apps/cli/src/commands/audit/read-log.ts', text, replacement },
  spec: 'apps/cli/src/commands/audit/read-log.spec.ts',
});

const came = (text, replacement) => ({
  ...{ code: 'evidence_rejected', file: 'apps/cli/src/commands/audit/when-verb.ts', text, replacement },
  spec: 'apps/cli/src/commands/audit/read-log.spec.ts',
});

/** A check at a service, in front of its own database or of a real receiver. */
const at = (code, file, text, replacement, spec, test) => ({ code, file, text, replacement, spec, test });
const PARKED = 'goes in the same time from a record that is parked';
const parked = (text, replacement) =>
  at(
    'retention_runs',
    'apps/audit/src/store/appended.store.ts',
    text,
    replacement,
    'apps/audit/src/commands/erase-due.spec.ts',
    PARKED,
  );

export const AUDIT = [
  at(
    'evidence_elsewhere',
    'apps/trust-registry/src/commands/propose-agreement.command.ts',
    'if (!here.allowed) return here;',
    '',
    'apps/trust-registry/test/registry.int.spec.ts',
    'whose evidence both signed to lie elsewhere',
  ),
  at(
    'streamed_once',
    'apps/cli/src/commands/audit/stream/nats-receiver.ts',
    'msgID: row.record.id,',
    '',
    'apps/cli/src/commands/audit/stream/stream-logs.spec.ts',
    'to a NATS server counts what JetStream acknowledged',
  ),
  parked(' and not exists (select from hold h where h.log_no = l.no)', ''),
  parked("set body = 'null', opened = null from due", 'set opened = null from due'),
  came('cosigners: 1 };', 'cosigners: 0 };'),
  came('without && without.value.checkpoint.size > index', 'false'),
  ownWitness('Math.max(tree.value, newest.value) < seen.size', 'false'),
  ownWitness('seen && size === seen.size && !equalHashes(root, seen.root)', 'false'),
  liar(
    'witness_proof_invalid',
    'log/witness.ts',
    'return proved.allowed ? allow(true)',
    'return true ? allow(true)',
    'drops a record',
  ),
  liar(
    'witness_log_forked',
    'log/witness.ts',
    'checkpoint.size === seen.size && seen.size > 0',
    'false',
    'two histories',
  ),
  liar(
    'witness_log_shrank',
    'log/witness.ts',
    'if (checkpoint.size < seen.size) return',
    'if (false) return',
    'rolls the log back',
  ),
  liar('evidence_rejected', 'whole-log.ts', 'if (!said.take(open.value.id))', 'if (false)', 'replays a record'),
  liar('evidence_rejected', 'log-answer.ts', 'if (said.has(row.record.id))', 'if (false)', 'replays a record'),
  liar(
    'checkpoint_wrong_origin',
    'log/checkpoint.ts',
    'checkpoint.origin !== trust.log.name',
    'false',
    'one log for another',
  ),
  liar(
    'note_signature_repeated',
    'log/cosignature.ts',
    "if (own.length > 1) return refuse('note_signature_repeated');",
    '',
    'who cosigned',
  ),
  liar(
    'evidence_rejected',
    'log-answer.ts',
    '|| !open.allowed) return refuse',
    ') return refuse',
    'one person for another',
  ),
  usage('usage', " || source.startsWith('broker/')", ''),
  usage('usage', 'value + (before[name] ?? 0)', 'value'),
  usage('usage', 'Math.min(ended, to)', 'ended'),
  usage('usage', 'Math.max(opened, from)', 'opened'),
  usage('usage', 'JSON.stringify([source, session])', 'session'),
  usage('usage', ' && within(period, record.at)) seeDelivery', ') seeDelivery'),
  statement('not_a_party', 'agreementId !== agreement.id || ', ''),
  statement('not_a_party', ' || !isParty)', ')'),
  statement('from_the_future', ' || to > issuedAt)', ')'),
  statement('from_the_future', '!believable(issuedAt, now, skewMilliseconds(agreement)) || ', ''),
  chain('evidence_fork', 'if (!place) return head && ', 'if (!place) return undefined && '),
  chain('evidence_gap', "if (place.sequence > next.sequence) return 'evidence_gap';", ''),
  chain('evidence_fork', 'place.sequence === next.sequence && ', ''),
  chain('evidence_fork', ' && place.previous === next.previous ?', ' ?'),
  chain(
    'evidence_gap',
    '(head?.sequence ?? 0) + 1,\n  previous',
    '(head?.sequence ?? place.sequence - 1) + 1,\n  previous',
  ),
  cut('cut', "&& record.source.startsWith('broker/')) orders", ') orders'),
  cut('cut', 'record.at >= period.from && ', ''),
  cut('cut', ' && record.at < period.to)', ')'),
  cut('cut', 'TAKEN_AWAY.includes(code)', 'code'),
  cut('cut', 'order.at <= at && ', ''),
  cut('cut', 'return order.session === end.session;', 'return true;'),
  cut('cut', 'return order.grant === end.grant;', 'return true;'),
  cut('cut', ' && of.id === by.id;', ';'),
  cut(
    'cut',
    "(kind === 'session.cut' || kind === 'flow.cut') && !source.startsWith('broker/')",
    "kind === 'session.cut' || kind === 'flow.cut'",
  ),
  cut('cut', 'Math.max(...reaching', 'Math.min(...reaching'),
  keeping('on_hold', "if (heldBy.length > 0) return refuse('on_hold', { clause: heldBy.join(' ') });", ''),
  keeping('retention_runs', 'retentionSeconds !== null && ', ''),
  keeping('retention_runs', '* 1_000 <= now', '* 1_000 <= now + 1'),
  withheld('withheld', "subject?.kind === 'person'", 'subject !== null'),
  withheld('withheld', '...(withheld.subject && { subject: null }),', ''),
  withheld('withheld', '...(withheld.approvers && { approvers: [] }),', ''),
  withheld('withheld', 'delegators && !withheld.delegators &&', 'delegators &&'),
  withheld('withheld', 'reason !== undefined && !withheld.reason &&', 'reason !== undefined &&'),
  withheld(
    'withheld',
    'internalReason !== undefined && !withheld.internalReason &&',
    'internalReason !== undefined &&',
  ),
  withheld(
    'not_as_declared',
    'if (own.length === 0) return record.belongsTo === undefined;',
    'if (own.length === 0) return true;',
  ),
  withheld('not_as_declared', "whose === 'organisation' && belongsTo === organisation", "whose === 'organisation'"),
  withheld('not_as_declared', 'belongsTo !== undefined && (whose', '(whose'),
  keeping('person_asked', 'subject.organisation === organisation && ', ''),
  keeping('person_asked', 'approversOf === organisation && approvers', 'approvers'),
  keeping('person_asked', 'one.organisation === organisation && ', ''),
  keeping('person_asked', 'record.organisation === organisation && reason', 'reason'),
  withheld('answer_incomplete', '!fitsFilter(record, { from: filter.from, to: filter.to })', 'false'),
  withheld('answer_incomplete', 'unmet.length > 0 && ', ''),
  disclosure('evidence_rejected', 'if (saysWhatItWithholds(record)) return wrong;', ''),
  disclosure('evidence_rejected', 'read.name in values || ', ''),
  disclosure('evidence_rejected', 'if (own && read && isOwn(read.name) !== at >= opened.length) return wrong;', ''),
  disclosure('evidence_rejected', ' || record.withheld?.[read.name] !== digestOfDisclosure(disclosure)', ''),
  disclosure(
    'evidence_rejected',
    'if (!value.success || value.data === undefined) return wrong;',
    'if (!value.success || value.data === undefined) continue;',
  ),
  writers('wrong_writer', '!mayWrite || ', ''),
  writers('wrong_writer', "(through !== door && through !== 'operator')", 'false'),
  writers(
    'wrong_writer',
    "const writer = ofBroker ? source.slice(BROKER.length) : 'gateway'",
    "const writer = source.replace(BROKER, '')",
  ),
  writers('clock_nonsense', 'at >= FIRST_DAY && ', ''),
  writers('clock_nonsense', ' && at <= takenAt + AHEAD_OF_THE_LOG', ''),
  disclosure('evidence_rejected', "drawn.toString('base64url', given, given + SALT_BYTES)", "'salt'"),
];
