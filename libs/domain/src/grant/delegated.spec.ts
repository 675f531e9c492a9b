import { describe, expect, it } from '@jest/globals';
import {
  agreementOf,
  approver,
  BUYER,
  DAY,
  digest,
  grantOf,
  HOUR,
  houseOf,
  id,
  NOW,
  OTHER,
  offline,
  press7,
  remoteService,
  twoApprovers,
  VENDOR,
} from '../../test/a-right.js';
import type { Term } from '../documents/agreement.js';
import type { Delegation, Right } from '../documents/right.js';
import type { GrantId, LocalId, OrganisationId } from '../names.js';
import { delegated, usedUp, widerPart } from './delegated.js';

const term: Term = { type: 'delegation', depth: 2, delegates: [VENDOR, OTHER], unapproved: [] };
const party = (organisation: OrganisationId) => ({
  organisation,
  role: 'third-party' as const,
  root: '' as never,
  entity: digest(organisation),
});
const agreement = agreementOf({ terms: [remoteService, offline, term] });
const broughtIn: Term = {
  type: 'third-party',
  party: OTHER,
  broughtBy: VENDOR,
  kinds: ['remote-service'],
  resources: [press7],
  actions: [id('ssh')],
  purposes: [id('repair')],
  longestWindowSeconds: 2 * 3_600,
};
const withThird = agreementOf({
  parties: [...agreement.parties, party(OTHER)],
  terms: [...agreement.terms, broughtIn],
});
const person = (name: string, organisation = VENDOR) => ({ organisation, kind: 'person' as const, id: id(name) });

const delegationOf = (over: Partial<Delegation> = {}): Delegation => ({
  ...grantOf(),
  typ: 'delegation',
  id: 'grt_2' as GrantId,
  parent: digest('grant'),
  uses: null,
  reason: 'holiday',
  subjects: [person('colleague')],
  ...over,
});
const judge = (
  over: Partial<Delegation> = {},
  above: readonly [Right, ...Right[]] = [grantOf()],
  under = agreement,
  by = twoApprovers,
) => {
  const said = delegated(delegationOf(over), above, under, by, NOW);
  return said.allowed ? 'allowed' : said.refusal.code;
};

describe('a delegation', () => {
  it('is the same right in other hands, approved by the owner as a grant is', () => {
    expect(judge()).toBe('allowed');
    expect(judge({}, undefined, agreement, twoApprovers.slice(1))).toBe('approvals_missing');
  });

  it.each([
    [
      'of somebody who is no subject of the parent',
      { requester: { organisation: VENDOR, id: id('colleague') }, subjects: [person('third')] },
      'delegator_not_subject',
    ],
    [
      'of a namesake at another company',
      { requester: { organisation: BUYER, id: id('technician') } },
      'delegator_not_subject',
    ],
    ['to a company that is no party', { subjects: [person('expert', OTHER)] }, 'not_a_party'],
    ['to a machine', { subjects: [{ ...person('robot'), kind: 'machine' as const }] }, 'delegate_not_agreed'],
    ['to the delegator himself', { subjects: [person('colleague'), person('technician')] }, 'delegate_not_agreed'],
    [
      'to persons of two companies',
      { subjects: [person('colleague'), person('expert', OTHER)] },
      'delegate_not_agreed',
    ],
    ['to nobody', { subjects: [] }, 'not_a_party'],
    ['of another kind', { kind: 'machine-to-machine' as const }, 'delegation_not_agreed'],
    ['for another purpose', { purpose: id('training') }, 'delegation_wider'],
    ['for another ticket', { ticket: 'INC-9999' }, 'delegation_wider'],
    ['under another version', { agreement: digest('older') }, 'delegation_wider'],
    ['on one more machine', { resources: [press7, { owner: BUYER, id: id('press-8') }] }, 'delegation_wider'],
    ['on no machine', { resources: [] }, 'delegation_wider'],
    ['for one more service', { actions: [id('ssh'), id('vnc')] }, 'delegation_wider'],
    ['for no service', { actions: [] }, 'delegation_wider'],
    ['a millisecond early', { windows: [{ from: NOW - HOUR - 1, to: NOW }] }, 'delegation_wider'],
    ['a millisecond late', { windows: [{ from: NOW, to: NOW + HOUR + 1 }] }, 'delegation_wider'],
    ['with an empty window', { windows: [{ from: NOW, to: NOW }] }, 'delegation_wider'],
    ['with no window', { windows: [] }, 'delegation_wider'],
  ])('%s is refused', (_why, over, code) => expect(judge(over)).toBe(code));

  it('may go to a pool of experts of a third party where the agreement names it, and not to the owner’s own people', () => {
    const pool = { subjects: [person('expert-1', OTHER), person('expert-2', OTHER)] };
    expect(judge(pool, undefined, withThird)).toBe('allowed');
    // A guest of the agreement is handed no more than it was brought in for.
    const shorter = { ...broughtIn, longestWindowSeconds: 3_600 };
    expect(judge(pool, undefined, { ...withThird, terms: [...agreement.terms, shorter] })).toBe(
      'third_party_not_agreed',
    );
    expect(judge({ subjects: [person('operator', BUYER)] }, undefined, withThird)).toBe('delegate_not_agreed');
    const all = { ...term, delegates: [VENDOR, BUYER] } as Term;
    expect(
      judge({ subjects: [person('operator', BUYER)] }, undefined, agreementOf({ terms: [remoteService, all] })),
    ).toBe('same_side');
  });

  it('may be of some functions of what the parent allows, never of more', () => {
    const whole = grantOf({ actions: [id('modbus')] });
    const some = grantOf({ actions: [id('modbus:read')] });
    expect(judge({ actions: [id('modbus:read')] }, [whole])).toBe('allowed');
    expect(judge({ actions: [id('modbus')] }, [some])).toBe('delegation_wider');
  });

  it('needs a term, and goes no deeper than it says', () => {
    expect(judge({}, undefined, agreementOf({ terms: [remoteService] }))).toBe('delegation_not_agreed');
    const second = delegationOf({ id: 'grt_3' as GrantId });
    const third = { requester: { organisation: VENDOR, id: id('colleague') }, subjects: [person('deputy')] };
    expect(judge(third, [grantOf(), second])).toBe('allowed');
    const deeper = { ...second, id: 'grt_4' as GrantId };
    expect(judge(third, [grantOf(), second, deeper])).toBe('delegation_too_deep');
  });

  it('is of remote service alone: what a machine may do was agreed for that machine', () => {
    const calls: Term = { ...remoteService, type: 'machine-to-machine' } as Term;
    const under = agreementOf({ terms: [remoteService, calls, term] });
    const kind = { kind: 'machine-to-machine' } as const;
    expect(judge(kind, [grantOf(kind)], under)).toBe('delegation_not_agreed');
  });

  it('needs no approval where the agreement frees the class of every resource, and approvers who are not party to it', () => {
    const free = agreementOf({ terms: [remoteService, { ...term, unapproved: ['standard'] } as Term] });
    expect(judge({}, undefined, free, [])).toBe('allowed');
    const critical = agreementOf({ ...free, resources: [{ ...press7, class: 'critical', services: [id('ssh')] }] });
    expect(judge({}, undefined, critical, [])).toBe('approvals_missing');
    const cls = { type: 'resource-class', class: 'standard', approvals: 1, mode: 'static' } as Term;
    expect(judge({}, undefined, agreementOf({ terms: [...free.terms, cls] }), [])).toBe('approvals_missing');
  });

  it('counts for the class of a resource nobody who is party to it, and no yes out of hours', () => {
    const cls = { type: 'resource-class', class: 'standard', approvals: 1, mode: 'static' } as Term;
    const free = (delegates: readonly OrganisationId[]) =>
      [remoteService, { ...term, delegates, unapproved: ['standard'] }, cls] as Term[];
    const asleep = approver('first-approver', { hours: [{ from: NOW - DAY, to: NOW - 2 * HOUR }] });
    expect(judge({}, undefined, agreementOf({ terms: free([VENDOR]) }), [asleep])).toBe('approval_out_of_hours');
    const [asker, other] = [person('approver', BUYER), person('colleague', BUYER)];
    const requester = { organisation: BUYER, id: asker.id };
    const inHouse = (by: string) => {
      const above = grantOf({ requester, subjects: [asker] });
      const house = houseOf(BUYER, { terms: free([BUYER]) });
      return judge({ requester, subjects: [other] }, [above], house, [approver(by)]);
    };
    expect(['approver', 'colleague', 'somebody-else'].map(inHouse)).toEqual([
      'approver_is_party_to_request',
      'approver_is_party_to_request',
      'allowed',
    ]);
  });

  it('has no more uses than what it hangs on, and a use of it is a use of that', () => {
    const limited = delegationOf({ uses: 3 });
    const next = (uses: number | null) =>
      delegationOf({ uses, requester: { organisation: VENDOR, id: id('colleague') } });
    expect([null, 4, 3, 1].map((uses) => widerPart(next(uses), limited))).toEqual([
      'uses',
      'uses',
      undefined,
      undefined,
    ]);
    const rights = [grantOf(), limited, { ...next(2), id: 'grt_5' as GrantId }];
    const used = (counts: Record<string, number>) => usedUp(rights, (right) => counts[right] ?? 0);
    expect(used({ grt_2: 2, grt_5: 1, grt_1: 99 })).toBeUndefined();
    expect(used({ grt_2: 3, grt_5: 0 })).toBe('grt_2');
    expect(used({ grt_2: 2, grt_5: 2 })).toBe('grt_5');
  });
});

/** An oracle that knows no rule: it writes out every single thing a right lets anybody do, and compares the lists. */
const HOURS = 6;
function everythingOf(right: Right): Set<string> {
  const all = new Set<string>();
  for (const { owner, id: name } of right.resources)
    for (const action of right.actions)
      for (let hour = 0; hour < HOURS; hour += 1)
        for (const { from, to } of right.windows)
          if (from <= NOW + hour * HOUR && NOW + (hour + 1) * HOUR <= to) all.add(`${owner} ${name} ${action} ${hour}`);
  return all;
}

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('attenuation', () => {
  it('lets no chain of delegations do anything that the grant does not, in 20,000 random chains', () => {
    const next = random(7);
    const some = (names: readonly string[]): LocalId[] => names.filter(() => next(3) > 0).map(id);
    const shape = () => ({
      resources: some(['press-7', 'press-8', 'lathe-1']).map((name) => ({ owner: BUYER, id: name })),
      actions: some(['ssh', 'vnc']),
      windows: Array.from({ length: next(3) }, () => {
        const from = next(HOURS);
        return { from: NOW + from * HOUR, to: NOW + (from + next(3)) * HOUR };
      }),
      uses: [null, 1, 2, 5][next(4)] ?? null,
    });
    const resources = ['press-7', 'press-8', 'lathe-1'].map((name) => ({
      owner: BUYER,
      id: id(name),
      class: 'standard' as const,
      services: [id('ssh'), id('vnc')],
    }));
    const open = agreementOf({
      resources,
      terms: [remoteService, { ...term, depth: 8, unapproved: ['standard'] } as Term],
      effectiveFrom: NOW - DAY,
    });
    let derived = 0;
    for (let run = 0; run < 20_000; run += 1) {
      const grant = grantOf({ ...shape(), windows: [{ from: NOW, to: NOW + HOURS * HOUR }] });
      const chain: [Right, ...Right[]] = [grant];
      for (let depth = 1; depth <= 3; depth += 1) {
        const holder = depth === 1 ? 'technician' : `deputy-${depth - 1}`;
        const one = delegationOf({
          ...shape(),
          requester: { organisation: VENDOR, id: id(holder) },
          subjects: [person(`deputy-${depth}`)],
        });
        if (!delegated(one, chain, open, [], NOW).allowed) break;
        chain.push(one);
        derived += 1;
        for (const above of chain) {
          const [less, more] = [everythingOf(one), everythingOf(above)];
          if ([...less].some((thing) => !more.has(thing))) throw new Error(`wider: ${JSON.stringify([one, above])}`);
          if (above.typ === 'delegation' && above.uses !== null && (one.uses ?? Number.POSITIVE_INFINITY) > above.uses)
            throw new Error('more uses');
        }
      }
    }
    // Were nothing ever derived, the property above would say nothing.
    expect(derived).toBeGreaterThan(1_000);
  });
});
