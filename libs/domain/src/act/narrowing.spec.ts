import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  BUYER,
  chainOf,
  dataCollection,
  digest,
  grantOf,
  HOUR,
  held,
  id,
  key,
  NOW,
  narrowed,
  OTHER,
  offline,
  press7,
  region,
  VENDOR,
  verdictOf,
} from '../../test/a-right.js';
import { recordOf } from '../../test/annexes.js';
import { delegation, press8, said, service, twoMachines as two } from '../../test/two-machines.js';
import { decide } from '../decide.js';
import type { Term } from '../documents/agreement.js';
import type { Grant, Narrowing } from '../documents/right.js';
import { provablyNarrower } from '../term/order.js';
import { MOST_NARROWINGS, narrowingFault, withNarrowing } from './narrowing.js';
import type { HeldAct } from './standing.js';

const both = grantOf({ resources: [press7, press8], actions: [id('ssh'), id('http')] });
const asks = (acts: readonly HeldAct[], over: object = {}, grant: Grant = both, agreement = two, now = NOW) => {
  const chain = chainOf(agreement, grant);
  const ask = { subject: chain.subject, leaf: chain.jkt, action: id('ssh'), resource: press7, session: null, ...over };
  return decide(chain, ask, { acts, verdicts: [], annexes: [], invalid: new Set() }, now);
};
const onlyHttp = narrowed({ instead: { resources: [{ ...press7, class: 'standard', services: [id('http')] }] } });
const goes = { allowed: true };
const is = (clause: string) => ({ refusal: { code: 'narrowed', clause } });

const seat = (group: string, persons = group === 'other' ? 1 : 2) => ({ group: id(group), persons });

describe('a use under a narrowed version', () => {
  it.each<[string, HeldAct, object, object]>([
    ['of a machine that was struck', narrowed({ strike: { resources: [press7] } }), {}, is('resource_not_agreed')],
    ['of the machine that was left', narrowed({ strike: { resources: [press7] } }), { resource: press8 }, goes],
    ['of a clause that was struck', narrowed({ strike: { clauses: ['remote-service'] } }), {}, is('remote-service')],
    ['of a service that was taken out', onlyHttp, {}, is('action_not_agreed')],
    ['of the service that was left', onlyHttp, { action: id('http') }, goes],
    [
      'for a purpose that was taken out',
      narrowed({ instead: { terms: [said({ purposes: [id('inspection')] })] } }),
      {},
      is('remote-service'),
    ],
    [
      'over which files could come now',
      narrowed({ instead: { terms: [{ type: 'file-transfer', services: [] }] } }),
      {},
      is('file-transfer'),
    ],
    ['for the purpose that was left', narrowed({ instead: { terms: [said({ purposes: [id('repair')] })] } }), {}, goes],
    [
      'in a window that is longer than what was left',
      narrowed({ instead: { terms: [said({ longestWindowSeconds: 3_600 })] } }),
      {},
      is('remote-service'),
    ],
    [
      'that fewer persons approved than are asked for now',
      narrowed({ instead: { terms: [said({ approvals: [{ group: id('maintenance'), persons: 3 }] })] } }),
      {},
      is('remote-service'),
    ],
    [
      'over which a verdict is asked for now',
      narrowed({ instead: { terms: [{ type: 'embargo', party: BUYER, issuers: [id('eu')], maxAgeSeconds: 60 }] } }),
      {},
      { refusal: { code: 'embargo_unknown' } },
    ],
  ])('%s', (_what, act, ask, outcome) => {
    expect(asks([])).toMatchObject(goes);
    expect(asks([act], ask)).toMatchObject(outcome);
  });

  it('goes on with the verdict that is asked for now', () => {
    const act = narrowed({
      instead: { terms: [{ type: 'embargo', party: BUYER, issuers: [id('eu')], maxAgeSeconds: 60 }] },
    });
    const chain = chainOf(two, both);
    const ask = { subject: chain.subject, leaf: chain.jkt, action: id('ssh'), resource: press7, session: null };
    const facts = { acts: [act], verdicts: [verdictOf()], annexes: [], invalid: new Set<string>() };
    expect(decide(chain, ask, facts, NOW)).toMatchObject(goes);
  });

  it('ends with the hours that are left of the day', () => {
    const until = (to: string): Term => ({
      type: 'hours',
      kind: 'remote-service',
      zone: 'UTC',
      tzdata: '2025a',
      offsets: [{ from: 0, minutes: 0 }],
      open: [{ day: 'mon', from: '08:00', to }],
    });
    const [early, late] = [
      narrowed({ instead: { terms: [until('12:30')] } }, '1'),
      narrowed({ instead: { terms: [until('11:00')] } }, '2'),
    ];
    expect(asks([early])).toMatchObject({ allowed: true, value: { window: { to: NOW + HOUR / 2 } } });
    expect(asks([early, late])).toMatchObject({ refusal: { code: 'outside_hours' } });
  });

  it('stands where the papers of the narrowed version allow it', () => {
    const machines: Term = {
      type: 'machines',
      resources: [press7],
      sites: [id('north')],
      zones: [id('pressing')],
      afterSupport: 'allow',
    };
    const agreement = { ...two, terms: [...two.terms, machines] };
    const chain = chainOf(agreement, both);
    const ask = { subject: chain.subject, leaf: chain.jkt, action: id('ssh'), resource: press7, session: null };
    const by = (...acts: HeldAct[]) =>
      decide(chain, ask, { acts, verdicts: [], annexes: [recordOf()], invalid: new Set() }, NOW);
    const moved = narrowed({ instead: { terms: [said({ sites: [] }, machines)] } });
    expect([by(), by(moved)]).toMatchObject([goes, { refusal: { code: 'machine_moved' } }]);
  });

  it('is looked at in its present window, and by nobody but a party', () => {
    const short = { from: NOW - HOUR / 4, to: NOW + HOUR / 4 };
    const grant = { ...both, windows: [short, { from: NOW + HOUR, to: NOW + 5 * HOUR }] };
    const act = narrowed({ instead: { terms: [said({ longestWindowSeconds: 3_600 })] } });
    expect(asks([act], {}, grant)).toMatchObject(goes);
    expect(asks([act], {}, grant, two, NOW + 2 * HOUR)).toMatchObject(is('remote-service'));
    expect(asks([narrowed({ strike: { resources: [press7] }, organisation: OTHER })])).toMatchObject(goes);
  });

  it('is untouched by a narrowing of another version or agreement, and of one that is not narrower', () => {
    const act = narrowed({ strike: { resources: [press7] } });
    const other = {
      ...act,
      act: { ...act.act, narrows: { ...(act.act.narrows as Narrowing), version: digest('v2') } },
    };
    const wider = narrowed({ strike: { resources: [press7], clauses: ['offline remote-service standard'] } });
    expect([asks([other]), asks([wider])]).toMatchObject([goes, goes]);
    expect(asks([{ ...act, act: { ...act.act, agreementId: 'agr_2' as never } }])).toMatchObject(goes);
  });

  it('is lifted by the resume of every party that names it, and by nothing else', () => {
    const act = narrowed({ strike: { resources: [press7] } }, 'n1');
    const again = narrowed({ strike: { resources: [press7] } }, 'n2');
    const resume = (signers = [BUYER, VENDOR], lifts = 'n1') =>
      held({ verb: 'resume', target: act.act.target, lifts: digest(lifts) }, 'resume', signers);
    expect(asks([act, resume()])).toMatchObject(goes);
    expect(asks([act, resume([BUYER])])).toMatchObject(is('resource_not_agreed'));
    expect(asks([act, resume([VENDOR])])).toMatchObject(is('resource_not_agreed'));
    expect(asks([act, again, resume()])).toMatchObject(is('resource_not_agreed'));
  });

  it('is refused as a whole where one version is narrowed more often than anybody can follow', () => {
    const acts = (count: number, organisation = BUYER) =>
      Array.from({ length: count }, (_, nth) =>
        narrowed({ strike: { resources: [press8] }, organisation }, `${organisation} ${nth}`),
      );
    expect(asks(acts(MOST_NARROWINGS))).toMatchObject(goes);
    // The partner's do not use up one's own.
    expect(asks([...acts(MOST_NARROWINGS), ...acts(MOST_NARROWINGS, VENDOR)])).toMatchObject(goes);
    expect(asks(acts(MOST_NARROWINGS + 1))).toMatchObject({ refusal: { code: 'narrowed' } });
  });

  it('that was handed on ends where the agreement hands on no more', () => {
    const chain = chainOf(two, both);
    const colleague = { organisation: VENDOR, kind: 'person' as const, id: id('colleague') };
    const document = {
      ...both,
      typ: 'delegation' as const,
      parent: digest('grant'),
      uses: null,
      reason: 'holiday',
      subjects: [colleague],
    };
    const handed = { ...chain, subject: colleague, delegations: [{ document, digest: digest('delegation') }] };
    const ask = { subject: colleague, leaf: chain.jkt, action: id('ssh'), resource: press7, session: null };
    const by = (...acts: HeldAct[]) =>
      decide(handed as never, ask, { acts, verdicts: [], annexes: [], invalid: new Set() }, NOW);
    expect([by(), by(narrowed({ strike: { resources: [press8] } }))]).toMatchObject([goes, goes]);
    for (const act of [
      narrowed({ strike: { clauses: ['delegation'] } }),
      narrowed({ instead: { terms: [said({ unapproved: [] }, delegation)] } }),
      narrowed({ instead: { terms: [said({ delegates: [] }, delegation)] } }),
      narrowed({ instead: { terms: [said({ approvals: ['maintenance', 'other'].map((group) => seat(group)) })] } }),
    ])
      expect(by(act)).toMatchObject({ refusal: { code: 'narrowed' } });
    const twice = { ...handed, delegations: [handed.delegations[0], handed.delegations[0]] };
    const shallow = narrowed({ instead: { terms: [said({ depth: 1 }, delegation)] } });
    const deep = (acts: HeldAct[]) =>
      decide(twice as never, ask, { acts, verdicts: [], annexes: [], invalid: new Set() }, NOW);
    expect([deep([]), deep([shallow]), by(shallow)]).toMatchObject([goes, is('delegation'), goes]);
  });
});

const terms: readonly Term[] = [
  service,
  said({ purposes: [id('repair')] }),
  said({ ticketPattern: null }),
  said({ longestWindowSeconds: 600 }),
  said({ approvals: [{ group: id('maintenance'), persons: 3 }] }),
  said({ approvals: [{ group: id('maintenance'), persons: 1 }] }),
  dataCollection,
  said({ recipients: [VENDOR, BUYER] }, dataCollection),
  said({ retentionSeconds: 0 }, dataCollection),
  said({ leaseSeconds: 999 }, offline),
  said({ endpointKeys: [key('other')] }, region),
  delegation,
  said({ depth: 8 }, delegation),
  { type: 'embargo', party: BUYER, issuers: [id('eu')], maxAgeSeconds: 60 },
  { type: 'notice', terminateSeconds: 1 },
];
const resources = [press7, press8, { owner: BUYER, id: id('press-9') }].flatMap((one) => [
  { ...one, class: 'standard' as const, services: [id('ssh')] },
  { ...one, class: 'critical' as const, services: [id('ssh'), id('http'), id('vnc')] },
]);
const anyNarrowing = fc.record({
  strike: fc.record({
    resources: fc.subarray([press7, press8], { maxLength: 1 }),
    clauses: fc.subarray(['remote-service', 'delegation', 'offline remote-service standard', 'region eu-1'], {
      maxLength: 2,
    }),
  }),
  instead: fc.record({
    resources: fc.subarray(resources, { maxLength: 2 }),
    terms: fc.subarray([...terms], { maxLength: 3 }),
  }),
});
const anyUse = fc.record({
  action: fc.constantFrom(id('ssh'), id('http'), id('vnc')),
  resource: fc.constantFrom(press7, press8, { owner: BUYER, id: id('press-9') }),
  purpose: fc.constantFrom(id('repair'), id('inspection'), id('sale')),
  ticket: fc.constantFrom(null, 'INC-4711'),
  hours: fc.constantFrom(1, 12),
});

describe('whatever one side writes into an act', () => {
  it('no use goes on that the version alone refuses, and none that any act alone refuses', () => {
    fc.assert(
      fc.property(fc.array(anyNarrowing, { maxLength: 3 }), anyUse, (wishes, use) => {
        const { action, resource, purpose, ticket, hours } = use;
        const windows = [{ from: NOW - HOUR, to: NOW + hours * HOUR }];
        const grant = grantOf({ resources: [resource], actions: [action], purpose, ticket, windows });
        const acts = wishes.map((wish, nth) => narrowed(wish, `n${nth}`));
        const outcome = (of: readonly HeldAct[]) => asks(of, { action, resource }, grant).allowed;
        const all = outcome(acts);
        expect(all).toBe(outcome([]) && acts.every((act) => outcome([act])));
        expect(outcome([...acts].reverse())).toBe(all);
      }),
      { numRuns: 2_000 },
    );
  });

  it('what counts is provably narrower than the version, and leaves every duty as it was', () => {
    const owed = ({ type }: { readonly type: string }) => ['offline', 'notice', 'evidence'].includes(type);
    let counted = 0;
    fc.assert(
      fc.property(anyNarrowing, (wish) => {
        const fault = narrowingFault(two, { version: digest('agreement'), ...wish });
        if (fault !== undefined) return;
        counted += 1;
        const left = withNarrowing(two, { version: digest('agreement'), ...wish });
        expect(provablyNarrower(two, left)).toBe(true);
        expect(left.terms.filter(owed)).toEqual(two.terms.filter(owed));
        expect({ ...left, resources: [], terms: [] }).toEqual({ ...two, resources: [], terms: [] });
      }),
      { numRuns: 3_000 },
    );
    expect(counted).toBeGreaterThan(20);
  });
});
