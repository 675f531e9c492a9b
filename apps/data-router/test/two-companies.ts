import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type BrokerClient,
  BrokerUnavailable,
  brokerClient,
  linkRegion,
  type RegionLink,
  shownBy,
} from '@interlock/company-side';
import { agreementView, type BusUser, busUser, grantView } from '@interlock/contracts';
import type {
  Act,
  Agreement,
  AgreementId,
  Batch,
  Digest,
  Grant,
  GrantId,
  LocalId,
  OrganisationId,
  Purpose,
} from '@interlock/domain';
import { digestOf, type KeyRing, type Nkey, newNkey, type Signer, seal, signDocument, trust } from '@interlock/proof';
import {
  aGrant,
  anAgreement,
  aPartnership,
  bothSign,
  grantSigned,
  type Holder,
  type Partnership,
} from '@interlock/testkit/builders';
import { z } from 'zod';
import type { TestBroker } from './a-broker.js';
import type { TestRegion } from './a-region.js';

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
const anId = <T extends string>(prefix: string): T =>
  `${prefix}_${Array.from(randomBytes(26), (byte) => CROCKFORD[byte & 31]).join('')}` as T;
const done = z.unknown();

/** What a call must have answered; a no fails the test with its code. */
export function must<T>(
  decision: { allowed: true; value: T } | { allowed: false; refusal: { code: string; clause?: string } },
): T {
  if (!decision.allowed)
    throw new Error(`expected a yes, got ${decision.refusal.code} ${decision.refusal.clause ?? ''}`);
  return decision.value;
}

/** A press that sends telemetry to its vendor: two companies that call the broker as their own processes would. */
export interface Companies {
  readonly who: Partnership;
  readonly vendorAgent: BrokerClient;
  readonly buyerAgent: BrokerClient;
  readonly gateway: BrokerClient;
  /** The vendor's pipeline, with a key of its own for calls. */
  readonly pipeline: BrokerClient;
  readonly ring: KeyRing;
}

export const clientFor = (broker: Pick<TestBroker, 'origin'>, signer: Signer): BrokerClient =>
  brokerClient({ origin: broker.origin, signer, now: Date.now, newId: () => randomBytes(16).toString('base64url') });

/** Publishes both companies' documents. */
export async function published(broker: TestBroker): Promise<Companies> {
  const who = await aPartnership(Date.now());
  const pipeline = await who.vendor.holder('workload', 'telemetry-pipeline', ['call', 'subject']);
  const clients = {
    vendorAgent: clientFor(broker, who.vendorAgent.signer),
    buyerAgent: clientFor(broker, who.buyerAgent.signer),
    gateway: clientFor(broker, who.gateway.signer),
    pipeline: clientFor(broker, pipeline.signer),
  };
  const vendors = [who.technician, who.vendorAgent, who.recipient, pipeline];
  const buyers = [who.approver, who.secondApprover, who.buyerAgent, who.gateway];
  for (const { entity } of [who.vendor, who.buyer])
    must(await clients.vendorAgent.put('/v1/entities', { entity }, done));
  must(await publish(clients.vendorAgent, vendors));
  must(await publish(clients.buyerAgent, buyers));
  const certificates = [...vendors, ...buyers].map((one) => one.certificate);
  const ring = must(await trust([who.vendor.entity, who.buyer.entity], certificates, who.pins, Date.now()));
  return { who, ring, ...clients };
}

export const publish = (client: BrokerClient, holders: readonly Holder[]) =>
  client.put('/v1/certificates', { certificates: holders.map((one) => one.certificate) }, done);

/** An agreement in force whose region shows this key. */
export async function agreed(
  companies: Companies,
  region: TestRegion,
  over: Partial<Agreement> = {},
): Promise<Agreement> {
  const { who } = companies;
  const base = anAgreement(who, { id: anId<AgreementId>('agr'), ...over }, Date.now());
  const terms = base.terms.map((term) =>
    term.type === 'region' ? { ...term, region: region.name, endpointKeys: [region.endpointKey] } : term,
  );
  const agreement: Agreement = { ...base, terms };
  const signed = await bothSign(who, agreement, Date.now());
  const [first, second] = signed.signatures;
  must(
    await companies.vendorAgent.post(
      '/v1/agreements',
      { agreement: { document: agreement, signatures: [first] } },
      done,
    ),
  );
  const path = `/v1/agreements/${agreement.id}/signatures`;
  const yes = must(
    await companies.buyerAgent.post(path, { digest: digestOf(agreement), signatures: [second] }, agreementView),
  );
  if (yes.status !== 'active') throw new Error(`the agreement is ${yes.status}`);
  return agreement;
}

/** A data-collection grant that both sides signed. */
export async function granted(companies: Companies, agreement: Agreement, over: Partial<Grant> = {}): Promise<Grant> {
  const { who } = companies;
  const id = (text: string) => text as LocalId;
  const grant = aGrant(
    agreement,
    {
      id: anId<GrantId>('grt'),
      kind: 'data-collection',
      subjects: [{ organisation: who.vendor.organisation, kind: 'workload', id: id('telemetry-pipeline') }],
      actions: [id('press-telemetry')],
      purpose: id('predictive-maintenance'),
      ticket: null,
      ...over,
    },
    Date.now(),
  );
  const { signatures } = await grantSigned(who, grant, Date.now());
  const [asks, ...approves] = signatures;
  must(await companies.vendorAgent.post('/v1/grants', { grant: { document: grant, signatures: [asks] } }, done));
  const path = `/v1/grants/${grant.id}/signatures`;
  const yes = must(await companies.buyerAgent.post(path, { digest: digestOf(grant), signatures: approves }, grantView));
  if (yes.status !== 'active') throw new Error(`the grant is ${yes.status}`);
  return grant;
}

/** The buyer takes something away, as its own agent would. */
export async function act(
  companies: Companies,
  agreement: Agreement,
  over: Pick<Act, 'verb' | 'target'> & Partial<Act>,
  signer = companies.who.buyerAgent.signer,
): Promise<{ readonly document: Act; readonly digest: Digest }> {
  const { who } = companies;
  const document: Act = {
    typ: 'act',
    v: 1,
    organisation: who.buyer.organisation,
    agreementId: agreement.id,
    reason: 'test',
    lifts: null,
    sequence: 1,
    previous: null,
    issuedAt: Date.now(),
    ...over,
  };
  const signatures = [await signDocument(document, signer, Date.now())];
  must(await companies.buyerAgent.post('/v1/acts', { act: { document, signatures } }, done));
  return { document, digest: digestOf(document) };
}

/** With which code the broker refuses this caller a user of the region's bus. */
export async function refusalOf(
  client: BrokerClient,
  region: TestRegion,
  agreement: Agreement,
  role: 'publisher' | 'recipient',
): Promise<string> {
  const ask = { region: region.name, agreementId: agreement.id, role, nkey: newNkey('user').publicKey };
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    try {
      const answered = await client.post('/v1/regions/users', ask, busUser);
      return answered.allowed ? 'none' : answered.refusal.code;
    } catch (thrown) {
      if (!(thrown instanceof BrokerUnavailable)) throw thrown;
    }
  }
  return 'unavailable';
}

/** Waits until the broker gives this caller a user of the region's bus. */
export async function busUserOf(
  client: BrokerClient,
  region: TestRegion,
  agreement: Agreement,
  role: 'publisher' | 'recipient',
): Promise<BusUser & { readonly key: Nkey }> {
  const key = newNkey('user');
  const ask = { region: region.name, agreementId: agreement.id, role, nkey: key.publicKey };
  let last = 'never asked';
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    try {
      const user = await client.post('/v1/regions/users', ask, busUser);
      if (user.allowed) return { ...user.value, key };
      last = user.refusal.code;
    } catch (thrown) {
      last = String(thrown);
    }
    await pause(20);
  }
  throw new Error(`no bus user within 30 s: ${last}`);
}

/** Connects to the region as the gateway and the vendor's client do. */
export async function linkTo(region: TestRegion, user: BusUser & { readonly key: Nkey }): Promise<RegionLink> {
  const endpoint = { host: '127.0.0.1', port: region.port };
  return must(await linkRegion(endpoint, await shownBy(endpoint), user));
}

/** One batch as the plant's gateway seals it, or as somebody else does who signs as `signer`. */
export function aBatch(companies: Companies, agreement: Agreement, grant: Grant, sequence: number): Batch {
  const { who } = companies;
  const kid = who.recipient.signer.kid;
  return {
    agreement: digestOf(agreement),
    grant: digestOf(grant),
    flow: grant.id,
    gateway: { organisation: who.buyer.organisation, id: who.gateway.id },
    machine: { owner: who.buyer.organisation as OrganisationId, id: 'press-7' as LocalId },
    product: 'press-telemetry' as LocalId,
    region: 'eu-1' as LocalId,
    presenter: null,
    sequence,
    previous: null,
    recipients: [{ organisation: who.vendor.organisation, kid }],
    observations: [{ at: '2026-01-05T08:00:00Z', key: 'force', value: String(sequence) }],
    dropped: 0,
    receivedAt: Date.now(),
    sealedAt: Date.now(),
  };
}

export const sealedBy = async (companies: Companies, batch: Batch, signer: Signer): Promise<unknown> => {
  const { ring, who } = companies;
  const recipients = ring.find(who.vendor.organisation, who.recipient.signer.kid, 'open' as Purpose);
  return JSON.parse((await seal(batch, recipients, signer, Date.now())).text);
};
