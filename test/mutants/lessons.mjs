/** For each row of docs/lessons.md that no other list has a mutant of: what happened to others, done here, and the test that the page names. */
const at = (file, spec) => (code, text, replacement, test) => ({ code, file, text, replacement, spec, test });

const edge = 'test/scenarios/broker/edge.spec.ts';
const tenancy = 'test/scenarios/broker/tenancy.spec.ts';
const opensNothing = 'test/scenarios/hostile-broker/opens-nothing.spec.ts';
const ACT_FOR = [
  "set_config('interlock.organisation', $1, true)`, [organisation]",
  "set_config('interlock.organisation', $1, true)`, ['*' satisfies typeof organisation]",
];
const bus = (file) => at(`libs/bus/src/${file}.ts`, `libs/bus/src/${file}.spec.ts`);

export const LESSONS = [
  at('apps/federation-api/src/callers/callers.ts', edge)(
    'caller_unknown',
    "if (scheme !== CALLER_SCHEME || !proof || rest.length > 0) return refuse('caller_unknown');",
    "if (!proof) return refuse('caller_not_allowed');",
    'in one and the same way',
  ),
  at('libs/chassis/src/db/tx.ts', 'libs/chassis/src/db/transaction.spec.ts')(
    'not_a_party',
    ...ACT_FOR,
    'sees the rows of the organisation',
  ),
  at('libs/chassis/src/db/tx.ts', tenancy)('not_a_party', ...ACT_FOR, 'that lists sees its own'),
  at('libs/chassis/src/db/tx.ts', tenancy)('not_a_party', ...ACT_FOR, 'for every thing of others'),
  at('libs/proof/src/envelope.ts', 'test/scenarios/hostile-broker/signs-no-right.spec.ts')(
    'bad_signature',
    "Buffer.from(block.signature, 'base64url')) ? undefined : 'bad_signature';",
    "Buffer.from(block.signature, 'base64url')) ? undefined : undefined;",
    'cannot add keys to an entity document',
  ),
  at('libs/domain/src/grant/delegated.ts', 'test/scenarios/hostile-broker/delegation-dies.spec.ts')(
    'delegation_wider',
    "if (wider) return refuse('delegation_wider', { clause: wider });",
    '',
    'wider than what it hangs on',
  ),
  bus('jwt')(
    'malformed',
    'verifyNkey(signerKind, claims.iss, data, ',
    '!signerKind || data || ((_: Buffer) => true)(',
    'after any change of a byte',
  ),
  at('apps/relay/src/admission.ts', 'apps/relay/src/relay.spec.ts')(
    'rate_limited',
    'this.#waitingTotal >= this.limits.waiting || ',
    '',
    'bounds 10,000 connections',
  ),
  bus('server-config')(
    'rate_limited',
    "'authorization { timeout: 2 }',",
    "'authorization { timeout: 3600 }',",
    'closes a stranger',
  ),
  at('libs/proof/src/envelope.ts', opensNothing)(
    'wrong_type',
    "if (typ !== expect.typ) return refuse('wrong_type');",
    '',
    'cannot pass off an ID token',
  ),
  at('apps/edge-gateway/src/session/admit-session.ts', 'apps/edge-gateway/src/session/equal-addresses.spec.ts')(
    'not_on_provisioning_list',
    'target.resource === resource && ',
    '',
    'behind one gateway are dialled',
  ),
  at('libs/bus/src/account-claims.ts', 'libs/bus/src/isolation.spec.ts')(
    'not_a_party',
    "subject: '$JS.API.CONSUMER.MSG.NEXT.*.*',\n    response_type: 'Stream',\n    account_token_position: 7,",
    "subject: '$JS.API.CONSUMER.MSG.NEXT.*.*',\n    response_type: 'Stream',\n    account_token_position: 6,",
    'by importing a durable and a flow',
  ),
  at('libs/proof/src/remembered-rings.ts', 'libs/proof/src/remembered-rings.spec.ts')(
    'unknown_key',
    'JSON.stringify([entities, certificates, [...pins]])',
    'JSON.stringify([entities, certificates])',
    'for no other',
  ),
  at('libs/company-side/src/company-folder/settings.ts', 'libs/company-side/src/company-folder/settings.spec.ts')(
    'malformed',
    'if (!isSafeWebAddress(value)) throw',
    'if (false) throw',
  ),
  at('apps/federation-api/src/store/used-proof.store.ts', edge)(
    'caller_unknown',
    'return proofs.map((proof) => taken.delete(nameOf(proof)));',
    'return proofs.map((proof) => taken.delete(nameOf(proof)) || true);',
    'at whichever replica it is shown',
  ),
];
