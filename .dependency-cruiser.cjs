// Who may import whom, seen by folder, by Node built-in and by cycle. Each rule has a planted fault in
// test/architecture/boundaries.spec.ts that must be named in the answer.
const SPEC = '(\\.spec\\.ts$|^(apps|libs)/[^/]+/test/)';
const COMPANY_SIDE = '^apps/(company-agent|edge-gateway|relay|scanner|cli|demo-peers|console)/';
const DATABASE = '(^|/)node_modules/(typeorm|pg|pg-.*|@nestjs/.*)/';

/** A library may reach only the libraries named here (and itself). */
function onlyReaches(lib, allowed) {
  return {
    name: `${lib}-reaches-only-what-is-below`,
    severity: 'error',
    comment: `libs/${lib} is used by people who must not get more than it promises.`,
    from: { path: `^libs/${lib}/`, pathNot: SPEC },
    to: { path: '^(libs|apps|test|tools)/', pathNot: `^libs/(${[lib, ...allowed].join('|')})/` },
  };
}

module.exports = {
  forbidden: [
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment: "Rules must run in a test, in the gateway and in a partner's verifier: local files and nothing else.",
      from: { path: '^libs/domain/src', pathNot: SPEC },
      to: { dependencyTypesNot: ['local', 'type-only'] },
    },
    {
      name: 'domain-names-no-package',
      severity: 'error',
      comment: 'Not even for a type: what domain says must be readable without anything else.',
      from: { path: '^libs/domain/src', pathNot: SPEC },
      to: { pathNot: '^libs/domain/src' },
    },
    onlyReaches('contracts', ['domain']),
    onlyReaches('proof', ['domain', 'contracts']),
    onlyReaches('company-side', ['domain', 'contracts', 'proof']),
    onlyReaches('client', ['domain', 'contracts', 'proof', 'company-side']),
    onlyReaches('bus', ['domain', 'contracts', 'proof']),
    onlyReaches('chassis', ['domain', 'contracts', 'proof', 'bus']),
    onlyReaches('trial', ['domain', 'contracts', 'proof']),
    {
      name: 'no-app-imports-another',
      severity: 'error',
      comment: 'One folder of apps is one process; processes talk over wires.',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'libraries-know-no-app',
      severity: 'error',
      comment: 'A library that knows its user is part of it.',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'company-side-has-no-broker-parts',
      severity: 'error',
      comment: 'Runs at a company: no chassis and no test kit, directly or through anything it imports.',
      from: { path: COMPANY_SIDE, pathNot: SPEC },
      to: { path: '^libs/(chassis|testkit)/', reachable: true },
    },
    {
      name: 'company-side-has-no-database',
      severity: 'error',
      comment: 'A company keeps files. Only libs/trial, which starts the database of a trial, speaks to it.',
      from: { path: COMPANY_SIDE, pathNot: SPEC },
      to: { path: DATABASE },
    },
    {
      name: 'only-the-command-line-starts-servers',
      severity: 'error',
      comment: 'Any other process would carry a database driver through libs/trial.',
      from: { path: '^(apps|libs)/', pathNot: `${SPEC}|^apps/cli/|^libs/(trial|testkit)/` },
      to: { path: '^libs/trial/' },
    },
    {
      name: 'company-side-library-has-no-broker-parts',
      severity: 'error',
      comment: 'The same for the libraries that such a process is made of.',
      from: { path: '^libs/(domain|contracts|proof|company-side|client)/', pathNot: SPEC },
      to: { path: DATABASE },
    },
    {
      name: 'tests-parts-stay-in-tests',
      severity: 'error',
      comment: 'The test kit holds keys and fixed clocks.',
      from: { path: '^(apps|libs)/', pathNot: `${SPEC}|^libs/testkit/` },
      to: { path: '^libs/testkit/' },
    },
    {
      name: 'rows-stay-home',
      severity: 'error',
      comment: 'A table has one owner: its store.',
      from: { pathNot: '/store/' },
      to: { path: '\\.table\\.ts$' },
    },
    {
      name: 'nothing-imports-the-edge',
      severity: 'error',
      comment: 'http and consumers call commands, commands call the store; never the other way.',
      from: { path: '^apps/[^/]+/src/(commands|store)/', pathNot: SPEC },
      to: { path: '^apps/[^/]+/src/(http|consumers)/' },
    },
    {
      name: 'the-store-calls-nobody',
      severity: 'error',
      comment: 'A store writes and reads rows; what may happen is decided above it.',
      from: { path: '^apps/[^/]+/src/store/', pathNot: SPEC },
      to: { path: '^apps/[^/]+/src/commands/' },
    },
    {
      name: 'the-edge-knows-no-rows',
      severity: 'error',
      comment: 'An edge that reads the store skips the command that holds the rule.',
      from: {
        path: '^apps/(trust-registry|grants|data-router|audit|federation-api)/src/(http|consumers)/',
        pathNot: SPEC,
      },
      to: { path: '^apps/[^/]+/src/store/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'What needs each other is one thing.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      comment: 'A name that is not found is not checked by any other rule.',
      from: { path: '^(apps|libs)/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    detectJSDocImports: false,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@interlock/source', 'import', 'node', 'default', 'types'],
    },
  },
};
