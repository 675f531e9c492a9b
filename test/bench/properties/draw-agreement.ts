// Versions of an agreement drawn at random: small worlds, so that two versions often speak of the same thing.

import type { Version } from './oracles/agreement-words.js';
import type { Random } from './property.js';

export const VENDOR = 'alpine-presses.example';
export const BUYER = 'delta-foods.example';
export const GUEST = 'integrator.example';
export const PARTIES = [VENDOR, BUYER];
export const EVERYBODY = [...PARTIES, GUEST];
export const PURPOSES = ['repair', 'tuning', 'inspection'];
export const SERVICES = ['ssh', 'vnc', 'opc-ua'];
export const MACHINES = ['press-7', 'press-8'];
export const GROUPS = ['maintenance', 'safety'];
export const REGIONS = ['eu-1', 'us-1'];
const KEYS = ['force', 'energy', 'operator'];
export const PRODUCTS = ['telemetry', 'quality'];
export const CONTROLS = ['iec-62443-3-3/sr-1.1', 'iec-62443-3-3/sr-4.1'];
export const LABELS = ['internal', 'ear99'];
const PATTERNS = [null, 'INC-[0-9]{4}', 'CHG-[0-9]{4}'];
export const TICKETS = [null, 'INC-4711', 'CHG-4711'];
export const SECONDS = [3_600, 7_200, 28_800];
const AGES = [60, 3_600];

export type Mutable = { -readonly [M in keyof Version]: Version[M] };
export type Term = Version['terms'][number];

/** At least one, and each at most once. */
export const some = <T>(random: Random, from: readonly T[]): readonly T[] => {
  const kept = from.filter(() => random.chance(2));
  return kept.length > 0 ? kept : [random.pick(from)];
};

const approvalsOf = (random: Random) => some(random, GROUPS).map((group) => ({ group, persons: 1 + random.below(2) }));

export const accessOf = (random: Random, type: string): Term => ({
  type,
  approvals: approvalsOf(random),
  ticketPattern: random.pick(PATTERNS),
  longestWindowSeconds: random.pick(SECONDS),
  purposes: some(random, PURPOSES),
});

const keyOf = (random: Random, key: string) => {
  const action = random.pick(['pass', 'drop', 'hash', 'coarsen', 'aggregate', 'pseudonymise']);
  return {
    key,
    unit: random.chance(4) ? null : 'kN',
    category: 'process',
    action,
    step: action === 'coarsen' || action === 'aggregate' ? random.pick([5, 10]) : null,
    ...(random.chance(6) && { semanticId: '0173-1#02-AAH880#003' }),
    ...(random.chance(4) && { secret: { recipients: some(random, EVERYBODY), control: random.pick(CONTROLS) } }),
  };
};

export const dataOf = (random: Random, id: string, product: string): Term => ({
  type: 'data-collection',
  product,
  resource: { owner: BUYER, id },
  approvals: approvalsOf(random),
  keys: some(random, KEYS).map((key) => keyOf(random, key)),
  purposes: some(random, PURPOSES),
  recipients: some(random, EVERYBODY) as readonly string[],
  inspection: random.chance(4) ? 'region' : 'plant',
  regions: some(random, REGIONS),
  retentionSeconds: random.pick(SECONDS),
  longestWindowSeconds: random.pick(SECONDS),
  ...(random.chance(2) && { labels: some(random, LABELS) }),
  ...(random.chance(3) && { scanning: 'required' }),
});

export const regionOf = (random: Random, region: string): Term => ({
  type: 'region',
  region,
  operator: random.pick(['one', 'another']),
  jurisdiction: random.pick(['DE', 'US']),
  endpointKeys: some(random, ['first', 'second']),
});

export const KINDS = ['remote-service', 'machine-to-machine', 'data-collection'];
export const PROGRAMS = ['a'.repeat(64), 'b'.repeat(64)];
export const signalOf = (random: Random, party: string): Term => ({
  type: 'signal',
  ...(random.chance(3) ? programOf(random) : { signal: 'presence', about: 'resource' }),
  party,
  kinds: some(random, KINDS),
  resources: random.chance(2) ? [] : [{ owner: party, id: random.pick(MACHINES) }],
  maxAgeSeconds: random.pick(AGES),
  live: random.chance(2),
});

const programOf = (random: Random) => ({
  ...{ signal: 'program', about: 'gateway' },
  ...(random.chance(2) && { releases: some(random, PROGRAMS) }),
});

export const conditionOf = (random: Random, party: string): Term =>
  random.chance(3) ? signalOf(random, party) : verdictOf(random, party);

export const verdictOf = (random: Random, party: string): Term =>
  random.chance(2)
    ? {
        type: 'embargo',
        party,
        issuers: random.chance(4) ? [] : some(random, ['eu', 'un']),
        maxAgeSeconds: random.pick(AGES),
      }
    : { type: 'decision-point', party, present: !random.chance(3), maxAgeSeconds: random.pick(AGES) };

export const dutyOf = (random: Random): Term =>
  random.pick<Term>([
    {
      type: 'offline',
      kind: 'remote-service',
      class: 'standard',
      leaseSeconds: random.pick(SECONDS),
      ...(random.chance(2)
        ? { mode: random.pick(['closed', 'static', 'local']) }
        : { mode: 'local', reviewWithinSeconds: random.pick(SECONDS) }),
    },
    {
      type: 'evidence',
      region: 'eu-1',
      cosigning: random.pick(['none', 'one', 'both']),
      ...(random.chance(2) && { witnessSilenceSeconds: random.pick(SECONDS) }),
      retentionSeconds: random.pick(SECONDS),
    },
    {
      type: 'notice',
      terminateSeconds: random.pick(SECONDS),
      ...(random.chance(2) && { retrievalSeconds: random.pick(SECONDS) }),
    },
    classOf(random),
  ]);

export const classOf = (random: Random): Term => ({
  type: 'resource-class',
  class: random.pick(['standard', 'critical']),
  approvals: 1 + random.below(4),
  mode: random.pick(['closed', 'static']),
});

export const DAYS = ['mon', 'tue'];
export const TIMES = ['06:00', '07:00', '14:00', '15:00'];

export const hoursOf = (random: Random, kind: string): Term => ({
  type: 'hours',
  kind,
  zone: random.chance(4) ? 'Asia/Tokyo' : 'Europe/Berlin',
  tzdata: '2026a',
  offsets: [{ from: 0, minutes: 60 }],
  open: some(random, DAYS).map((day) => ({
    day,
    from: random.pick(TIMES.slice(0, 2)),
    to: random.pick(TIMES.slice(2)),
  })),
});

export const limitsOf = (random: Random): Term => ({
  type: 'time-limits',
  kind: random.pick(['remote-service', 'machine-to-machine']),
  bookingSeconds: random.pick(SECONDS),
  approvalSeconds: random.pick(SECONDS),
  workingSeconds: random.pick(SECONDS),
});
export const filesOf = (random: Random): Term => ({ type: 'file-transfer', services: some(random, SERVICES) });

const SMALL = [1, 10, 60];
/** How people log in. */
export const WAYS = ['pwd', 'passkey', 'card'];

export const boundOf = (random: Random): Term =>
  random.pick<Term>([
    { type: 'sessions', kind: random.pick(['remote-service', 'machine-to-machine']), most: random.pick(SMALL) },
    { type: 're-login', seconds: random.pick(SMALL), ...(random.chance(2) && { acr: some(random, WAYS) }) },
    { type: 'clock-skew', seconds: random.pick(SMALL) },
  ]);

const COUNTRIES = ['DE', 'US'];

export const transferOf = (random: Random, id: string, product: string): Term => ({
  type: 'transfer',
  product,
  resource: { owner: BUYER, id },
  storage: some(random, COUNTRIES),
  transit: some(random, COUNTRIES),
  access: some(random, COUNTRIES),
  mechanisms: random.chance(4) ? [] : [{ country: 'US', mechanism: 'adequacy-decision', document: null }],
});

export const ZONES = ['pressing', 'assembly'];

export const selectorOf = (random: Random, zone: string): Term => ({
  type: 'selector',
  owner: BUYER,
  site: 'north',
  zone,
  class: random.chance(4) ? 'critical' : 'standard',
  services: some(random, SERVICES),
});

export const resourceOf = (random: Random, id: string) => ({
  owner: BUYER,
  id,
  class: random.chance(4) ? 'critical' : 'standard',
  services: some(random, SERVICES),
});
