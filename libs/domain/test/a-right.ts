import type { HeldAct } from '../src/act/standing.js';
import type { Agreement, Term } from '../src/documents/agreement.js';
import type { Act, Grant, Narrowing, Verdict } from '../src/documents/right.js';
import type { Approver, Requester } from '../src/grant/approver.js';
import type { AgreementId, Digest, GrantId, LocalId, OrganisationId, SessionId, Thumbprint } from '../src/names.js';
import type { VerifiedChain } from '../src/verified-chain.js';

export const VENDOR = 'alpine-presses.example' as OrganisationId;
export const BUYER = 'delta-foods.example' as OrganisationId;
export const OTHER = 'somebody-else.example' as OrganisationId;
export const NOW = Date.UTC(2026, 5, 1, 12);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const id = (text: string) => text as LocalId;
export const digest = (text: string) => `sha256:${text}` as Digest;
export const key = (text: string) => text as Thumbprint;
export const press7 = { owner: BUYER, id: id('press-7') };
export const session = 'ses_1' as SessionId;

export const remoteService: Term = {
  type: 'remote-service',
  approvals: [{ group: id('maintenance'), persons: 2 }],
  ticketPattern: 'INC-[0-9]{4,8}',
  longestWindowSeconds: 8 * 3_600,
  purposes: [id('repair')],
};
export const dataCollection: Term = {
  type: 'data-collection',
  product: id('telemetry'),
  resource: press7,
  approvals: [{ group: id('maintenance'), persons: 1 }],
  keys: [],
  purposes: [id('predictive-maintenance')],
  recipients: [VENDOR],
  inspection: 'plant',
  regions: [id('eu-1')],
  retentionSeconds: 1,
  longestWindowSeconds: 3_600,
};
export const region: Term = {
  type: 'region',
  region: id('eu-1'),
  operator: 'Broker operator',
  jurisdiction: 'DE',
  endpointKeys: [key('endpoint')],
};
export const offline: Term = {
  type: 'offline',
  kind: 'remote-service',
  class: 'standard',
  mode: 'static',
  leaseSeconds: 600,
};

let roles: Readonly<Record<'vendor' | 'buyer', 'vendor' | 'buyer'>> = { vendor: 'vendor', buyer: 'buyer' };
/** From here on the company that owns the machines and approves is the vendor, and the one whose person and workloads act is the buyer. */
export function swapRoles(): void {
  roles = { vendor: 'buyer', buyer: 'vendor' };
}

const party = (organisation: OrganisationId, role: 'vendor' | 'buyer') => ({
  organisation,
  role: roles[role],
  root: key(`root of ${organisation}`),
  entity: digest(organisation),
});

export const agreementOf = (over: Partial<Agreement> = {}): Agreement => ({
  typ: 'agreement',
  v: 1,
  id: 'agr_1' as AgreementId,
  version: 1,
  previous: null,
  house: false,
  parties: [party(VENDOR, 'vendor'), party(BUYER, 'buyer')],
  resources: [{ ...press7, class: 'standard', services: [id('ssh')] }],
  terms: [remoteService, dataCollection, region, offline],
  effectiveFrom: NOW - DAY,
  endsAt: NOW + DAY,
  ...over,
});

/** The agreement of one company with itself. */
export const houseOf = (organisation: OrganisationId, over: Partial<Agreement> = {}): Agreement =>
  agreementOf({ house: true, parties: [party(organisation, 'buyer')], terms: [remoteService, offline], ...over });

export const grantOf = (over: Partial<Grant> = {}): Grant => ({
  typ: 'grant',
  v: 1,
  id: 'grt_1' as GrantId,
  kind: 'remote-service',
  agreementId: 'agr_1' as AgreementId,
  agreement: digest('agreement'),
  requester: { organisation: VENDOR, id: id('technician') },
  subjects: [{ organisation: VENDOR, kind: 'person', id: id('technician') }],
  resources: [press7],
  actions: [id('ssh')],
  purpose: id('repair'),
  ticket: 'INC-4711',
  windows: [{ from: NOW - HOUR, to: NOW + HOUR }],
  issuedAt: NOW - HOUR,
  ...over,
});

export const technician: Requester = { organisation: VENDOR, id: id('technician') };
export const approver = (name: string, over: Partial<Approver> = {}): Approver => ({
  organisation: BUYER,
  id: id(name),
  groups: [id('maintenance')],
  guest: false,
  signedAt: NOW - HOUR,
  hours: null,
  ...over,
});
export const twoApprovers = [approver('first-approver'), approver('second-approver')];

export const chainOf = (agreement: Agreement = agreementOf(), grant: Grant = grantOf()): VerifiedChain =>
  ({
    agreement,
    agreementDigest: digest('agreement'),
    grant,
    grantDigest: digest('grant'),
    delegations: [],
    owner: BUYER,
    subjectSide: VENDOR,
    approvers: twoApprovers,
    subject: { organisation: VENDOR, kind: 'person', id: id('technician') },
    jkt: key('leaf'),
    keys: [
      { organisation: VENDOR, thumbprint: key('leaf') },
      { organisation: BUYER, thumbprint: key('approver') },
    ],
    documents: [],
  }) as unknown as VerifiedChain;

export const actOf = (over: Partial<Act> = {}): Act => ({
  typ: 'act',
  v: 1,
  verb: 'revoke',
  organisation: BUYER,
  agreementId: 'agr_1' as AgreementId,
  target: { kind: 'grant', id: 'grt_1' as GrantId },
  reason: 'the machine is needed',
  lifts: null,
  sequence: 1,
  previous: null,
  issuedAt: NOW,
  ...over,
});

export const held = (over: Partial<Act> = {}, name = 'act', signers: readonly OrganisationId[] = [BUYER]): HeldAct => ({
  act: actOf(over),
  digest: digest(name),
  signers,
});

/** A narrowing of the version that `chainOf` rests on. */
export const narrowed = (
  over: { strike?: Partial<Narrowing['strike']>; instead?: Partial<Narrowing['instead']> } & Partial<Act>,
  name = 'narrowing',
): HeldAct => {
  const { strike, instead, ...act } = over;
  const narrows: Narrowing = {
    version: digest('agreement'),
    strike: { resources: [], clauses: [], ...strike },
    instead: { resources: [], terms: [], ...instead },
  };
  return held({ verb: 'narrow', target: { kind: 'agreement', id: 'agr_1' as AgreementId }, narrows, ...act }, name);
};

export const verdictOf = (over: Partial<Verdict> = {}): Verdict => ({
  typ: 'verdict',
  v: 1,
  kind: 'embargo',
  organisation: BUYER,
  grant: digest('grant'),
  outcome: 'clear',
  snapshot: digest('snapshot'),
  issuedAt: NOW,
  expiresAt: NOW + HOUR,
  ...over,
});
