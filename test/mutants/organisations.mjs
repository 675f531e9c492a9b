/** Checks of what an organisation says about itself and its people, each removed at a time. */
import { ofDomain as of } from './of-domain.mjs';

const role = of('role/roles.ts', 'role/roles.spec.ts');
const mapping = (code, text, replacement) => ({
  code,
  file: 'libs/proof/src/role-mapping.ts',
  text,
  replacement,
  spec: 'libs/proof/src/role-mapping.spec.ts',
});

export const ORGANISATIONS = [
  role(
    'identity_provider_unknown',
    '!entity.identityProviders.some(({ issuer }) => issuer === mapping.issuer)',
    'false',
  ),
  role('claim_not_read', 'NOT_READ.test(claim) || ', ''),
  role('claim_not_read', ' || ABOUT_THE_TOKEN.test(claim)', ''),
  role('outside_auditor_too_long', ' || until - from > OUTSIDE_LONGEST', ''),
  role('outside_auditor_too_long', 'until <= from || ', ''),
  role('role_mapping_incoherent', 'names.indexOf(name) !== at', 'at < 0'),
  role('role_mapping_incoherent', 'organisation === entity.organisation', 'organisation === undefined'),
  role('role_needed', 'if (who.issuer !== mapping.issuer) return allow([]);', ''),
  role('outside_auditor_over', 'now < outsider.from || ', ''),
  role('outside_auditor_over', ' || now >= outsider.until', ''),
  role('role_needed', "outsider ? (['auditor'] as const) : ROLES", 'ROLES'),
  role('role_needed', 'lapsed ? roles', 'false ? roles'),
  role('role_needed', "if (rule.claim === 'sub') return rule.value === who.subject;", ''),
  role('role_needed', 'Object.hasOwn(who.claims, rule.claim) && ', ''),
  role('role_needed', 'row.some((one) => has.includes(one))', 'has.length > 0'),
  mapping('wrong_issuer', 'if (mapping.organisation !== organisation) return', 'if (false) return'),
  mapping('certificate_dangling', 'if (!entity.history.has(mapping.entity)) return', 'if (false) return'),
  mapping('unknown_key', "purpose: 'certify' as const", "purpose: 'agreement' as const"),
  mapping('role_mapping_lapsed', 'now >= entity.document.expiresAt', 'false'),
];
