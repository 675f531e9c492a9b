import { ofDomain, ofProof } from './of-folder.mjs';

/** One check of who may log whom in removed at a time. */
const rule = ofDomain('agreement/identity-provider.ts', 'agreement/identity-provider.spec.ts');
const term = ofDomain('term/identity-provider.ts', 'agreement/identity-provider.spec.ts');
const order = ofDomain('term/identity-provider.ts', 'term/one-side-alone.spec.ts');
const decided = ofDomain('decide.ts', 'agreement/identity-provider.spec.ts');
const acts = ofDomain('act/standing.ts', 'agreement/identity-provider.spec.ts');
const status = ofDomain('status/token-status.ts', 'agreement/identity-provider.spec.ts');
const proof = ofProof('subject-proof.ts', 'login-elsewhere.spec.ts');
const agent = (code, text, replacement) => ({
  ...{ code, file: 'apps/company-agent/src/login/issue-login-proof.ts', text, replacement },
  spec: 'apps/company-agent/src/login/login.spec.ts',
});
const scenario = (file) => (code, text, replacement) => ({
  ...{ code, file, text, replacement },
  spec: 'test/scenarios/broker/oauth.spec.ts',
});
const known = scenario('apps/grants/src/commands/known-as.ts');
const route = scenario('apps/federation-api/src/http/grants.controller.ts');

export const IDENTITY_PROVIDER = [
  rule('wrong_issuer', 'if (login.organisation !== owner) return undefined;', ''),
  rule('wrong_issuer', 'party === subjectSide && issuer === owner)', 'issuer === owner)'),
  rule('wrong_issuer', 'party === subjectSide && issuer === owner)', 'party === subjectSide)'),
  rule('wrong_issuer', '.find((one) => one.login === login.id)', '.find((one) => one.id === login.id || one.login)'),
  rule('outside_grant', 'person && subjects.some((one) => sameSubject(one, person)) ? person', 'person ? person'),
  rule('status_invalid', 'party === person.organisation &&', ''),
  rule('status_invalid', 'one.id === person.id && one.login === login.id', 'one.login === login.id'),
  term('agreement_incoherent', 'term.party === term.issuer ||', ''),
  term('agreement_incoherent', '[term.party, term.issuer].some(', '[term.party].some('),
  term('agreement_incoherent', 'repeats(term.persons.map(({ id }) => id)) ||', ''),
  order('not_narrower', 'id === one.id && login === one.login', 'id === one.id'),
  decided('narrowed', '!chain.login || personOfLogin(agreement, chain.login, chain)', 'true'),
  decided('status_invalid', '(login ?? subject).organisation', 'subject.organisation'),
  acts('taken_away', '...(use.login ? [{', '...(use.login && !use.login ? [{'),
  status('status_invalid', 'standsFor(agreement, {', 'false && standsFor(agreement, {'),
  proof('approver_is_party_to_request', 'elsewhere && right.approvers.some(', 'false && right.approvers.some('),
  proof('taken_away', 'if (elsewhere) keys.push(', 'if (!elsewhere) keys.push('),
  agent('outside_grant', 'if (!grant.document.subjects.some((one) => sameSubject(one, subject)))', 'if (!subject)'),
  known('wrong_issuer', 'return subject ? {', 'return !subject ? {'),
  {
    ...{
      code: 'not_self',
      file: 'libs/client/src/open-remote.ts',
      text: 'claimed !== undefined && personOfLogin(',
      replacement: 'claimed !== undefined || !personOfLogin(',
    },
    spec: 'test/scenarios/connector.spec.ts',
  },
  route('not_a_party', 'subjectOfLogin(chain.agreement.document, right, caller) !== undefined', 'true'),
];
