/** One check of `libs/proof` removed at a time. */
const of = (file, spec) => (code, text, replacement) => ({
  code,
  file: `libs/proof/src/${file}`,
  text,
  replacement,
  spec: `libs/proof/src/${spec}`,
});
const envelope = of('envelope.ts', 'standing.spec.ts');
const chained = of('envelope.ts', 'chain-refusals.spec.ts');
const token = of('token.ts', 'token.spec.ts');
const trust = of('trust.ts', 'chain-refusals.spec.ts');
const right = of('right.ts', 'chain-refusals.spec.ts');
const link = of('right.ts', 'right.spec.ts');
const subject = of('subject-proof.ts', 'chain-refusals.spec.ts');
const proven = of('subject-proof.ts', 'right.spec.ts');
const standing = of('standing.ts', 'standing.spec.ts');
const ring = of('key-ring.ts', 'standing.spec.ts');
const seal = of('seal.ts', 'seal.spec.ts');
const jwe = of('jwe.ts', 'seal.spec.ts');
const whole = of('whole-log.ts', 'whole-log.spec.ts');

const oauth = of('oauth-proof.ts', 'oauth-proof.spec.ts');
const keys = of('keys.ts', 'keys.spec.ts');

export const PROOF = [
  keys('bad_signature', "key.crv, key.x, key.kty === 'EC' ? key.y : null", "key.x, key.kty === 'EC' ? key.y : null"),
  keys('bad_signature', "key.kty === 'EC' ? key.y : null]", ']'),
  oauth('dpop_wrong', "if (header.typ !== 'dpop+jwt') return no('type');", ''),
  oauth('dpop_wrong', 'said.htm !== request.method || ', ''),
  oauth(
    'dpop_wrong',
    " || said.htu.split(/[?#]/, 1)[0] !== request.url) return no('other request')",
    ") return no('other request')",
  ),
  oauth('dpop_wrong', ' || now >= iat + PROOF_LIFE) return', ') return'),
  oauth('caller_unknown', "if (!ASSERTION_TYPES.includes(protectedHeader.typ)) return no('type');", ''),
  oauth('caller_unknown', "if (String(said.aud) !== expect.audience) return no('audience');", ''),
  oauth('caller_unknown', 'said.iss !== expect.client || ', ''),
  oauth('caller_unknown', ' || (exp - iat) * 1000 > PROOF_LIFE) return', ') return'),
  whole('evidence_rejected', '|| open.value.log !== log) return', ') return'),
  whole('evidence_rejected', 'if (frontier.size !== size) return', 'if (frontier.size > size) return'),
  whole('evidence_rejected', 'if (!equalHashes(frontierRoot(frontier), root)) return', 'if (!root) return'),
  whole('answer_incomplete', 'if (!row && fits) missing.push(index);', ''),
  whole('answer_incomplete', 'if (row && (fits || unknown) && same', 'if (row && same'),
  whole('answer_incomplete', 'const [left, right] = closed ? ', 'const [left, right] = !record ? '),
  whole('answer_incomplete', 'if (index >= answer.treeSize) return;', ''),
  of('log-answer.ts', 'whole-log.spec.ts')('not_cosigned', 'if (cosigned.size < reader.cosigners)', 'if (!cosigned)'),
  of('envelope.ts', 'token.spec.ts')('wrong_type', "if (typ !== expect.typ) return refuse('wrong_type');", ''),
  envelope('wrong_issuer', "if (parseOrganisationId(iss) !== expect.issuer) return refuse('wrong_issuer');", ''),
  envelope(
    'unknown_key',
    'ring.find(expect.issuer, thumbprint, expect.purpose)',
    "ring.find(expect.issuer, thumbprint, 'beat')",
  ),
  envelope(
    'signed_in_the_future',
    "if (signedAt > expect.now + SIGNATURE_SKEW) return refuse('signed_in_the_future');",
    '',
  ),
  envelope(
    'key_expired',
    "return Math.max(signedAt, expect.now) >= key.notAfter ? 'key_expired' : undefined;",
    'return undefined;',
  ),
  envelope('key_expired', 'if (expect.expiredMayNarrow) return undefined;', ''),
  of('envelope.ts', 'trust.spec.ts')(
    'key_not_yet_valid',
    "if (signedAt < key.notBefore - SIGNATURE_SKEW) return 'key_not_yet_valid';",
    '',
  ),
  of('envelope.ts', 'envelope.spec.ts')(
    'wrong_algorithm',
    "if (algorithmOf(signer.key) !== alg) return refuse('wrong_algorithm');",
    '',
  ),
  envelope(
    'bad_signature',
    'return fault ? refuse(fault) : allow({ signer, signedAt });',
    'return allow({ signer, signedAt });',
  ),
  envelope(
    'signature_missing',
    "if (met.size !== demands.length) return refuse('signature_missing', { clause: kind });",
    '',
  ),
  chained('signature_missing', 'met.add(found.value.demand);', 'met.add(met.size);'),
  envelope(
    'unknown_key',
    'if (!found.allowed) return refuse(found.refusal.code, { clause: kind });',
    'if (!found.allowed) continue;',
  ),
  of('envelope.ts', 'envelope.spec.ts')('malformed', ' || !strictBase64url(block.protected)', ''),
  of('token.ts', 'token.spec.ts')('malformed', '[head, payload, signature].every', '[payload].every'),
  of('envelope.ts', 'envelope.spec.ts')('malformed', ' || !strictBase64url(block.signature)', ''),

  token('malformed', "if (!shape.success) return refuse('malformed', { clause: 'login-proof' });", ''),
  token('wrong_issuer', "if (claims.iss !== issuer) return refuse('wrong_issuer', { clause: 'login-proof' });", ''),
  token(
    'wrong_audience',
    "if (claims.aud !== audience) return refuse('wrong_audience', { clause: 'login-proof' });",
    '',
  ),
  token('token_expired', "if (time) return refuse(time, { clause: 'login-proof' });", ''),
  token(
    'token_expired',
    "return time ? refuse(time, { clause: 'ticket' }) : allow(shape.data);",
    'return allow(shape.data);',
  ),
  token('token_too_long', 'claims.exp <= claims.iat || ', ''),
  token('token_too_long', ' || claims.exp - claims.iat > longest', ''),
  token('signed_in_the_future', "if (claims.iat * 1000 > now + SIGNATURE_SKEW) return 'signed_in_the_future';", ''),
  token('token_expired', "return now >= claims.exp * 1000 ? 'token_expired' : undefined;", 'return undefined;'),
  token('wrong_type', "if (protectedHeader.typ !== TICKET_TYP) return refuse('wrong_type', { clause: 'ticket' });", ''),
  token('bad_signature', "return refuse('bad_signature', { clause: 'ticket' });", ''),
  token('wrong_algorithm', "if (!alg) return refuse('wrong_algorithm', { clause: 'ticket' });", ''),
  token('malformed', ' || rest.length > 0', ''),
  token('malformed', "token.length > longest ? [] : token.split('.')", "token.split('.')"),

  trust('not_pinned', "if (!pin) return refuse('not_pinned', { clause: document.organisation });", ''),
  trust(
    'root_mismatch',
    "if (!roots.value.includes(pin)) return refuse('root_mismatch', { clause: document.organisation });",
    '',
  ),
  trust('entity_too_long', 'lifetime <= 0 || ', ''),
  trust('entity_too_long', ' || lifetime > ENTITY_LONGEST', ''),
  trust('bad_signature', "if (!checked.allowed) return refuse(checked.refusal.code, { clause: 'entity' });", ''),
  trust('entity_fork', "if (forked) return refuse('entity_fork', { clause: organisation });", ''),
  of('trust.ts', 'trust.spec.ts')(
    'unknown_key',
    'b.document.sequence - a.document.sequence',
    'a.document.sequence - b.document.sequence',
  ),
  trust('root_mismatch', "purposes: purposes.filter((purpose) => purpose !== 'root'),", 'purposes,'),
  trust(
    'not_pinned',
    "if (!entity) return refuse('not_pinned', { clause: certificate.organisation });",
    'if (!entity) return allow(null as never);',
  ),
  trust(
    'certificate_dangling',
    "if (!entity.history.has(certificate.entity)) return refuse('certificate_dangling', { clause: certificate.holder.id });",
    '',
  ),
  trust('certificate_too_long', "return refuse('certificate_too_long', { clause: certificate.holder.id });", '{}'),
  trust(
    'unknown_key',
    'if (!verified.allowed) return verified;\n  return allow({\n    organisation: certificate',
    'return allow({\n    organisation: certificate',
  ),
  trust(
    'unknown_key',
    "certificate.purposes.filter((purpose) => !['root', 'certify', 'agreement'].includes(purpose))",
    'certificate.purposes',
  ),
  trust('key_expired', 'Math.min(certificate.notAfter, entity.document.expiresAt)', 'certificate.notAfter'),

  right('party_root_not_pinned', "return refuse('party_root_not_pinned', { clause: party.organisation });", '{}'),
  right('party_entity_unknown', "return refuse('party_entity_unknown', { clause: party.organisation });", '{}'),
  right('agreement_incoherent', 'return active.allowed ? verified : active;', 'return verified;'),
  right('entity_expired', "if (stale) return refuse('entity_expired', { clause: stale.document.organisation });", ''),
  right('grant_of_other_agreement', 'claimed.agreement !== agreement.digest || ', ''),
  right('grant_of_other_agreement', ' || claimed.agreementId !== agreement.document.id', ''),
  right('requester_unknown', "if (!requester) return refuse('requester_unknown');", ''),
  link('approvals_missing', 'if (!cover.allowed) return cover;', ''),
  right('not_self', "if (right.value.owner !== self.organisation) return refuse('not_self');", ''),
  right('not_on_provisioning_list', "return refuse('not_on_provisioning_list');", '{}'),
  proven('proof_of_other_grant', "if (claims.grant !== lastOf(right).id) return refuse('proof_of_other_grant');", ''),
  subject('subject_unknown', 'subject.organisation !== right.subjectSide || ', ''),
  subject('subject_unknown', 'known.holder?.kind === subject.kind && ', ''),
  subject('subject_unknown', ' && known.holder.id === subject.id', ''),
  subject('key_not_yet_valid', "if (now < key.notBefore) return refuse('key_not_yet_valid');", ''),
  subject('key_expired', "if (now >= key.notAfter) return refuse('key_expired');", ''),
  right(
    'taken_away',
    'keys: [...[...agreement.signers, ...signatures].map(namedSigner(proven)),',
    'keys: [...signatures.map(namedSigner(proven)),',
  ),
  subject(
    'taken_away',
    'const keys = [named(signature.signer), { organisation: claims.iss, thumbprint: claims.jkt }];',
    'const keys = [{ organisation: claims.iss, thumbprint: claims.jkt }];',
  ),
  {
    code: 'approvals_missing',
    file: 'libs/proof/src/verified-right.ts',
    text: " || holder?.kind !== 'person'",
    replacement: ' || holder === null',
    spec: 'test/scenarios/hostile-broker/signs-no-right.spec.ts',
    test: 'second approver',
  },

  standing('not_a_party', 'act.agreementId !== agreement.id || ', ''),
  standing('not_a_party', ' || !parties.includes(act.organisation)', ''),
  standing('wrong_purpose', "narrowing ? 'narrow' : 'agreement'", "'narrow'"),
  standing('signature_missing', "act.verb === 'resume' ? parties : [act.organisation]", '[act.organisation]'),
  standing('key_expired', '{ expiredMayNarrow: narrowing }', '{ expiredMayNarrow: true }'),
  standing('epoch_over', 'signer.epoch !== beat.epoch || ', ''),
  standing('epoch_over', ' || hasSuccessor(signer, ring)', ''),
  standing('wrong_receiver', 'beat.receiver.organisation !== receiver.organisation || ', ''),
  standing('wrong_receiver', ' || beat.receiver.id !== receiver.id', ''),
  standing(
    'from_the_future',
    "if (!believable(beat.issuedAt, now, SIGNATURE_SKEW)) return refuse('from_the_future', { clause: 'beat' });",
    '',
  ),
  standing(
    'not_what_is_held',
    "(['agreement', 'entity', 'acts', 'status'] as const)",
    "(['entity', 'acts', 'status'] as const)",
  ),
  standing(
    'not_what_is_held',
    "(['agreement', 'entity', 'acts', 'status'] as const)",
    "(['agreement', 'acts', 'status'] as const)",
  ),
  standing(
    'not_what_is_held',
    "(['agreement', 'entity', 'acts', 'status'] as const)",
    "(['agreement', 'entity', 'status'] as const)",
  ),
  standing(
    'not_what_is_held',
    "(['agreement', 'entity', 'acts', 'status'] as const)",
    "(['agreement', 'entity', 'acts'] as const)",
  ),
  standing('malformed', ' || shape.data.document.organisation !== organisation', ''),
  standing('wrong_purpose', 'purpose: kind }', "purpose: 'embargo' }"),
  ring(
    'unknown_key',
    'key.organisation === organisation && key.kid === kid && key.purposes.includes(purpose)',
    'key.organisation === organisation && key.kid === kid',
  ),
  ring('unknown_key', "act.verb === 'revoke' && act.target.kind === 'key'", "act.target.kind === 'key'"),
  ring(
    'unknown_key',
    '!revoked.has(`${key.organisation} ${key.kid}`)',
    '![...revoked].some((one) => one.endsWith(key.kid))',
  ),

  jwe('not_a_recipient', "if (!mine) return refuse('not_a_recipient');", 'if (!mine) throw new Error();'),
  jwe('not_sealed', "if (!Array.isArray(jwe?.recipients)) return refuse('not_sealed');", ''),
  jwe('not_sealed', "onlyHas(header, ['alg', 'kid', 'epk']);", ''),
  jwe('not_sealed', "onlyHas(outer, ['enc', 'typ', 'epk']);", ''),
  jwe('not_sealed', "onlyHas(jwe, ['ciphertext', 'iv', 'recipients', 'tag', 'protected']);", ''),
  jwe('not_sealed', "if (header?.alg !== ALG) throw new TypeError('another algorithm');", ''),
  jwe('not_sealed', ' || outer.typ !== TYP', ''),
  jwe('not_sealed', "if (!strictBase64url(text)) throw new TypeError('not base64url');", ''),
  jwe('not_sealed', '{ authTagLength: TAG_BYTES }', '{}'),
  seal('content_differs', "return content ? refuse('content_differs') : allow(rest);", 'return allow(rest);'),
  seal('content_differs', '!content || digestOfBytes(content) !== rest.content', '!content'),
  seal('recipients_differ', "return refuse('recipients_differ');", '{}'),
  seal(
    'unknown_key',
    'if (!verified.allowed) return verified;\n  const { machine }',
    'if (!verified.allowed) return allow({ batch: inner.document, digest: digestOfBytes(plain.value) } as never);\n  const { machine }',
  ),
  seal('not_a_gateway', "signer.holder?.kind === 'gateway' &&", ''),
  seal('not_a_gateway', 'signer.holder.id === gateway.id &&', ''),
  seal('not_a_gateway', 'machine.owner === signer.organisation &&', ''),
  seal('not_a_gateway', ' &&\n      signer.resources.includes(machine.id)', ''),
];
