/** Codes of logs, formats and doors that no list beside this one has: each check removed at a time. */
import { ofDomain, ofProof } from './of-folder.mjs';

const note = ofProof('log/note.ts', 'log/note.spec.ts');
const checkpoint = ofProof('log/checkpoint.ts', 'log/checkpoint.spec.ts');
const cosignature = ofProof('log/cosignature.ts', 'log/checkpoint.spec.ts');
const merkle = ofProof('log/merkle-proof.ts', 'log/merkle.spec.ts');
const receipt = ofProof('log/tlog-proof.ts', 'log/checkpoint.spec.ts');
const witness = ofProof('log/witness.ts', 'log/witness.spec.ts');
const canonical = ofProof('canonical-json.ts', 'canonical-json.spec.ts');
const opcUa = ofDomain('telemetry/opc-ua-pubsub.ts', 'telemetry/opc-ua-pubsub.spec.ts');
const event = ofDomain('telemetry/cloud-event.ts', 'telemetry/cloud-event.spec.ts');
const machine = ofDomain('telemetry/machine-event.ts', 'telemetry/cloud-event.spec.ts');
const sparkplug = ofDomain('telemetry/sparkplug-b.ts', 'telemetry/sparkplug-b.spec.ts');
const registry = (code, text, replacement) => ({
  ...{ code, file: 'apps/trust-registry/src/commands/follow-machine.ts', text, replacement },
  spec: 'apps/trust-registry/test/annexes.int.spec.ts',
});
const lists = (code, text, replacement) => ({
  ...{ code, file: 'libs/company-side/src/embargo/read-csv.ts', text, replacement },
  spec: 'libs/company-side/src/embargo/published-lists.spec.ts',
});

const KEPT = 'libs/company-side/src/embargo/kept-lists.spec.ts';
const at = (file, spec) => (code, text, replacement) => ({ code, file, text, replacement, spec });
const LOGIN = 'apps/company-agent/src/login/login.spec.ts';
const ROLES = 'apps/company-agent/src/http/roles.spec.ts';
const SESSIONS = 'test/scenarios/broker/sessions.spec.ts';
const OAUTH = 'test/scenarios/broker/oauth.spec.ts';

export const CODES = [
  at('libs/company-side/src/embargo/embargo-store.ts', KEPT)(
    'embargo_snapshot_altered',
    'if (digestOfBytes(bytes) !== digest) return undefined;',
    '',
  ),
  at('libs/company-side/src/embargo/embargo-store.ts', KEPT)(
    'embargo_snapshot_altered',
    'return verified.allowed ? allow(parsed.data) :',
    'return verified ? allow(parsed.data) :',
  ),
  at('libs/company-side/src/embargo/keep-records.ts', KEPT)(
    'embargo_authorisation_exists',
    'if (existsSync(join(folder, name)))',
    'if (false)',
  ),
  ofDomain('agreement/evidence-region.ts', 'agreement/evidence-region.spec.ts')(
    'evidence_elsewhere',
    'return isHere ?',
    'return true ?',
  ),
  at('apps/company-agent/src/http/door.ts', LOGIN)(
    'identity_provider_unavailable',
    'if (error instanceof ProviderUnavailable) {',
    'if (false) {',
  ),
  canonical('not_json', "return refuse('not_json');", 'return allow(undefined);'),
  canonical(
    'not_canonical',
    'canonicalBytes(value).equals(bytes) ? allow(value) :',
    'canonicalBytes(value) ? allow(value) :',
  ),
  registry(
    'annex_out_of_order',
    "return follows ? move(tx, resource, before, { sequence, digest, state }) : 'annex_out_of_order';",
    'return follows ? move(tx, resource, before, { sequence, digest, state }) : undefined;',
  ),
  lists('embargo_list_truncated', 'if (!rows || !header)', 'if (!header)'),
  note('note_malformed', "if (!isNoteText(text)) return refuse('note_malformed');", ''),
  note('note_too_large', 'Buffer.byteLength(text) > MAX_NOTE_BYTES', 'false'),
  note('note_key_malformed', 'key.allowed && key.value.id', 'false && key.value.id'),
  note('note_signature_repeated', 'if (own.length > 1)', 'if (false)'),
  note(
    'note_signature_invalid',
    'return verifyUnder(key, Buffer.from(note.text), signature.signature) ?',
    'return true ?',
  ),
  checkpoint(
    'note_key_unknown',
    '!note.signatures.every((signature) => known.some((key) => claims(signature, key)))',
    'false',
  ),
  checkpoint('note_signature_missing', 'else if (required || ', 'else if ('),
  checkpoint(
    'checkpoint_malformed',
    "if (size === 0 && !equalHashes(root, emptyRoot())) return refuse('checkpoint_malformed');",
    '',
  ),
  checkpoint('checkpoint_wrong_origin', 'if (checkpoint.origin !== trust.log.name)', 'if (false)'),
  cosignature('cosignature_malformed', 'if (seconds > BigInt(Number.MAX_SAFE_INTEGER))', 'if (false)'),
  merkle(
    'merkle_out_of_range',
    "if (!isTreeNumber(oldSize) || !isTreeNumber(newSize) || oldSize === 0) return refuse('merkle_out_of_range');",
    '',
  ),
  merkle('merkle_malformed_hash', '![leafHash, root, ...proof].every(isHash)', 'false'),
  merkle('merkle_proof_wrong_length', 'sides.length === steps && sn === 0 ?', 'true ?'),
  merkle('merkle_proof_wrong_length', 'sides.length === steps && ', ''),
  merkle('merkle_root_mismatch', 'return equalHashes(hash, root) ?', 'return true ?'),
  merkle('merkle_tree_shrank', 'if (newSize < oldSize)', 'if (false)'),
  receipt('tlog_proof_malformed', 'header !== HEADER || ', ''),
  witness('witness_unknown_origin', 'if (checkpoint.origin !== logKey.name)', 'if (false)'),
  witness(
    'witness_old_size_conflict',
    'if (!isTreeNumber(request.oldSize) || request.oldSize !== seen.size)',
    'if (false)',
  ),
  witness('witness_log_shrank', 'if (checkpoint.size < seen.size)', 'if (false)'),
  witness('witness_log_forked', '&& !equalHashes(checkpoint.root, seen.root))', '&& false)'),
  witness('witness_proof_invalid', 'return proved.allowed ?', 'return true ?'),
  opcUa('event_malformed', "if (type !== 'ua-data')", 'if (false)'),
  opcUa('samples_mode', "Object.hasOwn(message, 'NodeId') && ", 'false && '),
  event(
    'source_malformed',
    "if (!machine) return refuse('source_malformed'",
    "if (!machine) return refuse('event_malformed'",
  ),
  machine('event_too_large', 'value.length > LONGEST_VALUE || ', ''),
  machine('event_too_deep', 'if (taking.depth >= DEEPEST)', 'if (false)'),
  sparkplug(
    'alias_without_birth',
    "if (!key) return refuse('alias_without_birth'",
    "if (!key) return refuse('event_malformed'",
  ),
  at('libs/company-side/src/journal/journal.ts', 'libs/company-side/src/journal/journal.spec.ts')(
    'evidence_unavailable',
    'line ? allow(line) :',
    'true ? allow(line) :',
  ),
  at('libs/chassis/src/http/access.guard.ts', 'libs/chassis/src/http/edge.spec.ts')(
    'caller_not_allowed',
    'if (!allowed.includes(caller.actor))',
    'if (false)',
  ),
  at('apps/company-agent/src/login/loopback.ts', LOGIN)(
    'redirect_not_loopback',
    'plain ? allow(url) :',
    'true ? allow(url) :',
  ),
  at('apps/company-agent/src/login/login-flow.ts', LOGIN)(
    'code_unknown',
    ' || !verifierFits(verifier, issued.challenge)',
    '',
  ),
  at('apps/company-agent/src/http/login-routes.ts', LOGIN)(
    'form_not_ours',
    'if (!ownForm(request, agent, consent.formToken))',
    'if (false)',
  ),
  at('apps/edge-gateway/src/ingest/take-push.ts', 'apps/edge-gateway/src/ingest/door.spec.ts')(
    'flow_opening',
    ": refuse('flow_opening');",
    ': outcome;',
  ),
  at('apps/edge-gateway/src/flow/delivery.ts', 'apps/edge-gateway/src/flow/flows.spec.ts')(
    'event_too_large',
    'sealed.length > LARGEST_REGION_MESSAGE - HEADERS',
    'sealed.length < 0',
  ),
  at('apps/edge-gateway/src/flow/flows.ts', 'apps/edge-gateway/src/flow/flows.spec.ts')(
    'flow_opening',
    'said === undefined || comesBack(said)',
    'said === undefined',
  ),
  at('apps/edge-gateway/src/flow/push-queue.ts', 'apps/edge-gateway/src/flow/push-queue.spec.ts')(
    'edge_full',
    'if (this.spool.size >= MOST_WAITING || this.waiting.length >= MOST_QUEUED)',
    'if (false)',
  ),
  at('apps/grants/src/commands/open-session.command.ts', SESSIONS)(
    'proof_used_up',
    'return kept ? allow({ ...kept, ...advised.value }) :',
    'return true ? allow({ ...entry, ...advised.value }) :',
  ),
  at('apps/federation-api/src/oauth/oauth.controller.ts', OAUTH)(
    'target_unknown',
    'form.audience !== undefined && form.audience !== resource.owner',
    'false',
  ),
  at('apps/company-agent/src/login/role-book.ts', ROLES)(
    'role_mapping_missing',
    "if (!view.roles) return refuse('role_mapping_missing');",
    "if (!view.roles) return refuse('malformed');",
  ),
  at('apps/company-agent/src/login/role-book.ts', LOGIN)(
    'person_unknown',
    "if (!outsider) return refuse('person_unknown');",
    'if (!outsider) return allow({ person: { id: who.subject, login: who.subject, groups: [], purposes: [], guest: true }, outside: false });',
  ),
  at('apps/company-agent/src/grants/approve-grant.ts', 'apps/company-agent/src/grants/approve-grant.spec.ts')(
    'not_in_role',
    "if (!person.purposes.includes('approve') || person.guest) return refuse('not_in_role');",
    '',
  ),
  at('apps/company-agent/src/http/door.ts', 'apps/company-agent/src/http/door.spec.ts')(
    'login_needed',
    "if (!session) return sendRefusal(request, reply, agent, { code: 'login_needed' });",
    'if (!session) return;',
  ),
  at('apps/trust-registry/src/commands/sign-agreement.command.ts', 'apps/trust-registry/test/registry.int.spec.ts')(
    'version_superseded',
    "if (row.status === 'refused' || row.status === 'ended')",
    'if (false)',
  ),
  {
    ...at('apps/edge-gateway/src/ingest/door.ts', 'apps/edge-gateway/src/ingest/door.spec.ts')(
      'encoding_unsupported',
      "refuse('encoding_unsupported', { clause: 'gzip' })",
      "refuse('event_too_large')",
    ),
    test: 'gzip that is none',
  },
  at('apps/federation-api/src/http/idempotent.interceptor.ts', 'test/scenarios/broker/description.spec.ts')(
    'idempotency_key_reused',
    'thrown instanceof KeyReused',
    'false',
  ),
  at('apps/federation-api/src/oauth/oauth-clients.ts', OAUTH)(
    'not_a_login_proof',
    "typeof token === 'string' && saysLoginProof(token)",
    "typeof token === 'string'",
  ),
  at('apps/federation-api/src/oauth/oauth-clients.ts', OAUTH)(
    'oauth_grant_unsupported',
    "if (isToken && typeof form.grant_type === 'string' && !WAYS.includes(form.grant_type))",
    'if (false)',
  ),
  at('apps/federation-api/src/oauth/oauth.controller.ts', OAUTH)(
    'details_malformed',
    "  } catch {\n    // Refused below, with what is wanted.\n  }\n  throw new Refused({ code: 'details_malformed' });",
    "  } catch {\n    // Refused below, with what is wanted.\n  }\n  throw new Refused({ code: 'malformed' });",
  ),
];
