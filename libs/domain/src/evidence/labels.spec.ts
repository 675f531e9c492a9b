import { describe, expect, it } from '@jest/globals';
import type { AgreementId, Digest, LocalId, OrganisationId } from '../names.js';
import { type EvidenceFilter, facetsOf, fitsFilter, labelsOf } from './labels.js';
import { type EvidenceRecord, evidenceOf } from './record.js';

const vendor = 'alpine-presses.example' as OrganisationId;
const buyer = 'delta-foods.example' as OrganisationId;
const id = (text: string) => text as LocalId;

const aRecord = (changes: Partial<EvidenceRecord> = {}): EvidenceRecord => ({
  v: 1,
  id: 'evd_00000000000000000000000001',
  log: 'agr_00000000000000000000000001' as AgreementId,
  kind: 'flow.delivered',
  outcome: 'delivery',
  at: 1_000,
  source: `${buyer}/plant-gateway`,
  organisation: buyer,
  subject: { organisation: vendor, kind: 'workload', id: id('analytics') },
  resource: { owner: buyer, id: id('press-7') },
  agreement: 'sha256:a' as Digest,
  grant: 'sha256:g' as Digest,
  session: 'ses_1',
  clause: 'data-collection',
  code: 'window_over',
  approvers: [id('shift-lead'), id('plant-engineer')],
  region: id('eu-1'),
  recipients: [vendor],
  documents: [],
  count: 1,
  correlation: 'cor-1',
  ticket: 'INC-20481',
  purpose: id('maintenance'),
  categories: [id('technical')],
  reason: 'Leaking valve; stop it.',
  ...changes,
});

const each: [keyof EvidenceFilter, string, string][] = [
  ['resource', 'press-7', 'press-8'],
  ['resource', `${buyer}/press-7`, `${vendor}/press-7`],
  ['subject', 'analytics', 'press-7'],
  ['subject', `${vendor}/workload/analytics`, `${vendor}/person/analytics`],
  ['approver', 'plant-engineer', 'engineer'],
  ['organisation', buyer, 'initech.example'],
  ['organisation', vendor, 'alpine'],
  ['site', 'plant-gateway', 'other-gateway'],
  ['ticket', 'INC-20481', 'INC-2048'],
  ['purpose', 'maintenance', 'repair'],
  ['category', 'technical', 'personal'],
  ['region', 'eu-1', 'eu-2'],
  ['recipient', vendor, buyer],
  ['agreement', 'sha256:a', 'sha256:g'],
  ['grant', 'sha256:g', 'sha256:a'],
  ['session', 'ses_1', 'ses_2'],
  ['clause', 'data-collection', 'remote-service'],
  ['kind', 'flow.delivered', 'flow.cut'],
  ['outcome', 'delivery', 'deny'],
  ['code', 'window_over', 'taken_away'],
  ['correlation', 'cor-1', 'cor-2'],
  ['text', 'VALVE leaking', 'valve broken'],
];

describe('a filter of evidence', () => {
  it.each(each)('asks for %s', (name, there, elsewhere) => {
    expect(fitsFilter(aRecord(), { [name]: there })).toBe(true);
    expect(fitsFilter(aRecord(), { [name]: elsewhere })).toBe(false);
  });

  it('asks for all of its members at once', () => {
    expect(fitsFilter(aRecord(), { resource: 'press-7', outcome: 'delivery' })).toBe(true);
    expect(fitsFilter(aRecord(), { resource: 'press-7', outcome: 'deny' })).toBe(false);
  });

  it('takes time as not before, and before', () => {
    expect([999, 1_000, 1_001].map((from) => fitsFilter(aRecord(), { from }))).toEqual([true, true, false]);
    expect([999, 1_000, 1_001].map((to) => fitsFilter(aRecord(), { to }))).toEqual([false, false, true]);
  });

  it('lets a value of one member be no other', () => {
    expect(fitsFilter(aRecord({ ticket: 'a', reason: 'kind flow' }), { kind: 'a' })).toBe(false);
    expect(labelsOf(aRecord({ region: id('outcome:deny') })).includes('outcome:deny')).toBe(false);
  });

  it('knows no site in a record of the broker, and takes a named one before the gateway', () => {
    expect(labelsOf(aRecord({ source: 'broker/grants' })).some((label) => label.startsWith('site:'))).toBe(false);
    expect(fitsFilter(aRecord({ site: id('hall-2') }), { site: 'plant-gateway' })).toBe(false);
  });

  it('finds nothing about what a record does not say', () => {
    const bare = aRecord({ resource: null, subject: null, region: null, correlation: null, clause: null });
    for (const filter of [{ resource: 'null' }, { region: 'null' }, { clause: 'undefined' }])
      expect(fitsFilter(bare, filter)).toBe(false);
  });
});

describe('facets', () => {
  it('count every value of the named labels, most frequent first', () => {
    const records = [aRecord(), aRecord(), aRecord({ outcome: 'cut', region: null })];
    expect(facetsOf(records, ['outcome', 'region'])).toEqual({
      outcome: [
        { value: 'delivery', count: 2 },
        { value: 'cut', count: 1 },
      ],
      region: [{ value: 'eu-1', count: 2 }],
    });
  });
});

describe('a record', () => {
  const said = { log: 'operator', kind: 'finding', outcome: 'finding', at: 1 } as const;

  it('keeps of a stranger’s words what every reader can show, and is found by them', () => {
    const reason = `Ventil undicht\u0000\u2028\u202e; ${'x'.repeat(600)}`;
    const record = evidenceOf('broker/grants', 'evd_1', { ...said, clause: 'a\nb\u00e9', reason });
    expect(record).toMatchObject({ clause: 'a?b?', source: 'broker/grants', approvers: [], grant: null });
    expect(record.reason).toHaveLength(500);
    expect(record.reason).toMatch(/^Ventil undicht {3}; x/);
    expect(fitsFilter(record, { text: 'undicht ventil' })).toBe(true);
  });

  it('says nothing of a reason that was not given', () => {
    expect('reason' in evidenceOf('broker/grants', 'evd_1', { ...said, reason: '' })).toBe(false);
  });
});
