import { newId } from '@interlock/company-side';
import type { Agreement, AgreementId, DataTerm, Digest, LocalId, Party, Term, Thumbprint } from '@interlock/domain';
import { ANALYTICS, BUYER, PRESS, REGION, REGIONS, VENDOR } from '../up/demo-companies.js';

const id = (text: string) => text as LocalId;
const HOUR = 3_600;
const DAY = 24 * HOUR;

export const PRODUCT = id('press-telemetry');
/** Short enough that its end can be watched in the story; real agreements say half an hour. */
export const LEASE_SECONDS = 5;

const press = { owner: BUYER.organisation, id: PRESS };
const maintenance = [{ group: id('maintenance'), persons: 2 }];

/** Keys of the data product, with what happens to each. Whatever is not listed never leaves the plant. */
const key = (
  name: string,
  unit: string | null,
  category: string,
  action: 'pass' | 'coarsen' = 'pass',
  step: number | null = null,
) => ({
  key: name,
  unit,
  category: id(category),
  action,
  step,
});

const CATALOGUE: DataTerm['keys'] = [
  key('avail', null, 'state'),
  key('execution', null, 'state'),
  key('estop', null, 'state'),
  key('press_force', 'kN', 'process'),
  key('ram_position', 'MILLIMETER', 'process'),
  key('energy', 'KILOWATT_HOUR', 'process'),
  key('oil_temperature', 'CEL', 'process', 'coarsen', 0.5),
  key('cycle_count', null, 'process'),
  key('S1speed', 'REVOLUTION/MINUTE', 'process'),
  key('S1load', 'PERCENT', 'process'),
];

const access: readonly Term[] = [
  {
    type: 'remote-service',
    approvals: maintenance,
    ticketPattern: 'INC-[0-9]{4,8}',
    longestWindowSeconds: 4 * HOUR,
    purposes: [id('repair'), id('inspection')],
  },
  {
    type: 'machine-to-machine',
    approvals: [{ group: id('analytics'), persons: 1 }],
    ticketPattern: null,
    longestWindowSeconds: 30 * DAY,
    purposes: [id('predictive-maintenance')],
  },
];

/** Telemetry goes through one region, to an endpoint whose key both sign; each region has the operator and the country that stand here. */
const collection = (endpointKeys: Draft['endpointKeys']): readonly Term[] => [
  {
    type: 'data-collection',
    product: PRODUCT,
    resource: press,
    approvals: maintenance,
    keys: CATALOGUE,
    purposes: [id('predictive-maintenance')],
    recipients: [VENDOR.organisation],
    inspection: 'plant',
    regions: [REGION],
    retentionSeconds: 7 * DAY,
    longestWindowSeconds: 30 * DAY,
  },
  ...REGIONS.map(
    ({ id: region, operator, jurisdiction }): Term => ({
      ...{ type: 'region', region, operator, jurisdiction },
      endpointKeys: [endpointKeys(region)],
    }),
  ),
];

const conditions: readonly Term[] = [
  { type: 'delegation', depth: 2, delegates: [VENDOR.organisation], unapproved: [] },
  { type: 'offline', kind: 'remote-service', class: 'standard', mode: 'static', leaseSeconds: 1_800 },
  { type: 'embargo', party: BUYER.organisation, issuers: [id('eu')], maxAgeSeconds: DAY },
  { type: 'evidence', region: REGION, cosigning: 'both', witnessSilenceSeconds: 3_600, retentionSeconds: 365 * DAY },
];

export interface Draft {
  readonly parties: readonly Party[];
  readonly endpointKeys: (region: LocalId) => Thumbprint;
  readonly now: number;
}

/** What the vendor proposes first: remote service by people, telemetry, and a call of the machine to the vendor's analytics. */
export function firstDraft({ parties, endpointKeys, now }: Draft): Agreement {
  return {
    typ: 'agreement',
    v: 1,
    id: newId('agr') as AgreementId,
    version: 1,
    previous: null,
    house: false,
    parties,
    resources: [
      { ...press, class: 'standard', services: [id('ssh')] },
      { owner: VENDOR.organisation, id: ANALYTICS, class: 'standard', services: [id('http')] },
    ],
    terms: [...access, ...collection(endpointKeys), ...conditions],
    effectiveFrom: now - 60_000,
    endsAt: now + 60 * DAY * 1000,
  };
}

/** What the buyer makes of it: shorter leases for everything that reaches his plant, so that he is forgotten sooner when he is not heard. */
export function amended(first: Agreement, previous: Digest): Agreement {
  const lease = (kind: 'remote-service' | 'data-collection' | 'machine-to-machine') =>
    ({ type: 'offline', kind, class: 'standard', mode: 'static', leaseSeconds: LEASE_SECONDS }) as const;
  return {
    ...first,
    version: first.version + 1,
    previous,
    terms: [
      ...first.terms.filter((term) => term.type !== 'offline'),
      lease('remote-service'),
      lease('data-collection'),
      lease('machine-to-machine'),
    ],
  };
}

/** A version nobody could enforce: its last term has no evaluator in this build. */
export const unenforceable = (agreement: Agreement): Agreement => ({
  ...agreement,
  id: newId('agr') as AgreementId,
  version: 1,
  previous: null,
  terms: [...agreement.terms, { type: 'session-recording' }],
});
