/** One check of what the plant says to its gateway removed at a time. */
const of = (file) => (code, text, replacement, spec, test) => ({
  code,
  file,
  text,
  replacement,
  spec: `test/scenarios/hostile-broker/${spec}.spec.ts`,
  test,
});

export const PLANT = [
  of('apps/edge-gateway/src/standing/held-agreement.ts')(
    'from_the_future',
    'const verified = await verifySignal(input, withoutRevoked(handed, held.acts.values()), now);\n  if (!verified.allowed) return verified;',
    'const verified = { value: input.document };',
    'hand-of-the-plant',
    'confirms that somebody is present',
  ),
  of('apps/edge-gateway/src/standing/held-agreement.ts')(
    'older_than_held',
    "return refuse('older_than_held', { clause: 'entity' });",
    '{}',
    'hand-of-the-plant',
    'confirms that somebody is present',
  ),
  of('apps/edge-gateway/src/gateway.ts')(
    'lockout',
    ' && !acts.has(act)',
    '',
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
];
