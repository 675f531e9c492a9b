import { describe, expect, it } from '@jest/globals';
import {
  agreementOf,
  BUYER,
  digest,
  grantOf,
  HOUR,
  held,
  id,
  NOW,
  narrowed,
  press7,
  twoApprovers,
  VENDOR,
} from '../../test/a-right.js';
import type { HeldAct } from '../act/standing.js';
import type { Act, Delegation, Grant } from '../documents/right.js';
import type { GrantId } from '../names.js';
import { whoCanReach } from './reach.js';

const person = (name: string) => ({ organisation: VENDOR, kind: 'person' as const, id: id(name) });
const grant = (over: Partial<Grant> = {}) =>
  grantOf({ subjects: [person('technician'), person('fitter')], issuedAt: NOW - HOUR, ...over });
const handed = (over: Partial<Delegation> = {}) => ({
  document: {
    ...grant(),
    typ: 'delegation' as const,
    id: 'grt_2' as GrantId,
    requester: { organisation: VENDOR, id: id('technician') },
    subjects: [person('colleague')],
    parent: digest('grant'),
    uses: null,
    reason: 'holiday',
    ...over,
  },
  digest: digest('delegation'),
});
const right = (acts: readonly HeldAct[] = [], delegations: ReturnType<typeof handed>[] = [], over = {}) => ({
  agreement: agreementOf(),
  agreementDigest: digest('agreement'),
  approvers: twoApprovers,
  grant: grant(over),
  delegations,
  acts,
});
const names = (held: ReturnType<typeof right>, at = NOW, resource = press7) =>
  whoCanReach(resource, [held], at).map(({ subject }) => subject.id);
const revoke = (target: Act['target'], over: Partial<Act> = {}) => held({ target, ...over }, target.id);

describe('who can reach a machine', () => {
  it('is every subject of a right that names it, with the chain it hangs on', () => {
    const found = whoCanReach(press7, [right(), right([], [handed()])], NOW);
    expect(found.map(({ subject, right: by }) => [subject.id, by])).toEqual([
      ['technician', 'grt_1'],
      ['fitter', 'grt_1'],
      ['colleague', 'grt_2'],
    ]);
    expect(found[2]?.chain).toEqual([
      { typ: 'grant', id: 'grt_1', requester: grant().requester },
      { typ: 'delegation', id: 'grt_2', requester: { organisation: VENDOR, id: 'technician' } },
    ]);
  });

  it('is nobody of a machine that one side struck, and by what is left of the services', () => {
    expect(names(right([narrowed({ strike: { resources: [press7] } })]))).toEqual([]);
    expect(names(right([narrowed({ strike: { clauses: ['data-collection'] } })]))).toHaveLength(2);
  });

  it('is nobody of another machine, before it was asked for, or outside any window of the chain', () => {
    expect(names(right(), NOW, { owner: BUYER, id: id('press-8') })).toEqual([]);
    expect(names(right(), NOW, { owner: VENDOR, id: press7.id })).toEqual([]);
    const [span] = grant().windows;
    expect(names(right(), (span?.to ?? 0) - 1)).toHaveLength(2);
    expect(names(right(), span?.to ?? 0)).toEqual([]);
    expect(names(right([], [], { issuedAt: NOW + 1 }))).toEqual([]);
    expect(names(right([], [handed({ windows: [{ from: NOW + 1, to: NOW + 2 }] })]))).toEqual([]);
    expect(names(right([], [handed({ resources: [] })]))).toEqual([]);
    const over = { ...right(), agreement: agreementOf({ endsAt: NOW }) };
    expect(names(over)).toEqual([]);
  });

  it('is as it was at that instant: an act counts from when it was issued', () => {
    const cut = [revoke({ kind: 'grant', id: 'grt_1' as GrantId }, { issuedAt: NOW })];
    expect(names(right(cut), NOW - 1)).toEqual(['technician', 'fitter']);
    expect(names(right(cut))).toEqual([]);
    expect(names(right(cut, [handed()]))).toEqual([]);
  });

  it('is without a person whose own company took him out, and without whom he handed it on to', () => {
    const gone = [revoke({ kind: 'person', id: id('technician') }, { organisation: VENDOR, issuedAt: NOW })];
    const askedByAnother = { requester: { organisation: VENDOR, id: id('planner') } };
    expect(names(right(gone, [], askedByAnother))).toEqual(['fitter']);
    expect(names(right(gone))).toEqual([]);
    expect(names(right(gone, [handed()]))).toEqual([]);
  });
});
