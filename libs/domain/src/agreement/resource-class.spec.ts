import { describe, expect, it } from '@jest/globals';
import {
  agreementOf,
  approver,
  BUYER,
  grantOf,
  id,
  NOW,
  offline,
  press7,
  remoteService,
  technician,
  twoApprovers,
  VENDOR,
} from '../../test/a-right.js';
import type { Agreement, Term } from '../documents/agreement.js';
import { covered } from '../grant/covered.js';
import { offlineMode } from '../session/ends.js';
import { compareVersions } from '../term/order.js';
import { termWords } from '../term/term-table.js';
import { activate } from './activate.js';
import { tooFewForClass } from './resource-class.js';

const critical: Term = { type: 'resource-class', class: 'critical', approvals: 3, mode: 'closed' };
const press = (cls: 'standard' | 'critical') => ({ ...press7, class: cls, services: [id('ssh')] });
const agreed = (over: Partial<Agreement> = {}) =>
  agreementOf({ resources: [press('critical')], terms: [remoteService, critical], ...over });
const third = approver('third-approver', { groups: [id('safety')] });
const judge = (agreement: Agreement, approvers: typeof twoApprovers) =>
  covered(grantOf(), agreement, technician, approvers, NOW);
const tooFew = { allowed: false, refusal: { code: 'approvals_missing', clause: 'resource-class critical' } };

describe('the class of a resource', () => {
  it('asks for its own number of persons, whatever the clause lets pass', () => {
    expect(judge(agreed(), twoApprovers)).toEqual(tooFew);
    expect(judge(agreed(), [...twoApprovers, third])).toMatchObject({ allowed: true });
    expect(judge(agreed({ resources: [press('standard')] }), twoApprovers)).toMatchObject({ allowed: true });
  });

  it.each([
    ['one person twice', { ...twoApprovers[0]! }],
    ['a guest', { ...third, guest: true }],
    ['somebody of the other side', { ...third, organisation: VENDOR }],
  ])('does not count %s', (_, more) => expect(judge(agreed(), [...twoApprovers, more])).toEqual(tooFew));

  it('of several resources the most demanding decides', () => {
    const press8 = { ...press('standard'), id: id('press-8') };
    const agreement = agreed({ resources: [press8, press('critical')] });
    expect(tooFewForClass([press8], agreement, BUYER, [])).toBeUndefined();
    expect(tooFewForClass([press8, press7], agreement, BUYER, twoApprovers)).toBe('critical');
  });

  it('has an offline mode, for every kind of use', () => {
    const goesOn = agreed({ terms: [remoteService, { ...critical, mode: 'static' }] });
    expect(offlineMode(goesOn, grantOf(), press7)).toBe('static');
    expect(offlineMode(goesOn, grantOf({ kind: 'machine-to-machine' }), press7)).toBe('static');
    expect(offlineMode(agreed(), grantOf(), press7)).toBe('closed');
    const other = { ...offline, class: 'critical' } as Term;
    expect(activate(agreed({ terms: [remoteService, critical, other] }), NOW)).toMatchObject({
      refusal: { code: 'agreement_incoherent', clause: 'resource-class' },
    });
    expect(activate(agreed({ terms: [remoteService, critical, offline] }), NOW)).toMatchObject({ allowed: true });
  });

  it('asks for more persons by the word of one side alone, and for anything else by both', () => {
    const becomes = (terms: readonly Term[]) => compareVersions(agreed(), agreed({ terms: [remoteService, ...terms] }));
    const at = 'term resource-class critical';
    expect(becomes([{ ...critical, approvals: 4 } as Term])).toEqual([{ at, effect: 'narrower' }]);
    expect(becomes([{ ...critical, approvals: 2 } as Term])).toEqual([{ at, effect: 'wider' }]);
    expect(becomes([{ ...critical, mode: 'static' } as Term])).toEqual([{ at, effect: 'both' }]);
    expect(becomes([])).toEqual([{ at, effect: 'both' }]);
  });

  it('is said in plain words', () =>
    expect(termWords(critical)).toBe(
      'critical resources: at least 3 of the owner approve every use; when the broker is lost, it ends',
    ));
});
