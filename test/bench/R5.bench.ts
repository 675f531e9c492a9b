// R5: every operation of the live description, asked by a company that is party to nothing, with the ids of two others and with ids that nobody has.
// The two answers must be the same, and hold nothing. An operation without a probe, and without a reason for none, fails.
import { availableParallelism } from 'node:os';
import { aBroker } from '../scenarios/broker/a-broker.js';
import type { Description } from '../scenarios/broker/client-of-description.js';
import { aThirdCompany, type Things } from '../scenarios/broker/third-company.js';
import { areasAsked, isQuick } from './area.js';

/** Operations that carry no id of anybody's things, and why that is enough. */
const WITHOUT_IDS: Readonly<Record<string, string>> = {
  'GET /live': 'one word',
  'GET /ready': 'names of checks',
  'GET /errors': 'public',
  'GET /errors/{code}': 'public',
  'GET /openapi.json': 'public',
  'GET /asyncapi.json': 'public',
  'GET /reference': 'public',
  'GET /.well-known/authzen-configuration': 'public',
  'GET /.well-known/oauth-authorization-server': 'public',
  'POST /oauth/token': 'takes whole proofs: test/scenarios/broker/oauth.spec.ts',
  'POST /oauth/introspect':
    'takes a token of 256 random bits: test/scenarios/broker/oauth.spec.ts asks as a third company',
  'POST /oauth/revoke': 'takes a token of 256 random bits: test/scenarios/broker/oauth.spec.ts',
  'GET /v1/health': 'one word',
  'GET /v1/agreements': "the caller's own list: probed as a read that must be empty",
  'PUT /v1/gateway-report': 'says something of the caller alone: test/scenarios/broker/tenancy.spec.ts',
  'PUT /v1/agreements/drafts': "the caller's own: test/scenarios/broker/tenancy.spec.ts",
  'GET /v1/agreements/drafts': "the caller's own list: test/scenarios/broker/tenancy.spec.ts",
  'POST /v1/agreements/drafts/discard': "the caller's own: test/scenarios/broker/tenancy.spec.ts",
  'GET /v1/grants': "the caller's own list: probed as a read that must be empty",
  'POST /v1/agreements': 'takes a whole document: test/scenarios/broker/tenancy.spec.ts',
  'PUT /v1/entities': 'proves itself by its root: test/scenarios/hostile-broker/enrolment.spec.ts',
  'PUT /v1/certificates': 'takes whole documents: test/scenarios/broker/tenancy.spec.ts',
  'POST /v1/regions/users': 'needs a region: apps/data-router/src/sealed-route.spec.ts asks as a third company',
  'GET /v1/entities/{root}': 'public to whoever was given the root',
};
const AREAS = {
  agreements: /^\/v1\/(agreements|acts|entities|certificates)/,
  grants: /^\/(v1\/(grants|sessions|verdicts|acts)|access\/)/,
  gateway: /^\/v1\/(evidence|agreements\/.*(standing|signals))/,
  data: /^\/v1\/(regions|audit\/(holds|received))/,
  audit: /^\/v1\/(audit|logs|evidence)/,
  story: /./,
};

const began = performance.now();
const chosen = areasAsked<RegExp>('R5', AREAS);
const inArea = (target: string) => chosen.some(([, pattern]) => pattern.test(target));
const leaks: string[] = [];
const statuses: Record<string, number> = {};
let probes = 0;

/** An answer without what is made anew for each. */
const told = (answer: { status: number; body: unknown }): string =>
  JSON.stringify(answer).replaceAll(/"dec_[0-9a-z]+"/g, '"dec"');

/** Ways to write a target that mean the same to a router, or nothing at all. */
const spellings = (target: string): readonly string[] => {
  const [path = '', query] = target.split('?');
  const tail = query === undefined ? '' : `?${query}`;
  const encoded = path.replace(/_([0-9a-z])/, (_, sign: string) => `_%${sign.charCodeAt(0).toString(16)}`);
  return [target, `${encoded}${tail}`, `${path}/${tail}`, `${path.toUpperCase()}${tail}`, `${path}%00${tail}`];
};

const broker = await aBroker();
try {
  const world = await aThirdCompany(broker);
  const description = (await (await fetch(`${broker.url}/openapi.json`)).json()) as Description;
  const { call } = await import('../scenarios/broker/a-caller.js');
  const covered = new Set<string>();
  const patterns = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      name: `${method.toUpperCase()} ${path}`,
      fits: new RegExp(
        `^${method.toUpperCase()} ${path
          .replaceAll(/[.]/g, '\\.')
          .replaceAll(/\{rest\}/g, '.+')
          .replaceAll(/\{\w+\}/g, '[^/]+')}$`,
      ),
    })),
  );
  const ask = async (name: string, on: Things, spelling: number) => {
    const [signer, method, target, body] = await world.asks[name]!(on);
    const spelt = spellings(target)[spelling] ?? target;
    const answer = await call(broker, signer, method, spelt, body).catch((thrown: unknown) => ({
      status: 0,
      body: String(thrown),
    }));
    return { method, target, answer };
  };
  for (const name of Object.keys(world.asks)) {
    const { method, target } = await ask(name, world.nobodys, 0);
    for (const one of patterns) if (one.fits.test(`${method} ${target.split('?')[0]}`)) covered.add(one.name);
    if (!inArea(target)) continue;
    for (let spelling = 0; spelling < spellings(target).length; spelling += 1) {
      const real = (await ask(name, world.theirs, spelling)).answer;
      const invented = (await ask(name, world.nobodys, spelling)).answer;
      probes += 2;
      statuses[real.status] = (statuses[real.status] ?? 0) + 1;
      const same =
        told({ status: real.status, body: real.body }) === told({ status: invented.status, body: invented.body });
      const holds = /"decision":true|"documents?":|technician/.test(JSON.stringify(real.body));
      if (!same || holds) leaks.push(`${name} as spelling ${spelling}: ${real.status} against ${invented.status}`);
    }
  }
  for (const list of ['agreements', 'grants']) {
    probes += 1;
    const { body } = await call(broker, world.agent.signer, 'GET', `/v1/${list}`);
    if ((body as Record<string, unknown[]>)[list]?.length !== 0) leaks.push(`the list of ${list} is not empty`);
  }
  for (const { name } of patterns)
    if (!covered.has(name) && !Object.hasOwn(WITHOUT_IDS, name)) leaks.push(`${name} has no probe`);
} finally {
  await broker.stop();
}
const answer = {
  id: 'R5',
  figures: { probes, leaks: leaks.length },
  conditions: {
    area: chosen.map(([area]) => area).join(','),
    quick: isQuick(),
    statuses,
    leaks: leaks.slice(0, 50),
    cores: availableParallelism(),
    node: process.version,
  },
  peers: {},
  seconds: Math.round((performance.now() - began) / 100) / 10,
};
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(leaks.length === 0 ? 0 : 1));
