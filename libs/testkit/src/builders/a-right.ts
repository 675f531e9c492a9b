import type { KeyObject } from 'node:crypto';
import type { ChainDocuments } from '@interlock/contracts';
import type {
  Agreement,
  AgreementId,
  Grant,
  GrantId,
  Instant,
  LocalId,
  LoginProof,
  OrganisationId,
  Thumbprint,
} from '@interlock/domain';
import {
  digestOf,
  newPrivateKey,
  type Pins,
  publicJwkOf,
  signDocument,
  signLoginProof,
  thumbprintOf,
} from '@interlock/proof';
import { aCompany, type Company, type Holder } from './a-company.js';

export const VENDOR = 'alpine-presses.example' as OrganisationId;
export const BUYER = 'delta-foods.example' as OrganisationId;
export const NOW: Instant = Date.UTC(2026, 5, 1, 12, 0, 0);
const HOUR = 3_600_000;
const id = (text: string) => text as LocalId;

/** Two companies that agreed: the vendor services the buyer's press and collects its telemetry. */
export interface Partnership {
  readonly vendor: Company;
  readonly buyer: Company;
  readonly pins: Pins;
  readonly technician: Holder;
  readonly approver: Holder;
  readonly secondApprover: Holder;
  readonly vendorAgent: Holder;
  readonly buyerAgent: Holder;
  readonly gateway: Holder;
  readonly recipient: Holder;
}

const PRESS_7 = [id('press-7')];

export const aPartnership = async (now: Instant = NOW, machines: readonly LocalId[] = PRESS_7): Promise<Partnership> =>
  aPartnershipOf(await aCompany(VENDOR, now), await aCompany(BUYER, now, { jurisdiction: 'NL' }), 'agent', machines);

/**
 * The same of two companies that are there already.
 *
 * @param agentId who signs and calls for a company here; another name than its running agent's where there is one
 * @param machines what the gateway of the buyer enforces for
 */
export async function aPartnershipOf(
  vendor: Company,
  buyer: Company,
  agentId = 'agent',
  machines: readonly LocalId[] = PRESS_7,
): Promise<Partnership> {
  const shift = { groups: [id('maintenance')] };
  const agent = ['login', 'beat', 'narrow', 'embargo', 'decide', 'call'] as const;
  return {
    vendor,
    buyer,
    pins: new Map([
      [vendor.organisation, vendor.pin],
      [buyer.organisation, buyer.pin],
    ]),
    technician: await vendor.holder('person', 'technician', ['grant', 'delegate']),
    approver: await buyer.holder('person', 'first-approver', ['approve'], shift),
    secondApprover: await buyer.holder('person', 'second-approver', ['approve'], shift),
    vendorAgent: await vendor.holder('agent', agentId, agent),
    buyerAgent: await buyer.holder('agent', agentId, agent),
    gateway: await buyer.holder('gateway', 'plant-gateway', ['enforce', 'call'], { resources: machines }),
    recipient: await vendor.holder('workload', 'telemetry-pipeline', ['open', 'subject']),
  };
}

const approvals = [{ group: id('maintenance'), persons: 2 }];

const termsOf = (who: Partnership): Agreement['terms'] => [
  {
    type: 'remote-service',
    approvals,
    ticketPattern: 'INC-[0-9]{4,8}',
    longestWindowSeconds: 8 * 3_600,
    purposes: [id('repair')],
  },
  {
    type: 'data-collection',
    product: id('press-telemetry'),
    resource: { owner: BUYER, id: id('press-7') },
    approvals,
    keys: [{ key: 'force', unit: 'kN', category: id('process'), action: 'pass', step: null }],
    purposes: [id('predictive-maintenance')],
    recipients: [VENDOR],
    inspection: 'plant',
    regions: [id('eu-1')],
    retentionSeconds: 86_400,
    longestWindowSeconds: 365 * 86_400,
  },
  {
    type: 'region',
    region: id('eu-1'),
    operator: 'Broker operator',
    jurisdiction: 'DE',
    endpointKeys: [who.gateway.signer.kid],
  },
  { type: 'offline', kind: 'remote-service', class: 'standard', mode: 'static', leaseSeconds: 1_800 },
  { type: 'delegation', depth: 2, delegates: [VENDOR], unapproved: [] },
  { type: 'evidence', region: id('eu-1'), cosigning: 'both', retentionSeconds: 86_400 },
];

let roles: Readonly<Record<'vendor' | 'buyer', 'vendor' | 'buyer'>> = { vendor: 'vendor', buyer: 'buyer' };
/** From here on the company that owns the press and approves is the vendor, and the one whose technician comes is the buyer. */
export function swapRoles(): void {
  roles = { vendor: 'buyer', buyer: 'vendor' };
}

export function anAgreement(who: Partnership, over: Partial<Agreement> = {}, now: Instant = NOW): Agreement {
  const party = (company: Company, role: 'vendor' | 'buyer') => ({
    organisation: company.organisation,
    role: roles[role],
    root: company.pin,
    entity: digestOf(company.entity.document),
  });
  return {
    typ: 'agreement',
    v: 1,
    id: 'agr_0123456789abcdefghjkmnpqrs' as AgreementId,
    version: 1,
    previous: null,
    house: false,
    parties: [party(who.vendor, 'vendor'), party(who.buyer, 'buyer')],
    resources: [{ owner: BUYER, id: id('press-7'), class: 'standard', services: [id('ssh')] }],
    terms: termsOf(who),
    effectiveFrom: now - HOUR,
    endsAt: now + 24 * HOUR,
    ...over,
  };
}

export async function bothSign(
  who: Partnership,
  agreement: Agreement,
  now: Instant = NOW,
): Promise<ChainDocuments['agreement']> {
  const signatures = [
    await signDocument(agreement, who.vendor.agreement, now),
    await signDocument(agreement, who.buyer.agreement, now),
  ];
  return { document: agreement, signatures };
}

export function aGrant(agreement: Agreement, over: Partial<Grant> = {}, now: Instant = NOW): Grant {
  return {
    typ: 'grant',
    v: 1,
    id: 'grt_0123456789abcdefghjkmnpqrs' as GrantId,
    kind: 'remote-service',
    agreementId: agreement.id,
    agreement: digestOf(agreement),
    requester: { organisation: VENDOR, id: id('technician') },
    subjects: [{ organisation: VENDOR, kind: 'person', id: id('technician') }],
    resources: [{ owner: BUYER, id: id('press-7') }],
    actions: [id('ssh')],
    purpose: id('repair'),
    ticket: 'INC-4711',
    windows: [{ from: now - 60_000, to: now + HOUR }],
    issuedAt: now - 120_000,
    ...over,
  };
}

export async function grantSigned(
  who: Partnership,
  grant: Grant,
  now: Instant = NOW,
): Promise<ChainDocuments['grant']> {
  const signers = [who.technician, who.approver, who.secondApprover].map((holder) => holder.signer);
  return { document: grant, signatures: await Promise.all(signers.map((signer) => signDocument(grant, signer, now))) };
}

export interface Right {
  readonly who: Partnership;
  readonly agreement: Agreement;
  readonly grant: Grant;
  readonly chain: ChainDocuments;
  readonly loginProof: string;
  readonly claims: LoginProof;
  readonly leaf: Thumbprint;
  /** The session key whose thumbprint is `leaf`. */
  readonly key: KeyObject;
}

export interface RightChanges {
  /** What the gateway of the buyer enforces for; its press 7 where left out. */
  readonly machines?: readonly LocalId[];
  readonly agreement?: Partial<Agreement>;
  readonly grant?: Partial<Grant>;
  readonly claims?: Partial<LoginProof>;
}

/** A whole right: everything signed, valid at `now`. A test names only what it changes. */
export async function aRight(over: RightChanges = {}, now: Instant = NOW): Promise<Right> {
  const who = await aPartnership(now, over.machines);
  const agreement = anAgreement(who, over.agreement, now);
  return rightUnder(who, agreement, over, now);
}

/** Another grant and login proof under an agreement that exists, with a new session key. */
export async function rightUnder(
  who: Partnership,
  agreement: Agreement,
  over: RightChanges = {},
  now: Instant = NOW,
): Promise<Right> {
  const grant = aGrant(agreement, over.grant, now);
  const key = newPrivateKey();
  const leaf = thumbprintOf(publicJwkOf(key));
  const seconds = Math.floor(now / 1000);
  const claims: LoginProof = {
    iss: VENDOR,
    sub: id('technician'),
    aud: BUYER,
    jkt: leaf,
    acr: 'pwd',
    auth_time: seconds,
    grant: grant.id,
    iat: seconds,
    exp: seconds + 600,
    jti: '0123456789abcdef',
    ...over.claims,
  };
  const holders = [who.technician, who.approver, who.secondApprover, who.vendorAgent, who.buyerAgent, who.gateway];
  const chain: ChainDocuments = {
    entities: [who.vendor.entity, who.buyer.entity],
    certificates: [...holders, who.recipient].map((holder) => holder.certificate),
    agreement: await bothSign(who, agreement, now),
    grant: await grantSigned(who, grant, now),
  };
  const loginProof = await signLoginProof(claims, who.vendorAgent.signer);
  return { who, agreement, grant, chain, claims, leaf, key, loginProof };
}
