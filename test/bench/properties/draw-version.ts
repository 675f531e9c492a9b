// Whole versions: every kind of clause there is, and each drawn anew.

import {
  accessOf,
  BUYER,
  boundOf,
  CONTROLS,
  classOf,
  conditionOf,
  dataOf,
  dutyOf,
  EVERYBODY,
  filesOf,
  GUEST,
  hoursOf,
  KINDS,
  limitsOf,
  MACHINES,
  PARTIES,
  PRODUCTS,
  PURPOSES,
  REGIONS,
  regionOf,
  resourceOf,
  SECONDS,
  SERVICES,
  selectorOf,
  signalOf,
  some,
  type Term,
  transferOf,
  VENDOR,
  verdictOf,
  ZONES,
} from './draw-agreement.js';
import type { Version } from './oracles/agreement-words.js';
import type { Random } from './property.js';

const someMachines = (random: Random) => some(random, MACHINES).map((id) => ({ owner: BUYER, id }));

const guestOf = (random: Random): Term => ({
  type: 'third-party',
  party: GUEST,
  broughtBy: random.pick(PARTIES),
  kinds: some(random, KINDS),
  resources: someMachines(random),
  actions: some(random, [...SERVICES, ...PRODUCTS]),
  purposes: some(random, PURPOSES),
  longestWindowSeconds: random.pick(SECONDS),
});
const controlOf = (random: Random): Term => ({
  type: 'equivalence',
  party: random.pick(PARTIES),
  control: random.pick(CONTROLS),
  kinds: some(random, KINDS),
  resources: random.chance(2) ? [] : someMachines(random),
  warnSeconds: random.pick(SECONDS),
});
const machinesOf = (random: Random): Term => ({
  type: 'machines',
  resources: someMachines(random),
  sites: some(random, ['north', 'south']),
  zones: some(random, ZONES),
  afterSupport: random.pick(['allow', 'refuse']),
});
const insolvencyOf = (random: Random): Term => ({
  type: 'insolvency',
  party: random.pick(PARTIES),
  successor: random.pick([null, GUEST]),
  kinds: some(random, KINDS),
  resources: someMachines(random),
  waitSeconds: random.pick(SECONDS),
});
const delegationOf = (random: Random): Term => ({
  type: 'delegation',
  depth: 1 + random.below(3),
  delegates: some(random, [VENDOR, GUEST]),
  unapproved: some(random, ['standard', 'critical']),
});

const LOGINS = [
  { id: 'technician', login: 'guest-1' },
  { id: 'technician', login: 'guest-2' },
  { id: 'colleague', login: 'guest-2' },
];
const providerOf = (random: Random, party: string): Term => ({
  ...{ type: 'identity-provider', party, issuer: BUYER },
  persons: some(random, LOGINS),
});

const of = (term: Term, member: string): string => (term[member] as { id?: string }).id ?? (term[member] as string);
const duty = (type: string) => (random: Random) => {
  for (;;) {
    const drawn = random.chance(2) ? dutyOf(random) : boundOf(random);
    if (drawn.type === type) return drawn;
  }
};
const verdict = (type: string) => (random: Random, was?: Term) => {
  for (;;) {
    const drawn = verdictOf(random, (was?.party as string) ?? random.pick(PARTIES));
    if (drawn.type === type) return drawn;
  }
};

/** Draws a clause of each kind; the same clause as another one where it is given. */
export const DRAWN: Readonly<Record<string, (random: Random, was?: Term) => Term>> = {
  'remote-service': (r) => accessOf(r, 'remote-service'),
  'machine-to-machine': (r) => accessOf(r, 'machine-to-machine'),
  'data-collection': (r, was) =>
    dataOf(r, was ? of(was, 'resource') : r.pick(MACHINES), was ? of(was, 'product') : r.pick(PRODUCTS)),
  region: (r, was) => regionOf(r, was ? of(was, 'region') : r.pick(REGIONS)),
  offline: duty('offline'),
  'resource-class': (r) => classOf(r),
  selector: (r, was) => selectorOf(r, was ? of(was, 'zone') : r.pick(ZONES)),
  hours: (r) => hoursOf(r, r.pick(['remote-service', 'machine-to-machine'])),
  'file-transfer': (r) => filesOf(r),
  sessions: duty('sessions'),
  're-login': duty('re-login'),
  'clock-skew': duty('clock-skew'),
  'safety-notice': (r) => ({ type: 'safety-notice', seconds: r.pick(SECONDS) }),
  transfer: (r, was) =>
    transferOf(r, was ? of(was, 'resource') : r.pick(MACHINES), was ? of(was, 'product') : r.pick(PRODUCTS)),
  embargo: verdict('embargo'),
  'decision-point': verdict('decision-point'),
  evidence: duty('evidence'),
  notice: duty('notice'),
  'third-party': guestOf,
  equivalence: controlOf,
  machines: machinesOf,
  insolvency: insolvencyOf,
  delegation: delegationOf,
  'identity-provider': (r, was) => providerOf(r, (was?.party as string) ?? r.pick([VENDOR, GUEST])),
  signal: (r, was) => signalOf(r, (was?.party as string) ?? r.pick(PARTIES)),
  'time-limits': (r) => limitsOf(r),
  custody: (r, was) => ({
    ...{ type: 'custody', party: (was?.party as string) ?? r.pick(PARTIES) },
    custody: r.pick(['separate', 'single']),
  }),
};

/** What names a clause of each kind: two of one clause would contradict each other, so a version has each once. */
const NAMED_BY: Readonly<Record<string, readonly string[]>> = {
  'data-collection': ['product', 'resource'],
  transfer: ['product', 'resource'],
  region: ['region'],
  offline: ['kind', 'class'],
  'resource-class': ['class'],
  selector: ['owner', 'site', 'zone'],
  hours: ['kind'],
  sessions: ['kind'],
  'time-limits': ['kind'],
  embargo: ['party'],
  'decision-point': ['party'],
  signal: ['signal', 'party', 'about'],
  'third-party': ['party'],
  equivalence: ['party', 'control'],
  insolvency: ['party'],
  custody: ['party'],
  'identity-provider': ['party', 'issuer'],
};
export const clause = (term: Term): string =>
  JSON.stringify([term.type, ...(NAMED_BY[term.type] ?? []).map((member) => term[member] ?? null)]);
export const each = (terms: readonly Term[]): readonly Term[] => [
  ...new Map(terms.map((term) => [clause(term), term])).values(),
];

/** Any clause there is. */
export const anyTerm = (random: Random): Term =>
  (DRAWN[random.pick(Object.keys(DRAWN))] as (r: Random) => Term)(random);

export function versionOf(random: Random): Version {
  const terms = [
    accessOf(random, 'remote-service'),
    ...(random.chance(2) ? [accessOf(random, 'machine-to-machine')] : []),
    ...MACHINES.flatMap((id) => PRODUCTS.flatMap((one) => (random.chance(3) ? [dataOf(random, id, one)] : []))),
    ...REGIONS.map((region) => regionOf(random, region)),
    ...(random.chance(2) ? [conditionOf(random, random.pick(PARTIES))] : []),
    ...(random.chance(2) ? [guestOf(random)] : []),
    ...Array.from({ length: random.below(4) }, () => anyTerm(random)),
  ];
  const roles = ['vendor', 'buyer', 'third-party'];
  return {
    house: false,
    parties: EVERYBODY.map((organisation, at) => ({ organisation, role: roles[at] ?? null })),
    resources: MACHINES.map((id) => resourceOf(random, id)),
    terms: each(terms),
    effectiveFrom: 0,
    endsAt: 1_000_000,
  };
}
