/** Checks of what an organisation says about itself and its people, each removed at a time. */
import { ofDomain as of } from './of-folder.mjs';

const role = of('role/roles.ts', 'role/roles.spec.ts');
const mapping = (code, text, replacement) => ({
  code,
  file: 'libs/proof/src/role-mapping.ts',
  text,
  replacement,
  spec: 'libs/proof/src/role-mapping.spec.ts',
});

const ended = (file) => (code, text, replacement) => ({
  code,
  file: `libs/${file}`,
  text,
  replacement,
  spec: 'libs/proof/src/signature-proof.spec.ts',
});
const revokes =
  (file, spec = 'libs/proof/src/revoke-all.spec.ts') =>
  (text, replacement) => ({
    code: 'organisation_revoked',
    file,
    text,
    replacement,
    spec,
  });
const AT_THE_GATEWAY = 'apps/edge-gateway/src/standing/revoked-organisations.spec.ts';
const keeper = revokes('apps/edge-gateway/src/standing/keep-standing.ts', AT_THE_GATEWAY);
const endedAct = ended('domain/src/act/standing.ts');
const shown = ended('proof/src/signature-proof.ts');

const line =
  (code, file = 'root-line.ts') =>
  (text, replacement) => ({
    code,
    file: `libs/proof/src/${file}`,
    text,
    replacement,
    spec: 'libs/proof/src/root-line.spec.ts',
  });

const placed = (code, text, replacement) => ({
  code,
  file: 'apps/trust-registry/src/commands/publish-entity.command.ts',
  text,
  replacement,
  spec: 'test/scenarios/broker/bad-input.spec.ts',
});

const heldRoot = (text, replacement) => ({
  code: 'older_than_held',
  file: 'apps/edge-gateway/src/standing/held-agreement.ts',
  text,
  replacement,
  spec: 'apps/edge-gateway/src/standing/keep-standing.spec.ts',
});

export const ORGANISATIONS = [
  heldRoot('if (!offered.roots.has(thumbprintOf(known.document.root))) return true;', ''),
  heldRoot('offered.document.sequence === known.document.sequence && offered.digest !== known.digest', 'false'),
  placed('version_replayed', "if (sequence < newest.sequence) return 'version_replayed';", ''),
  placed('reference_dangling', ' && previous === newest.digest ? undefined', ' ? undefined'),
  line('root_mismatch')('to !== line.at(-1)', 'false'),
  line('root_mismatch')('sequence > most', 'false'),
  line('root_mismatch')('if (!(await verifySuccession(one, now)).allowed) return misnamed;', ''),
  line('reference_cyclic')('new Set(line).size === line.length', 'true'),
  line('entity_fork')('root === undefined || !newest.roots.includes(root)', 'root === undefined'),
  line('entity_fork')('document.sequence >= end', 'false'),
  line('entity_fork', 'trust.ts')('if (rootsFork(newest, ordered)) return', 'if (false) return'),
  revokes('libs/domain/src/decide.ts')(
    "if (ended) return refuse('organisation_revoked', { clause: ended.organisation });",
    '',
  ),
  revokes('libs/proof/src/right.ts')(
    "if (revoked) return refuse('organisation_revoked', { clause: revoked.document.organisation });",
    '',
  ),
  revokes('libs/proof/src/trust.ts')(
    "if (revokesAll(document) && document.keys.length > 0) return refuse('malformed', { clause: 'entity.keys' });",
    '',
  ),
  revokes('libs/proof/src/trust.ts')(
    'ordered.find(({ document }) => !revokesAll(document)) ?? ordered[0]',
    'ordered[0]',
  ),
  keeper("if (!revokesAll(verified.value.document)) return refuse('wrong_type', { clause: 'entity' });", ''),
  keeper(
    'for (const entity of standing.entities) if (revokesAll(entity.document)) await this.takeRevokeAll(entity);',
    '',
  ),
  keeper(
    'const verified = await verifyEntity(entity, self.pins, clock.now());\n    if (!verified.allowed) return verified;',
    'const verified = { allowed: true as const, value: entity };',
  ),
  revokes('apps/edge-gateway/src/standing/held-agreement.ts', AT_THE_GATEWAY)('revoked: held.remembered.revoked,', ''),
  revokes('apps/edge-gateway/src/standing/revoked-organisations.ts', AT_THE_GATEWAY)(
    'if (verified.allowed && revokesAll',
    'if (revokesAll',
  ),
  endedAct('signature_unproven', 'since === undefined || ', ''),
  endedAct('signature_unproven', ' || proven.at >= since) return', ') return'),
  endedAct('signature_unproven', 'proven.at >= since', 'proven.at > since'),
  endedAct('signature_unproven', 'return !tookOutOfUse(acts, organisation, proven.witness);', 'return true;'),
  ended('domain/src/decide.ts')(
    'signature_unproven',
    "if (target.kind === 'key' && target.ended) return refuse('signature_unproven', { clause: target.id });",
    '',
  ),
  shown('signature_unproven', 'record.log !== agreement.id || ', ''),
  shown(
    'signature_unproven',
    'if (!verifyInclusion(proof.value.index, checkpoint.size, leaf, proof.value.path, checkpoint.root).allowed) return [];',
    '',
  ),
  shown(
    'signature_unproven',
    'const name = `${organisation} ${digest}`;',
    'const name = `delta-foods.example ${digest}`;',
  ),
  shown(
    'signature_unproven',
    'digestOf({ protected: head, signature })',
    'digestOf({ protected: head.length, signature: signature.length })',
  ),
  role(
    'identity_provider_unknown',
    '!entity.identityProviders.some(({ issuer }) => issuer === mapping.issuer)',
    'false',
  ),
  role('claim_not_read', 'NOT_READ.test(lastWord(claim)) || ', ''),
  role('claim_not_read', 'NOT_READ.test(lastWord(claim))', 'NOT_READ.test(claim)'),
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
  mapping('wrong_purpose', "purpose: 'certify' as const", "purpose: 'agreement' as const"),
  mapping('role_mapping_lapsed', 'now >= entity.document.expiresAt', 'false'),
];
