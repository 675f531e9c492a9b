import { describe, expect, it } from '@jest/globals';
import { agreementOf, BUYER, digest, grantOf, held, id, NOW, OTHER, press7, VENDOR } from '../../test/a-right.js';
import { memberListOf } from '../../test/annexes.js';
import { use, withdrawal } from '../../test/papers.js';
import type { HeldAct } from '../act/standing.js';
import type { HeldAnnex, MemberList } from '../documents/annex.js';
import type { Act, Delegation, Grant } from '../documents/right.js';
import type { AgreementId } from '../names.js';
import { beyondLists } from './membership.js';
import { whoCanReach } from './reach.js';
import { beyondStanding } from './under-standing.js';

const presses = digest('presses');
const experts = digest('experts');
const five = Array.from({ length: 500 }, (_, nth) => id(`press-${nth + 1}`));
const listOf = (over: Partial<MemberList> = {}, name = 'presses'): HeldAnnex<MemberList> =>
  memberListOf({ members: five, ...over }, name);
const pool = (members: readonly string[] = ['technician'], over: Partial<MemberList> = {}) =>
  listOf({ organisation: VENDOR, group: id('experts'), of: 'person', members: members.map(id), ...over }, 'experts');
const strike = (who: string, list = presses, over: Partial<Act> = {}): HeldAct =>
  held({ organisation: BUYER, target: { kind: 'member', id: id(who), list }, ...over }, `strikes ${who} ${list}`);
const codeOf = (said: ReturnType<typeof use>) => (said.allowed ? 'allowed' : said.refusal.code);
const refusalIn = (said: ReturnType<typeof beyondLists> | ReturnType<typeof beyondStanding>) =>
  said && !said.allowed ? said.refusal : undefined;
const opens = (
  lists: NonNullable<Grant['memberLists']>,
  annexes: readonly HeldAnnex[],
  acts: readonly HeldAct[] = [],
  more: object = {},
) => codeOf(use([], { grant: { memberLists: lists }, annexes, acts, ...more }));

describe('a grant that a member list bounds', () => {
  it('opens for what is on it, while the list is here', () => {
    expect(opens({ resources: presses }, [listOf()])).toBe('allowed');
    expect(opens({ resources: presses }, [])).toBe('membership_unknown');
    expect(opens({ resources: presses }, [listOf({}, 'another')])).toBe('membership_unknown');
    expect(opens({ resources: presses }, [listOf()], [withdrawal('presses')])).toBe('membership_unknown');
    const resources = [press7, { owner: BUYER, id: id('press-501') }];
    const agreement = agreementOf({ resources: resources.map((one) => ({ ...one, class: 'standard', services: [] })) });
    const [, later] = resources;
    const grant = { memberLists: { resources: presses }, resources: [later!] };
    expect(codeOf(use([], { agreement, annexes: [listOf()], grant }))).toBe('not_a_member');
  });

  it.each([
    ['of another organisation', { organisation: VENDOR }],
    ['of subjects', { of: 'machine' }],
    ['without it', { members: [id('press-8')] }],
  ] as const)('opens nothing by a list %s', (_what, over) => {
    expect(opens({ resources: presses }, [listOf(over as Partial<MemberList>)])).toBe('not_a_member');
  });

  it('is for the people on the pool of their own company', () => {
    expect(opens({ subjects: experts }, [pool()])).toBe('allowed');
    expect(opens({ subjects: experts }, [pool(['colleague'])])).toBe('not_a_member');
    expect(opens({ subjects: experts }, [pool(['technician'], { organisation: BUYER })])).toBe('not_a_member');
    expect(opens({ subjects: experts }, [pool(['technician'], { of: 'workload' })])).toBe('not_a_member');
    const out = (list: typeof experts, organisation: typeof OTHER) =>
      opens({ subjects: experts }, [pool()], [strike('technician', list, { organisation })]);
    expect([out(experts, VENDOR), out(experts, BUYER), out(presses, VENDOR)]).toEqual([
      'taken_away',
      'allowed',
      'allowed',
    ]);
    // One list does not stand in for the other.
    expect(opens({ resources: presses, subjects: experts }, [listOf()])).toBe('membership_unknown');
    expect(opens({ resources: presses, subjects: experts }, [listOf(), pool()])).toBe('allowed');
  });

  it('is handed on inside the pool alone, and dies with everybody through whose hands it came', () => {
    const { recurrence: _r, standingApproval: _s, memberLists: _m, dormant: _d, ...grant } = grantOf();
    const colleague = { organisation: VENDOR, kind: 'person' as const, id: id('colleague') };
    const document: Delegation = {
      ...{ ...grant, typ: 'delegation', parent: digest('grant'), uses: null, reason: 'holiday' },
      subjects: [colleague],
    };
    const delegations = [{ document, digest: digest('delegation') }];
    const by = (annexes: readonly HeldAnnex[], acts: readonly HeldAct[] = []) =>
      opens({ subjects: experts }, annexes, acts, { delegations });
    expect(by([pool(['technician', 'colleague'])])).toBe('allowed');
    expect(by([pool(['technician'])])).toBe('not_a_member');
    expect(by([pool(['colleague'])])).toBe('not_a_member');
    const struck = strike('technician', experts, { organisation: VENDOR });
    expect(by([pool(['technician', 'colleague'])], [struck])).toBe('taken_away');
  });
});

describe('a member that is struck', () => {
  it('is gone from every grant under that list, alone, by the word of its own organisation', () => {
    expect(opens({ resources: presses }, [listOf()], [strike('press-7')])).toBe('taken_away');
    expect(opens({ resources: presses }, [listOf()], [strike('press-8')])).toBe('allowed');
    expect(opens({ resources: presses }, [listOf()], [strike('press-7', experts)])).toBe('allowed');
    for (const organisation of [VENDOR, OTHER])
      expect(opens({ resources: presses }, [listOf()], [strike('press-7', presses, { organisation })])).toBe('allowed');
    const elsewhere = strike('press-7', presses, { agreementId: 'agr_2' as AgreementId });
    expect(opens({ resources: presses }, [listOf()], [elsewhere])).toBe('allowed');
    expect(codeOf(use([], { acts: [strike('press-7')] }))).toBe('allowed');
  });

  it('does not come back by a list that has it: who struck it and what was signed before stay as they are', () => {
    const again = listOf({ issuedAt: NOW + 1 });
    expect(opens({ resources: presses }, [again, listOf()], [strike('press-7')])).toBe('taken_away');
    // A later list is another document: both sign a grant under it, or it says nothing.
    const later = listOf({ issuedAt: NOW + 1 }, 'later');
    expect(opens({ resources: presses }, [listOf(), later], [strike('press-7')])).toBe('taken_away');
    expect(opens({ resources: digest('later') }, [listOf(), later], [strike('press-7')])).toBe('allowed');
  });

  it('reaches nothing any more in the answer who could', () => {
    const agreement = agreementOf();
    const grant = grantOf({ memberLists: { resources: presses } });
    const right = { agreement, agreementDigest: digest('agreement'), approvers: [], grant, delegations: [] };
    expect(whoCanReach(press7, [{ ...right, acts: [] }], NOW)).toHaveLength(1);
    expect(whoCanReach(press7, [{ ...right, acts: [strike('press-7')] }], NOW + 1)).toHaveLength(0);
    expect(whoCanReach(press7, [{ ...right, acts: [strike('press-8')] }], NOW + 1)).toHaveLength(1);
  });
});

describe('before anybody signs a grant under a list', () => {
  const papers = { agreement: agreementOf(), acts: [], annexes: [listOf(), pool()] };
  const all = five.map((one) => ({ owner: BUYER, id: one }));
  const codeBefore = (over: Partial<Grant>, acts: readonly HeldAct[] = []) =>
    refusalIn(beyondLists(grantOf(over), { ...papers, acts }))?.code;

  it('each of its machines and people is on it', () => {
    const lists = { resources: presses, subjects: experts };
    expect(codeBefore({ memberLists: lists, resources: all })).toBeUndefined();
    expect(codeBefore({ memberLists: lists, resources: all }, [strike('press-500')])).toBe('not_a_member');
    const more = [...all, { owner: BUYER, id: id('press-501') }];
    expect(codeBefore({ memberLists: lists, resources: more })).toBe('not_a_member');
    const guest = { organisation: VENDOR, kind: 'person' as const, id: id('somebody') };
    expect(codeBefore({ memberLists: lists, subjects: [...grantOf().subjects, guest] })).toBe('not_a_member');
    expect(codeBefore({ memberLists: { resources: digest('nothing') } })).toBe('membership_unknown');
    expect(codeBefore({ resources: more })).toBeUndefined();
  });

  it('a standing approval for a pool is used under that pool alone', () => {
    const { dormant: _, ...grant } = grantOf({ standingApproval: digest('standing') });
    const document = {
      ...{ ...grant, typ: 'standing-approval' as const, ticket: null, longestWindowSeconds: 86_400, uses: 2 },
      ...{ gateway: { id: id('plant'), key: 'key' as never }, memberLists: { subjects: experts } },
    };
    const under = (memberLists?: Grant['memberLists']) =>
      refusalIn(
        beyondStanding({ ...grant, ...(memberLists && { memberLists }) }, { document, digest: digest('standing') }),
      );
    const hall = { ...document, memberLists: { resources: presses } };
    expect(refusalIn(beyondStanding(grant, { document: hall, digest: digest('standing') }))).toMatchObject({
      clause: 'memberLists',
    });
    expect(under({ subjects: experts })).toBeUndefined();
    expect(under({ subjects: experts, resources: presses })).toBeUndefined();
    for (const lists of [undefined, { subjects: presses }, { resources: experts }])
      expect(under(lists)).toMatchObject({ code: 'standing_exceeded', clause: 'memberLists' });
  });
});
