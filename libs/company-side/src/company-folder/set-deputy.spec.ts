import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalId, OrganisationId } from '@interlock/domain';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readCertificates } from './certify.js';
import { addPerson, initCompany, renewCertificates, setApproverHours, setDeputy } from './index.js';

const id = (text: string) => text as LocalId;
const NOW = Date.UTC(2026, 5, 1, 12);
const DAY = 86_400_000;

let root: string;
let dir: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'deputy-'));
  dir = join(root, 'company');
  await initCompany(dir, {
    organisation: 'delta-foods.example' as OrganisationId,
    ...{
      name: 'Delta Foods',
      jurisdiction: 'NL',
      agentOrigin: 'http://127.0.0.1:1',
      brokerOrigin: 'http://127.0.0.1:2',
    },
    ...{ identityProvider: { issuer: 'http://127.0.0.1:3', clientId: 'agent' }, now: NOW },
  });
  const common = { passphrase: 'a long passphrase of the test', now: NOW };
  const approve = { purposes: ['approve'] as const, ...common };
  await addPerson(dir, { id: id('officer'), groups: [id('safety'), id('security')], ...approve });
  await addPerson(dir, { id: id('fitter'), groups: [id('maintenance')], ...approve });
  await addPerson(dir, { id: id('visitor'), groups: [id('safety')], guest: true, ...approve });
  await addPerson(dir, { id: id('planner'), groups: [], purposes: ['grant'], ...common });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const of = (name: string) =>
  readCertificates(dir).find(({ document }) => document.holder.kind === 'person' && document.holder.id === name)
    ?.document;
const planned = (over = {}) => ({
  ...{ for: id('officer'), periods: [{ from: NOW + DAY, to: NOW + 15 * DAY }], groups: [], resources: [] },
  ...over,
});

describe('a deputy', () => {
  it('stands in the certificate of the same key, in the groups of whoever is away, and stays with hours and renewals', async () => {
    const before = of('fitter');
    const lent = { ...planned(), groups: [id('safety'), id('security')] };
    expect(await setDeputy(dir, id('fitter'), [planned()], NOW)).toMatchObject({ allowed: true });
    expect(of('fitter')).toEqual({ ...before, deputises: [lent] });
    await setApproverHours(dir, id('fitter'), [{ from: NOW, to: NOW + DAY }], NOW);
    await renewCertificates(dir, NOW + 50 * DAY, ({ holder }) => holder.kind === 'person');
    expect(of('fitter')).toMatchObject({ deputises: [lent], hours: [{ from: NOW }] });
    await setDeputy(dir, id('fitter'), [], NOW + 50 * DAY);
    expect(of('fitter')).not.toHaveProperty('deputises');
  });

  it.each([
    ['not_in_role', 'fitter', planned({ groups: [id('maintenance')] })],
    ['not_in_role', 'visitor', planned()],
    ['not_in_role', 'fitter', planned({ for: id('visitor') })],
    ['unknown_key', 'fitter', planned({ for: id('fitter') })],
    ['unknown_key', 'fitter', planned({ for: id('planner') })],
    ['unknown_key', 'planner', planned()],
  ])('is refused as %s where there is nothing to lend, or nobody to lend it to', async (code, deputy, replacement) => {
    expect(await setDeputy(dir, id(deputy), [replacement], NOW)).toMatchObject({ allowed: false, refusal: { code } });
  });
});
