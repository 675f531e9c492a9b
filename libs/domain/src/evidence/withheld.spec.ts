import { describe, expect, it } from '@jest/globals';
import type { Digest, LocalId, OrganisationId } from '../names.js';
import { type EvidenceRecord, evidenceOf } from './record.js';
import {
  asLogged,
  closedMembers,
  couldFit,
  ownAsDeclared,
  ownIn,
  personalIn,
  saysWhatItWithholds,
} from './withheld.js';

const id = (text: string) => text as LocalId;
const vendor = 'alpine-presses.example' as OrganisationId;
const digest = 'sha256:x' as Digest;
const record = (more: Partial<EvidenceRecord> = {}): EvidenceRecord =>
  evidenceOf('broker/grants', 'evd_1', {
    ...{ log: 'operator', kind: 'session.opened', outcome: 'allow', at: 1_000, ticket: 'INC-1' },
    subject: { organisation: vendor, kind: 'person', id: id('technician') },
    deputies: [{ id: id('shift-lead'), for: id('plant-engineer') }],
    ...{ approvers: [id('shift-lead')], delegators: [{ organisation: vendor, id: id('deputy') }], reason: 'a leak' },
    ...more,
  });
const all = { subject: digest, approvers: digest, deputies: digest, delegators: digest, reason: digest };

describe('what a record says of persons', () => {
  it('is who acted, who approved, who handed the right on, and anybody’s own words', () => {
    const members = ['subject', 'approvers', 'deputies', 'delegators', 'reason'];
    expect(personalIn(record()).map(([member]) => member)).toEqual(members);
  });

  it('is nothing where a machine or a workload acted, and nobody approved or wrote', () => {
    const bare = { approvers: [], deputies: undefined, delegators: undefined, reason: '' };
    for (const kind of ['machine', 'workload'] as const)
      expect(personalIn(record({ ...bare, subject: { organisation: vendor, kind, id: id('press-7') } }))).toEqual([]);
  });

  it('is not in the record as its log holds it, and everything else is', () => {
    const open = record({ withheld: all });
    const logged = asLogged(open);
    for (const name of ['technician', 'shift-lead', 'plant-engineer', 'deputy', 'leak'])
      expect(JSON.stringify(logged)).not.toContain(name);
    expect(logged).toEqual({
      ...record({ subject: null, approvers: [] }),
      deputies: undefined,
      delegators: undefined,
      reason: undefined,
      withheld: all,
    });
    expect(asLogged(logged)).toEqual(logged);
    expect(asLogged(record())).toEqual(record());
  });

  it('stays where only another member is withheld', () => {
    const logged = asLogged(record({ withheld: { approvers: digest } }));
    expect(logged).toEqual({ ...record({ withheld: { approvers: digest } }), approvers: [] });
  });

  it('is closed where it was withheld and not opened', () => {
    expect(closedMembers(record({ withheld: all }))).toEqual([]);
    expect(closedMembers(asLogged(record({ withheld: all })))).toEqual(Object.keys(all));
    expect(closedMembers(asLogged(record({ withheld: { reason: digest } })))).toEqual(['reason']);
  });
});

describe('whether a closed record could answer a question', () => {
  const closed = asLogged(record({ withheld: all, resource: { owner: vendor, id: id('press-7') } }));
  it.each([
    [{ subject: 'anybody' }, true],
    [{ approver: 'anybody' }, true],
    [{ organisation: 'any.example' }, true],
    [{ text: 'any words' }, true],
    [{ subject: 'anybody', resource: 'press-7' }, true],
    [{ subject: 'anybody', resource: 'press-8' }, false],
    [{ ticket: 'INC-2' }, false],
    [{ resource: 'press-7' }, false],
    [{ subject: 'anybody', from: 1_001 }, false],
    [{ subject: 'anybody', to: 1_000 }, false],
  ])('%j: %s', (filter, could) => {
    expect(couldFit(closed, filter)).toBe(could);
  });

  it('cannot be said where everything is open: then it fits or does not', () => {
    expect(couldFit(record({ withheld: all }), { subject: 'anybody' })).toBe(false);
  });
});

describe('what one company keeps from the other', () => {
  const buyer = 'delta-foods.example' as OrganisationId;
  const own = { internalReason: 'somebody is inside', internalTicket: 'M-17', explanation: 'embargo_blocked' };
  const kept = { internalReason: digest, internalTicket: digest, explanation: digest };
  const denial = (more: Partial<EvidenceRecord> = {}) =>
    record({ kind: 'grant.refused', organisation: buyer, belongsTo: buyer, internalReason: 'no', ...more });

  it('is not in the record as its log holds it, member by member, and is closed to whoever does not hold what opens it', () => {
    const open = record({ ...own, belongsTo: buyer });
    expect(ownIn(open).map(([member]) => member)).toEqual(Object.keys(own));
    for (const member of Object.keys(own)) {
      const logged = asLogged({ ...open, withheld: { [member]: digest } });
      expect(ownIn(logged).map(([name]) => name)).toEqual(Object.keys(own).filter((name) => name !== member));
      expect(closedMembers(logged)).toEqual([member]);
      expect(saysWhatItWithholds(logged)).toBe(false);
      expect(saysWhatItWithholds({ ...open, withheld: { [member]: digest } })).toBe(true);
    }
    expect(JSON.stringify(asLogged({ ...open, withheld: kept }))).not.toMatch(/inside|M-17|embargo/);
  });

  it('finds nothing, nor may it be what a question is about', () => {
    const closed = asLogged(record({ ...own, belongsTo: buyer, withheld: kept }));
    expect(couldFit(closed, { text: 'inside' })).toBe(false);
  });

  it('is declared: which kind may keep it, and for whom', () => {
    expect(ownAsDeclared(record())).toBe(true);
    expect(ownAsDeclared(denial())).toBe(true);
    expect(ownAsDeclared(asLogged(denial({ withheld: { internalReason: digest } })))).toBe(true);
    const wrong: Partial<EvidenceRecord>[] = [
      { belongsTo: vendor },
      { kind: 'session.opened' },
      { explanation: 'not of this kind' },
      { internalReason: undefined as never },
    ];
    for (const more of wrong) expect(ownAsDeclared(denial(more))).toBe(false);
    const { belongsTo: _, ...nobodys } = denial();
    expect(ownAsDeclared(nobodys)).toBe(false);
    const decision = { kind: 'decision.given' as const, organisation: buyer, explanation: 'embargo_blocked' };
    expect(ownAsDeclared(record({ ...decision, belongsTo: vendor }))).toBe(true);
    expect(ownAsDeclared(record(decision))).toBe(false);
  });
});
