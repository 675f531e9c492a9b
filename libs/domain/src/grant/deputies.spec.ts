import { describe, expect, it } from '@jest/globals';
import {
  agreementOf,
  approver,
  BUYER,
  digest,
  grantOf,
  HOUR,
  id,
  NOW,
  press7,
  remoteService,
  VENDOR,
} from '../../test/a-right.js';
import { takenAwayBy } from '../act/standing.js';
import type { Approver } from './approver.js';
import { covered } from './covered.js';
import { approversSaid } from './deputies.js';

const groups = [
  { group: id('maintenance'), persons: 1 },
  { group: id('safety'), persons: 1 },
];
const agreement = agreementOf({ terms: [{ ...remoteService, approvals: groups } as typeof remoteService] });
const [maintenance, safety] = [approver('fitter'), approver('officer', { groups: [id('safety')] })];
/** A colleague of no group of his own who stands in for the safety officer. */
const deputy = (over: Partial<Approver> = {}, seat = {}): Approver =>
  approver('deputy', {
    groups: [],
    deputyFor: [{ id: id('officer'), groups: [id('safety')], resources: [], ...seat }],
    ...over,
  });
const judged = (by: readonly Approver[], under = agreement, grant = grantOf()) => {
  const said = covered(grant, under, grant.requester, by, NOW);
  return said.allowed ? 'allowed' : said.refusal.code;
};

describe('a deputy', () => {
  it('fills the seat of whoever is away, and only in the groups that were lent', () => {
    expect(judged([maintenance, safety])).toBe('allowed');
    expect(judged([maintenance, deputy()])).toBe('allowed');
    expect(judged([maintenance, deputy({ deputyFor: [] })])).toBe('approvals_missing');
    expect(judged([maintenance, deputy({}, { groups: [id('maintenance')] })])).toBe('approvals_missing');
  });

  it('is one person, whoever else he stands for: his own yes and the one for another are one', () => {
    const both = deputy({ groups: [id('maintenance')] });
    expect(judged([both])).toBe('approvals_missing');
    expect(judged([both, both])).toBe('approvals_missing');
    const forTwo = deputy({
      deputyFor: ['officer', 'fitter'].map((name) => ({
        id: id(name),
        groups: [id('safety'), id('maintenance')],
        resources: [],
      })),
    });
    expect(judged([forTwo])).toBe('approvals_missing');
  });

  it('takes no seat of somebody who said yes himself, and two deputies of one person have one seat', () => {
    const two = agreementOf({
      terms: [{ ...remoteService, approvals: [{ group: id('safety'), persons: 2 }] } as typeof remoteService],
    });
    expect(judged([safety, deputy()], two)).toBe('approvals_missing');
    expect(judged([deputy(), deputy({ id: id('other-deputy') })], two)).toBe('approvals_missing');
    expect(judged([deputy(), approver('second', { groups: [id('safety')] })], two)).toBe('allowed');
  });

  it('says no yes over anything else than was lent, for somebody of another company, or for whoever acts', () => {
    expect(judged([maintenance, deputy({}, { resources: [press7.id] })])).toBe('allowed');
    expect(judged([maintenance, deputy({}, { resources: [id('press-8')] })])).toBe('approvals_missing');
    expect(judged([maintenance, deputy({ organisation: VENDOR })])).toBe('approvals_missing');
    expect(judged([maintenance, deputy({ guest: true })])).toBe('approvals_missing');
    const house = agreementOf({ house: true, parties: agreement.parties.slice(1), terms: agreement.terms });
    const asks = { organisation: BUYER, id: id('operator') };
    const own = (who: string) =>
      grantOf({ requester: asks, subjects: [{ organisation: BUYER, kind: 'person', id: id(who) }] });
    expect(judged([maintenance, deputy()], house, own('operator'))).toBe('allowed');
    expect(judged([maintenance, deputy()], house, own('officer'))).toBe('approvals_missing');
  });

  it('falls with whoever was replaced, and stands with both names in a record', () => {
    const use = {
      ...{ agreement, grant: grantOf(), delegations: [], subject: grantOf().subjects[0]!, session: null, keys: [] },
      approvers: [maintenance, deputy()],
    };
    const revoked = (name: string, organisation = BUYER) =>
      takenAwayBy(
        [
          {
            act: {
              ...{ typ: 'act', v: 1, verb: 'revoke', organisation, agreementId: agreement.id, reason: '', lifts: null },
              ...{ target: { kind: 'person', id: id(name) }, sequence: 1, previous: null, issuedAt: NOW - HOUR },
            },
            digest: digest('act'),
            signers: [organisation],
          },
        ],
        use,
        NOW,
      ) !== undefined;
    expect([revoked('deputy'), revoked('officer'), revoked('nobody'), revoked('officer', VENDOR)]).toEqual([
      ...[true, true, false, false],
    ]);
    expect(approversSaid(use.approvers)).toEqual({
      approvers: ['fitter', 'deputy'],
      deputies: [{ id: 'deputy', for: 'officer' }],
    });
    expect(approversSaid([maintenance])).toEqual({ approvers: ['fitter'] });
  });
});
