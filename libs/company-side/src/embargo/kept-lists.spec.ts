import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OrganisationId, TerritoryList } from '@interlock/domain';
import { NOW } from '@interlock/testkit/builders';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { initCompany, layout } from '../company-folder/index.js';
import { embargoReader, importList, recordAuthorisation } from './index.js';

const root = mkdtempSync(join(tmpdir(), 'kept-lists-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const territories = (issuedAt: number): TerritoryList => ({
  kind: 'territories',
  issuer: 'eu',
  provenance: { origin: 'test', issuedAt, fetchedAt: issuedAt, parser: 'test/1', sources: [] },
  rules: [{ id: 'r1', places: ['CU'], outcome: 'blocked', acts: null, law: 'test', validFrom: null, validTo: null }],
  partly: [],
  placeNames: [],
  postalCodes: [],
});

let dir: string;
let companies = 0;
beforeEach(async () => {
  dir = join(root, `company-${companies++}`);
  await initCompany(dir, {
    organisation: 'alpine-presses.example' as OrganisationId,
    name: 'Alpine Presses',
    jurisdiction: 'AT',
    agentOrigin: 'http://127.0.0.1:4001',
    brokerOrigin: 'http://127.0.0.1:4000',
    identityProvider: { issuer: 'http://127.0.0.1:4002', clientId: 'company-agent' },
    now: NOW,
  });
  const imported = await importList(dir, territories(NOW), NOW);
  expect(imported).toMatchObject({ allowed: true });
});

const read = () => embargoReader(dir)(NOW);
const change = (file: string, from: string | RegExp, to: string) =>
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));

describe('the lists a company obeys', () => {
  it('are read as they were taken', async () => {
    expect(await read()).toMatchObject({ allowed: true });
  });

  it('are not read, and not added to, where a list has changed under its digest', async () => {
    const folder = join(layout(dir).embargo, 'lists');
    change(join(folder, String(readdirSync(folder)[0])), '"CU"', '"XX"');
    const altered = { refusal: { code: 'embargo_snapshot_altered', clause: 'territories eu' } };
    expect(await read()).toMatchObject(altered);
    expect(await importList(dir, territories(NOW + 1), NOW + 1)).toMatchObject(altered);
  });

  it.each([
    ['its time is another', /"takenAt":\d+/, '"takenAt":1'],
    ['it names another company', /"organisation":"alpine-presses.example"/, '"organisation":"delta-foods.example"'],
    ['it is not a snapshot', /^/, 'x'],
  ])('are not read where the snapshot was changed: %s', async (_, from, to) => {
    change(join(layout(dir).embargo, 'snapshot.json'), from, to);
    expect(await read()).toMatchObject({ refusal: { code: 'embargo_snapshot_altered' } });
  });

  it('are not read where a record of a person cannot be', async () => {
    writeFileSync(join(layout(dir).embargo, 'rulings', 'broken.json'), '{}');
    expect(await read()).toMatchObject({ refusal: { code: 'embargo_snapshot_altered', clause: 'records' } });
  });
});

describe('an authorisation', () => {
  const licence = (authority: string) =>
    JSON.stringify({
      number: 'L-1',
      authority,
      issuer: 'eu',
      kind: 'licence',
      scope: { rules: ['r1'], parties: null, acts: null, places: null, items: null, contractsBefore: null },
      validity: { validFrom: null, validTo: '2099-01-01' },
      conditions: [],
      reporting: [],
    });

  it('is recorded once: its terms never change', () => {
    expect(recordAuthorisation(dir, licence('the licensing office'), NOW)).toMatchObject({ allowed: true });
    expect(recordAuthorisation(dir, licence('somebody else'), NOW)).toMatchObject({
      refusal: { code: 'embargo_authorisation_exists', clause: 'L-1' },
    });
    const folder = join(layout(dir).embargo, 'authorisations');
    expect(readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([
      expect.stringContaining('the licensing office'),
    ]);
  });
});
