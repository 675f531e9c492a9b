import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addPerson, layout, readRoleMapping, signRoleMapping } from '@interlock/company-side';
import { type LocalId, type OutsideAuditor, ROLES } from '@interlock/domain';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  approvedGrant,
  askProof,
  BUYER,
  get,
  PASSPHRASE,
  programOf,
  until,
  type World,
  world,
} from '../../test/world.js';
import type { Agent } from '../agent.js';
import { makeServer, type ServerParts } from './serve.js';

jest.setTimeout(60_000);

/** The page that people read is what the agent is held against. */
const PAGE = readFileSync(fileURLToPath(new URL('../../../../docs/roles.md', import.meta.url)), 'utf8');
const CAPACITIES = [...ROLES, 'holder'] as const;
const table = new Map(
  [...PAGE.matchAll(/^\| `([A-Z]+ \/[^`]*)` +\|([^\n]*)\|$/gm)].map(([, route = '', cells = '']) => [
    route,
    cells.split('|').map((cell) => cell.trim() === 'yes'),
  ]),
);

let w: World;
const tokens = new Map<string, string>();
const HOUR = 3_600_000;
const outside = (id: string, from: number, to: number): OutsideAuditor => ({
  id: id as LocalId,
  login: id,
  organisation: null,
  from,
  until: to,
});

beforeAll(async () => {
  w = await world();
  const { dir, provider } = w.buyer;
  const common = { passphrase: PASSPHRASE, now: Date.now(), groups: [] };
  for (const role of ROLES) {
    await addPerson(dir, { id: `only-${role}` as LocalId, purposes: [], ...common });
    provider.groups.set(`only-${role}`, [role]);
  }
  await addPerson(dir, { id: 'nobody-special' as LocalId, purposes: [], ...common });
  await addPerson(dir, { id: 'only-holder' as LocalId, purposes: ['grant'], ...common });
  await named(outside('outside', Date.now(), Date.now() + HOUR), outside('gone', Date.now() - HOUR, Date.now() - 1));
  // It reads its folder once a second; this way the new people are there at once.
  await w.restart(w.buyer);
  for (const name of [...CAPACITIES.map((one) => `only-${one}`), 'nobody-special', 'outside', 'gone'])
    tokens.set(name, await programOf(w.buyer, name));
});
afterAll(() => w?.close());

/** Signs the buyer's mapping anew with these outside auditors, and the same rules unless others are given. */
async function named(...outsideAuditors: readonly OutsideAuditor[]): Promise<void> {
  const before = readRoleMapping(w.buyer.dir)?.document;
  const wish = { scopes: before?.scopes ?? [], rules: before?.rules ?? [], outsideAuditors };
  const mapped = await signRoleMapping(w.buyer.dir, wish, Date.now());
  if (!mapped.allowed) throw new Error(mapped.refusal.code);
}

async function ask(route: string, who: string): Promise<string> {
  const [method = '', path = ''] = route.split(' ');
  const headers = { authorization: `Bearer ${tokens.get(who)}` };
  const answer = await fetch(`${w.buyer.origin}${path.replace(':id', 'x').replace('*', 'v1/secrets')}`, {
    method,
    redirect: 'manual',
    headers,
  });
  const body = (await answer.json().catch(() => ({}))) as { code?: string };
  return body.code ?? String(answer.status);
}

describe('roles at the agent', () => {
  const routes = [...table.keys()].filter((route) => !route.endsWith('/sign-out'));

  it('stand in the page for every route that people use, and for none that is not there', async () => {
    const agent = { organisation: BUYER, origin: w.buyer.origin, now: Date.now, newSecret: () => 'x' };
    const app = await makeServer(agent as unknown as Agent, {} as ServerParts);
    const people = [...app.accessRows].filter(([route, { who }]) => who === 'person' && !route.startsWith('HEAD '));
    expect(people.map(([route]) => route).sort()).toEqual([...table.keys()].sort());
    expect(people.length).toBeGreaterThan(12);
    await app.close();
  });

  it.each(CAPACITIES)('let %s do what the page says, and refuse it everything else by name', async (capacity) => {
    const at = CAPACITIES.indexOf(capacity);
    for (const route of routes) {
      const answer = await ask(route, `only-${capacity}`);
      expect([route, answer === 'role_needed']).toEqual([route, table.get(route)?.[at] !== true]);
    }
  });

  it('refuse everything to whom the company’s login gives no role, and say which one it would take', async () => {
    for (const route of routes) expect([route, await ask(route, 'nobody-special')]).toEqual([route, 'role_needed']);
    const answer = await get(`${w.buyer.origin}/api/audit?log=x`, tokens.get('nobody-special') ?? '');
    expect(answer).toMatchObject({ status: 403, body: { code: 'role_needed', clause: 'auditor' } });
  });

  it('are nobody’s in a company that signed no mapping', async () => {
    const clerk = { id: 'clerk' as LocalId, groups: [], purposes: [], passphrase: PASSPHRASE, now: Date.now() };
    await addPerson(w.vendor.dir, clerk);
    w.vendor.provider.groups.set('clerk', [...ROLES]);
    await w.restart(w.vendor);
    expect(await get(`${w.vendor.origin}/`, await programOf(w.vendor, 'clerk'))).toMatchObject({
      body: { code: 'role_mapping_missing' },
    });
  });
});

describe('the history, asked by a person', () => {
  it('comes as the broker told it, and stands in the journal of the company', async () => {
    const token = tokens.get('only-auditor') ?? '';
    const read = await get(`${w.buyer.origin}/history/v1/agreements`, token);
    expect(read).toMatchObject({ status: 200, body: { agreements: [{ status: 'active' }] } });
    const journal = readFileSync(join(layout(w.buyer.dir).state, 'journal', 'segment-0000000000000001.ndjson'), 'utf8');
    expect(journal).toMatch(/"kind":"history","person":"only-auditor","target":"\/v1\/agreements"/);
  });

  it.each([
    '/v1/grants',
    '/v1/acts',
    '/v1/agreements/',
    '/v1/agreements/x/standing',
    '/v1/audit/events/../../grants',
    '/v1/audit/events%2f..%2f..%2fgrants',
    '/v1/logs/operator/checkpoint',
    '//evil.example/v1/agreements',
  ])('is all that is read: %s is not', async (target) => {
    const read = await get(`${w.buyer.origin}/history${target}`, tokens.get('only-auditor') ?? '');
    expect([target, read.status]).toEqual([target, 404]);
  });
});

describe('an auditor from outside', () => {
  it('reads what an auditor reads, and nothing once the time is over', async () => {
    const at = CAPACITIES.indexOf('auditor');
    for (const [route, cells] of table) {
      if (route.endsWith('/sign-out')) continue;
      expect([route, (await ask(route, 'outside')) === 'role_needed']).toEqual([route, !cells[at]]);
      expect([route, await ask(route, 'gone')]).toEqual([route, 'outside_auditor_over']);
    }
  });

  it('gets no login proof, whatever name the mapping gives', async () => {
    const grant = await approvedGrant(w);
    const { page } = await askProof(w, grant.document.id, 'outside', w.buyer);
    expect(page.html).toContain('person_unknown');
  });

  it('is out as soon as the company no longer names him, while his session is open', async () => {
    expect(await ask('GET /grants', 'outside')).toBe('200');
    await named();
    await until(async () => (await ask('GET /grants', 'outside')) === 'role_needed');
  });

  it('is not named under the id or the login of one of the own people', async () => {
    for (const over of [{ id: 'auditor' as LocalId }, { login: 'auditor' }])
      await expect(named({ ...outside('else', Date.now(), Date.now() + HOUR), ...over })).rejects.toThrow(
        'role_mapping_incoherent',
      );
  });
});
