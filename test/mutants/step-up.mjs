import { ofDomain, ofGateway } from './of-folder.mjs';

/** One check of how a person logged in removed at a time. */
const limits = ofDomain('session/limits.ts', 'session/limits.spec.ts');
const admit = ofGateway('session/admit-session.ts', 'terms.spec.ts');
const agent = (code, text, replacement) => ({
  ...{ code, file: 'apps/company-agent/src/login/issue-login-proof.ts', text, replacement },
  spec: 'apps/company-agent/src/login/login.spec.ts',
});
const broker = (code, text, replacement) => ({
  ...{ code, file: 'apps/grants/src/commands/advise.ts', text, replacement },
  spec: 'test/scenarios/broker/oauth.spec.ts',
});

export const STEP_UP = [
  limits('login_too_weak', 'acr !== null && term?.acr !== undefined && ', 'term?.acr !== undefined && '),
  limits('login_too_weak', '!term.acr.includes(acr)', 'false'),
  admit(
    'login_too_weak',
    "loginTooWeak(agreement, acr) ? refuse('login_too_weak', { clause: 're-login' }) : undefined",
    'undefined',
  ),
  agent(
    'login_too_weak',
    "if (loginTooWeak(held.value.agreement, identity.acr)) return refuse('login_too_weak', { clause: identity.acr });",
    '',
  ),
  broker('login_too_weak', "loginTooWeak(agreement, acr) ? refuse('login_too_weak', what) : undefined", 'undefined'),
  broker('login_over', "if (end !== undefined && now >= end) return refuse('login_over', what);", ''),
];
