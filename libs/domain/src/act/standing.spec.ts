import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  agreementOf,
  BUYER,
  digest,
  grantOf,
  HOUR,
  held,
  id,
  key,
  NOW,
  OTHER,
  session,
  VENDOR,
} from '../../test/a-right.js';
import type { Act, ActTarget } from '../documents/right.js';
import type { AgreementId, GrantId, OrganisationId, SessionId } from '../names.js';
import { endOfNotice, type HeldAct, liftedBy, locksOut, takenAwayBy, type Use } from './standing.js';

const notice = { type: 'notice', terminateSeconds: 3_600 } as const;
const agreement = agreementOf({ terms: [notice] });
const use: Use = {
  agreement,
  grant: grantOf(),
  delegations: [],
  subject: { organisation: VENDOR, kind: 'person', id: id('technician') },
  session,
  approvers: [{ organisation: BUYER, id: id('first-approver') }],
  keys: [
    { organisation: VENDOR, thumbprint: key('leaf') },
    { organisation: BUYER, thumbprint: key('approver') },
  ],
};
const takes = (acts: readonly HeldAct[], of: Use = use, now = NOW) => takenAwayBy(acts, of, now) !== undefined;
const whole: ActTarget = { kind: 'agreement', id: 'agr_1' as AgreementId };
const suspend = (name = 'suspension', over: Partial<Act> = {}) =>
  held({ verb: 'suspend', target: whole, ...over }, name);
const resume = (lifts: string, signers = [BUYER, VENDOR], over: Partial<Act> = {}) =>
  held({ verb: 'resume', target: whole, lifts: digest(lifts), ...over }, `resume of ${lifts}`, signers);

describe('an order to lock a gateway out', () => {
  const gateway = { organisation: BUYER, id: id('plant-gateway') };
  const order = (over: Partial<Act> = {}) =>
    held({ verb: 'suspend', organisation: BUYER, target: { kind: 'gateway', id: gateway.id }, ...over }).act;
  it.each<[string, Partial<Act>, boolean]>([
    ['its own company', {}, true],
    ['the partner', { organisation: VENDOR }, false],
    ['its own company, for another gateway', { target: { kind: 'gateway', id: id('other-gateway') } }, false],
    ['its own company, for a machine of its name', { target: { kind: 'machine', id: gateway.id } }, false],
    ['its own company, as a revocation', { verb: 'revoke' }, false],
  ])('of %s', (_, over, locks) => expect(locksOut(order(over), gateway)).toBe(locks));

  it('takes no right away by itself: that is for the gateway, and for the hand that lifts it', () => {
    expect(takes([held({ verb: 'suspend', target: { kind: 'gateway', id: gateway.id } })])).toBe(false);
    expect(takes([held({ target: { kind: 'gateway', id: gateway.id } })])).toBe(false);
  });
});

describe('who asked for a right and who said yes to it', () => {
  it.each<[string, string, ActTarget, boolean]>([
    ['the requester', VENDOR, { kind: 'person', id: id('technician') }, true],
    ['an approver', BUYER, { kind: 'person', id: id('first-approver') }, true],
    ['a person of the partner by an approver’s name', VENDOR, { kind: 'person', id: id('first-approver') }, false],
    ['a machine by an approver’s name', BUYER, { kind: 'machine', id: id('first-approver') }, false],
    ['somebody who did neither', BUYER, { kind: 'person', id: id('second-approver') }, false],
  ])('take it along when they go: %s of %s', (_, organisation, target, reaches) => {
    const of = { ...use, subject: { ...use.subject, id: id('colleague') } };
    expect(takes([held({ target, organisation: organisation as typeof VENDOR })], of)).toBe(reaches);
  });
});

describe('a delegated right', () => {
  // Who handed it on did not ask for the grant.
  const handed = { document: { id: 'grt_2' as GrantId, requester: { organisation: VENDOR, id: id('deputy') } } };
  const of: Use = {
    ...use,
    delegations: [handed] as unknown as Use['delegations'],
    subject: { ...use.subject, id: id('colleague') },
  };
  it.each<[string, ActTarget, boolean]>([
    ['of the grant it hangs on', { kind: 'grant', id: 'grt_1' as GrantId }, true],
    ['of itself', { kind: 'grant', id: 'grt_2' as GrantId }, true],
    ['of another delegation', { kind: 'grant', id: 'grt_3' as GrantId }, false],
    ['of the delegator', { kind: 'person', id: id('deputy') }, true],
    ['of who asked for the grant', { kind: 'person', id: id('technician') }, true],
    ['of the delegate', { kind: 'person', id: id('colleague') }, true],
    ['of somebody else', { kind: 'person', id: id('fitter') }, false],
    ['of a machine of the delegator’s name', { kind: 'machine', id: id('deputy') }, false],
  ])('dies by a revocation %s', (_, target, reaches) => {
    expect(takes([held({ target, organisation: VENDOR })], of)).toBe(reaches);
    if (target.kind !== 'grant') expect(takes([held({ target, organisation: BUYER })], of)).toBe(false);
  });
});

describe('a revocation', () => {
  it.each<[string, ActTarget, boolean]>([
    ['of this grant', { kind: 'grant', id: 'grt_1' as GrantId }, true],
    ['of another grant', { kind: 'grant', id: 'grt_2' as GrantId }, false],
    ['of this session', { kind: 'session', id: session }, true],
    ['of another session', { kind: 'session', id: 'ses_2' as SessionId }, false],
    ['of the agreement', whole, true],
    ['of another agreement', { kind: 'agreement', id: 'agr_2' as AgreementId }, false],
  ])('%s by either party', (_, target, reaches) => {
    for (const organisation of [BUYER, VENDOR]) expect(takes([held({ target, organisation })])).toBe(reaches);
  });

  it.each(['person', 'machine', 'workload'] as const)(
    'of a %s reaches only its own company, its kind and its name',
    (kind) => {
      const of = { ...use, subject: { ...use.subject, kind, id: id('loader') } };
      const target = { kind, id: id('loader') };
      expect(takes([held({ target, organisation: VENDOR })], of)).toBe(true);
      expect(takes([held({ target, organisation: BUYER })], of)).toBe(false);
      expect(takes([held({ target: { kind, id: id('colleague') }, organisation: VENDOR })], of)).toBe(false);
      const others = (['person', 'machine', 'workload'] as const).filter((one) => one !== kind);
      for (const other of others)
        expect(takes([held({ target: { kind: other, id: id('loader') }, organisation: VENDOR })], of)).toBe(false);
    },
  );

  it('of a key reaches every use that rests on it, if it is the own one', () => {
    const of = (thumbprint: string, organisation: typeof BUYER) =>
      takes([held({ target: { kind: 'key', id: key(thumbprint) }, organisation })]);
    expect(of('leaf', VENDOR)).toBe(true);
    expect(of('approver', BUYER)).toBe(true);
    expect(of('leaf', BUYER)).toBe(false);
    expect(of('approver', VENDOR)).toBe(false);
    expect(of('unused', BUYER)).toBe(false);
  });

  it('is nobody’s but a party’s, and of this agreement', () => {
    expect(takes([held({ organisation: OTHER })])).toBe(false);
    expect(takes([held({ agreementId: 'agr_2' as AgreementId })])).toBe(false);
  });

  it('does not care about numbers, order, gaps or repeats (property)', () => {
    const acts = [
      held(),
      held({ target: { kind: 'grant', id: 'grt_2' as GrantId } }, 'other'),
      suspend(),
      resume('suspension'),
    ];
    const shuffled = fc.shuffledSubarray(acts, { minLength: 1 });
    fc.assert(
      fc.property(shuffled, fc.nat(), (some, sequence) => {
        const again = [...some, ...some].map((one) => ({ ...one, act: { ...one.act, sequence } }));
        const has = (one: HeldAct | undefined) => some.includes(one as HeldAct);
        const expected = has(acts[0]) || (has(acts[2]) && !has(acts[3]));
        expect(takes(again)).toBe(expected);
      }),
    );
  });

  it('is never lifted: a resume lifts suspensions only', () => {
    expect(takes([held(), resume('act')])).toBe(true);
    expect(liftedBy(held(), [resume('act')], agreement)).toBe(false);
  });
});

describe('a suspension', () => {
  it('of the agreement ends every use of it; of anything else it is no suspension', () => {
    expect(takes([suspend()])).toBe(true);
    expect(takes([suspend('other', { target: { kind: 'agreement', id: 'agr_2' as AgreementId } })])).toBe(false);
    expect(takes([suspend('grant', { target: { kind: 'grant', id: 'grt_1' as GrantId } })])).toBe(false);
  });

  it('is lifted by the resume that names it, signed by every party, and by no other', () => {
    expect(takes([suspend(), resume('suspension')])).toBe(false);
    expect(takes([suspend(), resume('suspension', [BUYER])])).toBe(true);
    expect(takes([suspend(), resume('suspension', [VENDOR])])).toBe(true);
    expect(takes([suspend(), resume('another')])).toBe(true);
    expect(takes([suspend(), resume('suspension', [BUYER, VENDOR], { agreementId: 'agr_2' as AgreementId })])).toBe(
      true,
    );
    expect(
      takes([
        suspend(),
        resume('suspension', [BUYER, VENDOR], { verb: 'revoke', target: { kind: 'grant', id: 'grt_2' as GrantId } }),
      ]),
    ).toBe(true);
  });

  it('is not lifted by a key that its own company took out of use, whichever came first', () => {
    const stolen = { organisation: BUYER, thumbprint: key('stolen') };
    const byKey = { ...resume('suspension'), keys: [{ ...stolen, organisation: VENDOR }, stolen] };
    const revoke = (organisation: OrganisationId, ended?: { how: 'retired'; since: number }) =>
      held({ organisation, target: { kind: 'key', id: stolen.thumbprint, ended } }, 'revocation');
    const other = held({ target: { kind: 'key', id: key('another') } }, 'revocation');
    expect(takes([suspend(), byKey])).toBe(false);
    expect(takes([suspend(), byKey, other])).toBe(false);
    for (const gone of [revoke(BUYER), revoke(BUYER, { how: 'retired', since: NOW + HOUR }), revoke(VENDOR)])
      expect([takes([suspend(), byKey, gone]), takes([gone, byKey, suspend()])]).toEqual([true, true]);
    const ofOthers = { ...byKey, keys: [stolen] };
    expect(takes([suspend(), ofOthers, revoke(VENDOR)])).toBe(false);
  });

  it('that came after a resume stands, whatever older resumes are played again', () => {
    expect(takes([suspend('first'), resume('first'), suspend('second'), resume('first')])).toBe(true);
    expect(takes([suspend('first'), resume('first'), suspend('second'), resume('second')])).toBe(false);
  });

  it('a resume by itself takes nothing away', () => expect(takes([resume('suspension')])).toBe(false));
});

describe('a termination', () => {
  const end = held({ verb: 'terminate', target: whole });
  it('takes effect when its notice is over, to the millisecond', () => {
    expect(endOfNotice(end, agreement)).toBe(NOW + HOUR);
    expect(takes([end], use, NOW + HOUR - 1)).toBe(false);
    expect(takes([end], use, NOW + HOUR)).toBe(true);
  });

  it('takes effect at once where no notice was agreed', () => {
    const without = agreementOf({ terms: [] });
    expect(takes([end], { ...use, agreement: without }, NOW)).toBe(true);
    expect(takes([end], { ...use, agreement: without }, NOW - 1)).toBe(false);
  });

  it('is of the whole agreement only', () => {
    const grant = held({ verb: 'terminate', target: { kind: 'grant', id: 'grt_1' as GrantId } });
    expect(takes([grant], use, NOW + 9 * HOUR)).toBe(false);
    const other = held({ verb: 'terminate', target: { kind: 'agreement', id: 'agr_2' as AgreementId } });
    expect(takes([other], use, NOW + 9 * HOUR)).toBe(false);
  });
});
