/** What keeps one vendor's stream and target from another's at the gateway they share. */
const of = (file) => (code, text, replacement, test) => ({
  ...{ code, file: `apps/edge-gateway/src/${file}.ts`, text, replacement, test },
  spec: 'test/scenarios/two-vendors-at-one-gateway.spec.ts',
});

export const VENDORS = [
  of('session/admit-session')(
    'outside_grant',
    'target.resource === resource && target.service === service',
    'target.service === service',
    'are both inside at once',
  ),
  of('session/sessions')(
    'not_what_is_held',
    'const held = this.options.held(offer.chain.agreement.document.id);',
    "const held = this.options.held('agr_11111111111111111111111111' as never);",
    'are both inside at once',
  ),
  of('standing/keep-standing')(
    'not_a_party',
    'const held = this.agreements.get(agreementId);\n    if (!held) return chain',
    'const held = [...this.agreements.values()].at(-1);\n    if (!held) return chain',
    'lose nothing by',
  ),
];
