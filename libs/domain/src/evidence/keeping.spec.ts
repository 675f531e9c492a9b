import { describe, expect, it } from '@jest/globals';
import type { LocalId, OrganisationId } from '../names.js';
import { mayErase, membersTellingOf } from './keeping.js';
import { type EvidenceRecord, evidenceOf } from './record.js';

const kept = { since: 1_000, retentionSeconds: 60, heldBy: [] };

describe('what a record tells of persons', () => {
  it('may be erased once the retention that both signed is over, and not a moment before', () => {
    expect(mayErase(kept, 60_999)).toMatchObject({ refusal: { code: 'retention_runs' } });
    expect(mayErase(kept, 61_000)).toMatchObject({ allowed: true });
  });

  it('is kept where the agreement says nothing of it', () => {
    expect(mayErase({ ...kept, retentionSeconds: null }, 1e15)).toMatchObject({ refusal: { code: 'retention_runs' } });
  });

  it('is kept while one company holds it, whatever the rule says', () => {
    const heldBy = ['alpine-presses.example' as OrganisationId];
    expect(mayErase({ ...kept, heldBy }, 1e15)).toMatchObject({ refusal: { code: 'on_hold' } });
  });
});

describe('what a record tells of one person', () => {
  const vendor = 'alpine-presses.example' as OrganisationId;
  const buyer = 'delta-foods.example' as OrganisationId;
  const anna = 'anna' as LocalId;
  const of = (organisation: OrganisationId, more: Partial<EvidenceRecord>) =>
    membersTellingOf(
      evidenceOf('broker/grants', 'evd_1', {
        ...{ log: 'operator', kind: 'session.opened', outcome: 'allow', at: 1, organisation: buyer },
        resource: { owner: buyer, id: 'press-7' as LocalId },
        ...more,
      }),
      { organisation, id: anna },
    );
  const subject = { organisation: vendor, kind: 'person' as const, id: anna };

  it('is that the person acted, approved or handed a right on, and the words that go with it', () => {
    expect(of(vendor, { subject, reason: 'a leak' })).toEqual(['subject', 'reason']);
    expect(of(buyer, { approvers: [anna], reason: 'a leak' })).toEqual(['approvers', 'reason']);
    expect(of(vendor, { delegators: [{ organisation: vendor, id: anna }] })).toEqual(['delegators']);
    const replaced = { deputies: [{ id: 'ben' as LocalId, for: anna }] };
    expect([of(buyer, replaced), of(vendor, replaced)]).toEqual([['deputies'], []]);
    expect(of(buyer, { reason: 'anna: a leak' })).toEqual(['reason']);
    expect(of(vendor, { subject: { ...subject, id: 'anna-2' as LocalId }, reason: 'a leak' })).toEqual([]);
  });

  it('is nothing where a machine, or a person of the other company, has the same name', () => {
    expect(of(buyer, { subject })).toEqual([]);
    expect(of(vendor, { subject: { ...subject, kind: 'machine' } })).toEqual([]);
    expect(of(buyer, { delegators: [{ organisation: vendor, id: anna }] })).toEqual([]);
    expect(of(vendor, { approvers: [anna] })).toEqual([]);
    expect(of(vendor, { reason: 'anna: a leak' })).toEqual([]);
  });

  it('counts an approver to the company whose yes or no a record is, whoever owns the machine', () => {
    const no = { kind: 'grant.refused' as const, organisation: vendor, approvers: [anna] };
    expect([of(vendor, no), of(buyer, no)]).toEqual([['approvers'], []]);
  });
});
