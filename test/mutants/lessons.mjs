/** For rows of docs/lessons.md that no other list has a mutant of: what happened to others, done here, and the test that the page names. */
const at = (file, spec) => (code, text, replacement, test) => ({ code, file, text, replacement, spec, test });

export const LESSONS = [
  at('libs/chassis/src/db/tx.ts', 'libs/chassis/src/db/transaction.spec.ts')(
    'not_a_party',
    "set_config('interlock.organisation', $1, true)`, [organisation]",
    "set_config('interlock.organisation', $1, true)`, ['*' satisfies typeof organisation]",
    'sees the rows of the organisation',
  ),
  at('libs/domain/src/grant/delegated.ts', 'test/scenarios/hostile-broker/delegation-dies.spec.ts')(
    'delegation_wider',
    "if (wider) return refuse('delegation_wider', { clause: wider });",
    '',
    'wider than what it hangs on',
  ),
  at('libs/bus/src/jwt.ts', 'libs/bus/src/jwt.spec.ts')(
    'malformed',
    'verifyNkey(signerKind, claims.iss, data, ',
    '!signerKind || data || ((_: Buffer) => true)(',
    'after any change of a byte',
  ),
  at('apps/edge-gateway/src/session/admit-session.ts', 'apps/edge-gateway/src/session/equal-addresses.spec.ts')(
    'not_on_provisioning_list',
    'target.resource === resource && ',
    '',
    'behind one gateway are dialled',
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
  at('libs/proof/src/caller-proof.ts', 'libs/proof/src/caller-proof.spec.ts')(
    'caller_unknown',
    "if (!proof.split('.').every((part) => strictBase64url(part))) return no('spelling');",
    '',
    'has one spelling',
  ),
  // Rows 4, 8, 11, 12, 13 (k), 16, 17 and 27 of docs/lessons.md, by the tests that the page names.
  at('libs/proof/src/caller-proof.ts', 'test/scenarios/broker/edge.spec.ts')(
    'caller_unknown',
    'said.aud === request.audience && ',
    '',
    'answers a caller that proves nothing',
  ),
  at('libs/proof/src/trust.ts', 'test/scenarios/hostile-broker/signs-no-right.spec.ts')(
    'bad_signature',
    "if (!checked.allowed) return refuse(checked.refusal.code, { clause: 'entity' });",
    '',
    '(f) cannot add keys',
  ),
  at('libs/chassis/src/db/tx.ts', 'test/scenarios/broker/tenancy.spec.ts')(
    'not_a_party',
    "set_config('interlock.organisation', $1, true)`, [organisation]",
    "set_config('interlock.organisation', $1, true)`, ['*' satisfies typeof organisation]",
    'gets for every thing of others',
  ),
  at('apps/grants/src/commands/read-grants.command.ts', 'test/scenarios/broker/tenancy.spec.ts')(
    'not_a_party',
    'await tx.actFor(organisation);\n    const row = await findGrant(tx, id);',
    "await tx.actFor('*');\n    if (await findGrant(tx, id)) await tx.actFor(organisation);\n    const row = await findGrant(tx, id);",
    'by the same statements',
  ),
  at('apps/relay/src/admission.ts', 'apps/relay/src/relay.spec.ts')(
    'relay_full_for_address',
    "if (here >= this.limits.waitingPerAddress) return 'relay_full_for_address';",
    '',
    'bounds 10,000 connections',
  ),
  at('libs/proof/src/envelope.ts', 'test/scenarios/hostile-broker/opens-nothing.spec.ts')(
    'wrong_type',
    "if (typ !== expect.typ) return refuse('wrong_type');",
    '',
    '(k) cannot pass off an ID token',
  ),
  at('libs/proof/src/token.ts', 'test/vectors/vectors.spec.ts')(
    'token_expired',
    "return now >= claims.exp * 1000 ? 'token_expired' : undefined;",
    'return undefined;',
  ),
  // An export that is open to all is not even signed; where it is, the test of the page goes red.
  at('libs/bus/src/jwt.ts', 'libs/bus/src/jwt.spec.ts')(
    'caller_not_allowed',
    'must(name.account_token_position > 0, `export ${name.subject} is open to all`);',
    'void name;',
  ),
  at('apps/federation-api/src/store/used-proof.store.ts', 'test/scenarios/broker/edge.spec.ts')(
    'caller_unknown',
    'proofs.map((proof) => taken.delete(nameOf(proof)))',
    'proofs.map((proof) => taken.delete(nameOf(proof)) || true)',
    'takes a caller proof once, at whichever',
  ),
];
