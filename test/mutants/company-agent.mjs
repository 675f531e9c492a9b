/** Checks of a company's own agent, and of what its pipeline opens, that rows of a hostile broker rest on. */
const SHOWN = "if (!session.shown.has(approval.digest)) return refuse('not_what_was_shown');";
const HELD = "if (held.value.digest !== approval.digest) return refuse('not_what_was_shown');";
const approve = (text, test) => ({
  code: 'not_what_was_shown',
  file: 'apps/company-agent/src/grants/approve-grant.ts',
  text,
  replacement: '',
  spec: 'apps/company-agent/src/grants/approve-grant.spec.ts',
  test,
});

const ACCOUNTS = 'apps/company-agent/src/accounts';
const account = (code, file, text, replacement, test) => ({
  code,
  file: `${ACCOUNTS}/${file}.ts`,
  text,
  replacement,
  spec: `${ACCOUNTS}/accounts.spec.ts`,
  test,
});

/** The policy set that a company gave its agent. */
const POLICIES = 'libs/company-side/src/policies/judge-by-policies';
const policy = (text, replacement, test) => ({
  ...{ code: 'decision_point_denied', file: `${POLICIES}.ts`, text, replacement },
  ...{ spec: `${POLICIES}.spec.ts`, test },
});

export const COMPANY_AGENT = [
  policy(' && answer.response.diagnostics.errors.length === 0', '', 'a policy that fails on a use'),
  policy("answer.response.decision === 'allow'", 'true', 'nothing that no policy permits'),
  policy('return uses.every((', 'return uses.some((', 'asked about each use'),
  policy('uses.length === 0 || uses.length > MOST_USES || ', '', 'asked about each use'),
  account('account_held_back', 'take-event', 'issuer, audience, typ:', 'issuer, typ:', 'for another audience'),
  account('account_held_back', 'take-event', "typ: 'secevent+jwt', ", '', 'of another type of token'),
  account('account_held_back', 'take-event', '  exp: z.undefined().optional(),', '', 'that ends like an access token'),
  account(
    'account_held_back',
    'account-book',
    'if (event) take(event);',
    '',
    'keeps an account out while its device is not sound',
  ),
  account(
    'taken_away',
    'take-event',
    'consequence.endsSessions ? await',
    'false ? await',
    'ends what was opened by it',
  ),
  {
    code: 'taken_away',
    file: `${ACCOUNTS}/take-event.ts`,
    text: 'token: null, fact: consequence.fact',
    replacement: 'token, fact: consequence.fact',
    spec: `${ACCOUNTS}/take-event.spec.ts`,
    test: 'is not known: told again, it is obeyed again',
  },
  // Row (i): a page that shows grant A and asks to sign B.
  approve(HELD, 'is of exactly what was shown: a broker that shows A and holds B when the person signs gets nothing'),
  approve(SHOWN, 'is refused for a digest that was never shown in this session, right as it may be'),
  {
    code: 'illegal_transition',
    file: 'apps/company-agent/src/grants/deny-grant.ts',
    text: 'approvers.length === 0 && !agent.store.saidYesTo(digest)',
    replacement: 'approvers.length === 0',
    spec: 'apps/company-agent/src/grants/approve-grant.spec.ts',
    test: 'leaves the yes of a colleague out',
  },
  // Row (g): a bus user for the gateway's account.
  {
    code: 'unknown_key',
    file: 'libs/proof/src/seal.ts',
    text: '[{ issuer: gateway.organisation, purpose }]',
    replacement: '[]',
    spec: 'libs/proof/src/seal.spec.ts',
    test: '(g) published by whoever holds a bus user, but no gateway key, is refused',
  },
  // Two authenticators that hold one key.
  {
    code: 'passkey_copied',
    file: 'apps/company-agent/src/passkeys/passkey-desk.ts',
    text: 'counter <= known.counter',
    replacement: 'false',
    spec: 'apps/company-agent/src/grants/approve-grant.spec.ts',
    test: 'is given by a passkey that the company certified',
  },
];
