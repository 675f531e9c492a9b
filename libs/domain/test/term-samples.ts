import type { TermType } from '../src/documents/agreement.js';
import type { TermOf } from '../src/term/declare-term.js';
import { BUYER, DAY, dataCollection, digest, id, key, NOW, OTHER, offline, press7, region, VENDOR } from './a-right.js';

type Members<K extends TermType> = Omit<TermOf<K>, 'type'>;
/** One term of each kind, and for every member of it another value: a kind or a member without one does not compile. */
type Pair<K extends TermType> = readonly [Members<K>, Required<Members<K>>];

const access = {
  approvals: [{ group: id('maintenance'), persons: 2 }],
  ticketPattern: null,
  longestWindowSeconds: 60,
  purposes: [id('repair')],
};
const otherAccess = { approvals: [], ticketPattern: 'INC', longestWindowSeconds: 90, purposes: [] };
const other7 = { owner: VENDOR, id: id('press-8') };
const papers = { kinds: ['remote-service' as const], resources: [press7] };
const otherPapers = { kinds: [], resources: [] };

export const SAMPLES: { readonly [K in TermType]: Pair<K> } = {
  'remote-service': [access, otherAccess],
  'machine-to-machine': [access, otherAccess],
  'data-collection': [
    dataCollection as TermOf<'data-collection'>,
    {
      ...{ product: id('other'), resource: other7, approvals: [], recipients: [], purposes: [], inspection: 'region' },
      keys: [{ key: 'force', unit: 'kN', category: id('process'), action: 'coarsen', step: 10 }],
      ...{ regions: [], retentionSeconds: 2, longestWindowSeconds: 2, labels: ['internal'], scanning: 'required' },
    },
  ],
  region: [
    region as TermOf<'region'>,
    { region: id('us'), operator: 'other', jurisdiction: 'US', endpointKeys: [key('other')] },
  ],
  offline: [
    offline as TermOf<'offline'>,
    { kind: 'data-collection', class: 'critical', mode: 'local', leaseSeconds: 1, reviewWithinSeconds: 60 },
  ],
  'resource-class': [
    { class: 'critical', approvals: 2, mode: 'closed' },
    { class: 'standard', approvals: 3, mode: 'static' },
  ],
  selector: [
    { owner: BUYER, site: id('north'), zone: id('pressing'), class: 'standard', services: [id('ssh')] },
    { owner: VENDOR, site: id('south'), zone: id('packing'), class: 'critical', services: [] },
  ],
  hours: [
    {
      ...{ kind: 'remote-service', zone: 'UTC', tzdata: '2026a', offsets: [{ from: NOW, minutes: 0 }] },
      open: [{ day: 'mon', from: '06:00', to: '22:00' }],
    },
    {
      kind: 'machine-to-machine',
      zone: 'Europe/Berlin',
      tzdata: '2026b',
      offsets: [{ from: NOW, minutes: 60 }],
      open: [],
    },
  ],
  'file-transfer': [{ services: [] }, { services: [id('ssh')] }],
  sessions: [
    { kind: 'remote-service', most: 1 },
    { kind: 'machine-to-machine', most: 2 },
  ],
  're-login': [{ seconds: 1 }, { seconds: 2, acr: ['urn:acr:passkey'] }],
  'clock-skew': [{ seconds: 1 }, { seconds: 2 }],
  'safety-notice': [{ seconds: 1 }, { seconds: 2 }],
  transfer: [
    { product: id('telemetry'), resource: press7, storage: ['DE'], transit: ['DE'], access: ['DE'], mechanisms: [] },
    {
      ...{ product: id('other'), resource: other7, storage: [], transit: [], access: [] },
      mechanisms: [{ country: 'CH', mechanism: 'adequacy-decision', document: digest('document') }],
    },
  ],
  embargo: [
    { party: VENDOR, issuers: [id('eu')], maxAgeSeconds: 1 },
    { party: BUYER, issuers: [], maxAgeSeconds: 2 },
  ],
  'decision-point': [
    { party: VENDOR, present: true, maxAgeSeconds: 1 },
    { party: BUYER, present: false, maxAgeSeconds: 2 },
  ],
  evidence: [
    { region: id('eu-1'), cosigning: 'both', witnessSilenceSeconds: 60, retentionSeconds: DAY },
    { region: id('us'), cosigning: 'one', witnessSilenceSeconds: 3_600, retentionSeconds: 1 },
  ],
  custody: [
    { party: VENDOR, custody: 'single' },
    { party: BUYER, custody: 'separate' },
  ],
  notice: [
    { terminateSeconds: 1, retrievalSeconds: 1 },
    { terminateSeconds: 2, retrievalSeconds: 2 },
  ],
  'third-party': [
    {
      ...{ party: OTHER, broughtBy: VENDOR, ...papers, actions: [id('ssh')], purposes: [id('repair')] },
      longestWindowSeconds: 1,
    },
    { party: VENDOR, broughtBy: BUYER, ...otherPapers, actions: [], purposes: [], longestWindowSeconds: 2 },
  ],
  equivalence: [
    { party: VENDOR, control: id('iec-62443-3-3/sr-1.1'), ...papers, warnSeconds: 1 },
    { party: BUYER, control: id('iec-62443-3-3/sr-1.2'), ...otherPapers, warnSeconds: 2 },
  ],
  machines: [
    { resources: [press7], sites: [id('north')], zones: [id('pressing')], afterSupport: 'refuse' },
    { resources: [other7], sites: [], zones: [], afterSupport: 'allow' },
  ],
  insolvency: [
    { party: VENDOR, successor: null, ...papers, waitSeconds: 1 },
    { party: BUYER, successor: OTHER, ...otherPapers, waitSeconds: 2 },
  ],
  delegation: [
    { depth: 1, delegates: [VENDOR], unapproved: [] },
    { depth: 2, delegates: [], unapproved: ['standard'] },
  ],
  'identity-provider': [
    { party: VENDOR, issuer: BUYER, persons: [{ id: id('technician'), login: id('guest-1') }] },
    { party: BUYER, issuer: VENDOR, persons: [{ id: id('technician'), login: id('guest-2') }] },
  ],
  signal: [
    { signal: id('stopped'), party: BUYER, about: 'resource', ...papers, maxAgeSeconds: 1, live: true },
    {
      ...{ signal: id('program'), party: VENDOR, about: 'gateway', ...otherPapers, maxAgeSeconds: 2, live: false },
      releases: ['a'.repeat(64)],
    },
  ],
  'time-limits': [
    { kind: 'remote-service', bookingSeconds: 1, approvalSeconds: 1, workingSeconds: 1 },
    { kind: 'machine-to-machine', bookingSeconds: 2, approvalSeconds: 2, workingSeconds: 2 },
  ],
};
