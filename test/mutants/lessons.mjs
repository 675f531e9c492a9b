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
];
