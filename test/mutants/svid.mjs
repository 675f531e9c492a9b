/** Machines by X.509-SVID: each check of the certificate, of its issuer and of who asks for one. */
const at = (file, spec) => (code, text, replacement) => ({ code, file, text, replacement, spec });
const svid = at('libs/proof/src/x509-svid.ts', 'libs/proof/src/x509-svid.spec.ts');
const id = at('libs/domain/src/spiffe-id.ts', 'libs/domain/src/spiffe-id.spec.ts');
const issue = at('apps/company-agent/src/svid/issue-svid.ts', 'apps/company-agent/src/svid/issue-svid.spec.ts');

export const SVID = [
  svid('not_an_svid', 'if (!certificate.raw.equals(raw))', 'if (false)'),
  svid('not_an_svid', 'name === undefined || more.length > 0 ?', 'name === undefined ?'),
  svid('not_an_svid', 'if (certificate.getExtension(x509.BasicConstraintsExtension)?.ca)', 'if (false)'),
  svid('not_an_svid', '!usage?.critical || ', '!usage || '),
  svid('not_an_svid', '!(usage.usages & digitalSignature)', 'false'),
  svid('not_an_svid', 'if (usage.usages & (keyCertSign | cRLSign))', 'if (usage.usages & keyCertSign)'),
  svid('not_an_svid', 'extended && !SERVER_AND_CLIENT.every(', 'extended && !SERVER_AND_CLIENT.some('),
  svid('wrong_issuer', 'trustDomain !== id.trustDomain)', 'trustDomain === undefined)'),
  svid('token_too_long', 'if (notAfter - notBefore > SVID_LONGEST)', 'if (false)'),
  svid('signed_in_the_future', 'if (notBefore > now + SIGNATURE_SKEW)', 'if (false)'),
  svid('token_expired', 'if (!(now < notAfter))', 'if (false)'),
  svid('bad_signature', 'certificate.verify(keyObjectOf(key))', 'key && certificate && keyObjectOf'),
  svid('key_expired', 'if (now < signer.notBefore || now >= signer.notAfter)', 'if (now < signer.notBefore)'),
  id('not_an_svid', " && one !== '.' && one !== '..'", ''),
  id('not_an_svid', "(kind === 'machine' || kind === 'workload') &&", "(kind as 'machine') &&"),
  at('libs/proof/src/subject-proof.ts', 'apps/edge-gateway/src/machine-identity.spec.ts')(
    'taken_away',
    'const keys = [named(signer), { organisation: subject.organisation, thumbprint: kid }];',
    'const keys = [named(signer)];',
  ),
  at('apps/federation-api/src/callers/callers.ts', 'test/scenarios/broker/sessions.spec.ts')(
    'caller_unknown',
    'if (!svid.allowed || svid.value.kid !== holder.kid)',
    'if (!svid.allowed)',
  ),
  issue(
    'svid_issuer_missing',
    "if (!issuer) return refuse('svid_issuer_missing');",
    "if (!issuer) return refuse('unknown_key');",
  ),
  issue('caller_unknown', ' || isRevoked(agent, shown.value.kid)', ''),
  issue(
    'caller_unknown',
    '.find(({ notBefore, notAfter }) => notBefore <= now && now < notAfter)?.holder',
    '.at(0)?.holder',
  ),
  at('libs/company-side/src/svid/svid-issuer.ts', 'apps/company-agent/src/svid/issue-svid.spec.ts')(
    'malformed',
    'if (!(await asked.verify(webcrypto)))',
    'if (false)',
  ),
];
