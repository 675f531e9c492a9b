import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../trial/interlock-up.js';

const TENANCY = 'test/scenarios/broker/tenancy.spec.ts';
/** What the third company of that spec has and asks. */
const THIRD = 'test/scenarios/broker/third-company.ts';
const OAUTH = 'test/scenarios/broker/oauth.spec.ts';
const FLOWS = 'apps/data-router/src/sealed-route.spec.ts';

/** Where a third company tries each route with what belongs to others; `nobodys` for routes that show and change nothing of anybody. */
const TRIED: Readonly<Record<string, string>> = {
  'POST /v1/acts': TENANCY,
  'POST /v1/agreements': TENANCY,
  'GET /v1/agreements': TENANCY,
  'PUT /v1/agreements/drafts': TENANCY,
  'PUT /v1/gateway-report': TENANCY,
  'GET /v1/agreements/drafts': TENANCY,
  'POST /v1/agreements/drafts/discard': TENANCY,
  'POST /v1/agreements/:id/annexes': TENANCY,
  'POST /v1/agreements/:id/signatures': TENANCY,
  'POST /v1/agreements/:id/signals': TENANCY,
  'GET /v1/agreements/:id/standing': TENANCY,
  'GET /v1/audit/checkpoint': TENANCY,
  'GET /v1/audit/consistency': TENANCY,
  'GET /v1/audit/counts': TENANCY,
  'GET /v1/audit/events': TENANCY,
  'POST /v1/audit/erasures/:log': TENANCY,
  'POST /v1/audit/erasures/:log/person': TENANCY,
  'PUT /v1/audit/holds/:log': TENANCY,
  'GET /v1/audit/holds/:log': TENANCY,
  'POST /v1/audit/received/:log': TENANCY,
  'GET /v1/logs/:log/checkpoint': TENANCY,
  'GET /v1/logs/:log/tile/*': TENANCY,
  'PUT /v1/certificates': TENANCY,
  'PUT /v1/entities': TENANCY,
  'GET /v1/entities/:root': TENANCY,
  'POST /v1/evidence': TENANCY,
  'POST /v1/grants': TENANCY,
  'GET /v1/grants': TENANCY,
  'GET /v1/grants/:id': TENANCY,
  'GET /v1/grants/:id/chain': TENANCY,
  'POST /v1/grants/:id/denial': TENANCY,
  'POST /v1/grants/:id/signatures': TENANCY,
  'POST /v1/regions/users': FLOWS,
  'POST /v1/sessions': TENANCY,
  'POST /v1/verdicts': TENANCY,
  'POST /access/v1/evaluation': TENANCY,
  'POST /access/v1/evaluations': TENANCY,
  'POST /access/v1/search/action': TENANCY,
  'POST /access/v1/search/resource': TENANCY,
  'POST /access/v1/search/subject': TENANCY,
  'POST /oauth/introspect': OAUTH,
  'POST /oauth/revoke': OAUTH,
  'POST /oauth/token': OAUTH,
  'GET /.well-known/authzen-configuration': 'nobodys',
  'GET /.well-known/oauth-authorization-server': 'nobodys',
  'GET /asyncapi.json': 'nobodys',
  'GET /live': 'nobodys',
  'GET /errors': 'nobodys',
  'GET /errors/:code': 'nobodys',
  'GET /openapi.json': 'nobodys',
  'GET /ready': 'nobodys',
  'GET /reference': 'nobodys',
  'GET /v1/health': 'nobodys',
};

/** The page is made from the code, route by route. */
const routes = [...readFileSync(join(ROOT, 'docs/access.md'), 'utf8').matchAll(/^\| `([A-Z]+ \/\S*)` +\|/gm)].map(
  ([, route]) => route ?? '',
);

describe('I7: every route that the broker opens', () => {
  it('is one that a third company has tried', () => {
    expect(routes.length).toBeGreaterThan(20);
    expect(routes.filter((route) => !(route in TRIED))).toEqual([]);
    expect(Object.keys(TRIED).filter((route) => !routes.includes(route))).toEqual([]);
  });

  it.each(Object.entries(TRIED).filter(([, spec]) => spec === TENANCY))('%s is really asked in %s', (route, spec) => {
    const [method, path = ''] = route.split(' ');
    const text = [spec, THIRD].map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
    // In the test an id stands where the route has its parameter; what follows a query mark is its own.
    const literal = path.replace(/[.+?^$()[\]]/g, '\\$&');
    const target = literal.replace(/:\w+/g, '\\$\\{[^}]+\\}').replace('*', "[^'`]+");
    expect(text).toMatch(new RegExp(`'${method}',\\s*['\`]${target}(['\`?])`));
  });
});
