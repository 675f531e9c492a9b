import type { BusUser, Standing } from '@interlock/contracts';
import type {
  Act,
  Agreement,
  AgreementId,
  Batch,
  Grant,
  GrantId,
  LocalId,
  Purpose,
  Signal,
  Verdict,
} from '@interlock/domain';
import { evidenceOf } from '@interlock/domain';
import {
  busAuthenticator,
  digestOf,
  newNkey,
  type Signer,
  seal,
  signDocument,
  signed,
  trust,
  unseal,
} from '@interlock/proof';
import { aGrant, anAgreement, BUYER, type Holder, type Partnership, VENDOR } from '@interlock/testkit/builders';
import { jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { CallOptions } from './client-of-description.js';
import { aConnector, anId, aSessionAsk } from './two-companies.js';

/** Where the companies play: what they know besides the description of the API. */
export interface Stage {
  readonly who: Partnership;
  readonly witnesses: readonly Holder[];
  readonly pipeline: Holder;
  /** The region as both companies agreed it: its endpoint, its certificate and the key in it. */
  readonly region: {
    readonly name: LocalId;
    readonly port: number;
    readonly certificate: string;
    readonly key: string;
  };
  /** Calls an operation by its id, and fails where it is refused. */
  yes<T = Record<string, never>>(id: string, options: CallOptions): Promise<T>;
}

const id = (text: string) => text as LocalId;
const documentBy = async <D extends object>(document: D, signer: Signer) => ({
  document,
  signatures: [await signDocument(document as never, signer, Date.now())],
});

/** 1: both publish who they are, and which keys speak for them; each reads what the other published under the root that it pinned. */
export async function pin({ who, witnesses, pipeline, yes }: Stage): Promise<void> {
  for (const { entity } of [who.vendor, who.buyer]) await yes('publishEntityPublished', { as: null, body: { entity } });
  const [vendors, buyers] = [VENDOR, BUYER].map((one) => witnesses.filter(({ signer }) => signer.organisation === one));
  for (const [as, holders] of [
    [who.vendorAgent.signer, [who.technician, who.vendorAgent, who.recipient, pipeline, ...(vendors ?? [])]],
    [who.buyerAgent.signer, [who.approver, who.secondApprover, who.buyerAgent, who.gateway, ...(buyers ?? [])]],
  ] as const)
    await yes('publishCertificatesPublished', { as, body: { certificates: holders.map((one) => one.certificate) } });
  // The same document again is the same document.
  await yes('publishEntityPublished', { as: null, body: { entity: who.vendor.entity } });
  const read = { as: null, with: { root: who.vendor.pin } };
  const { entities } = await yes<{ entities: unknown[] }>('readPublished', read);
  if (entities.length !== 1) throw new Error('one document is published, and another is read');
  const evaluators = ['data-collection', 'delegation', 'evidence', 'offline', 'region', 'remote-service'];
  const body = { evaluators, tzdata: '2026a' };
  await yes('reportPublished', { as: who.gateway.signer, body });
}

/** 2: one proposes, the other amends, both sign the same bytes. */
export async function agree({ who, region, yes }: Stage): Promise<Agreement> {
  const now = Date.now();
  const base = anAgreement(who, { id: anId<AgreementId>('agr') }, now);
  const terms = base.terms.map((term) =>
    term.type === 'region' ? { ...term, region: region.name, endpointKeys: [region.key as never] } : term,
  );
  const first: Agreement = { ...base, terms };
  const vendor = who.vendorAgent.signer;
  await yes('keepDraftAgreements', { as: vendor, body: { agreement: first } });
  await yes('draftsAgreements', { as: vendor });
  await yes('discardDraftAgreements', { as: vendor, body: { id: first.id, version: 1 } });
  const proposed = await yes<{ digest: string }>('proposeAgreements', {
    as: vendor,
    body: { agreement: await documentBy(first, who.vendor.agreement) },
  });
  const second: Agreement = { ...first, version: 2, previous: proposed.digest as never };
  const { digest } = await yes<{ digest: string }>('proposeAgreements', {
    as: who.buyerAgent.signer,
    body: { agreement: await documentBy(second, who.buyer.agreement) },
  });
  const signatures = [await signDocument(second, who.vendor.agreement, now)];
  await yes('signAgreements', { as: vendor, with: { id: first.id }, body: { digest, signatures } });
  const list = await yes<{ agreements: { status: string }[] }>('listAgreements', { as: vendor });
  if (!list.agreements.some(({ status }) => status === 'active')) throw new Error('no agreement is in force');
  const attestation = {
    ...{ typ: 'attestation', v: 1, organisation: VENDOR, agreementId: first.id },
    ...{ control: id('iec-62443-3-3/sr-1.1'), statement: 'every account is one person' },
    ...{ evidence: [{ title: 'report of the auditor', digest: digestOf('report') }] },
    ...{ validFrom: now, validUntil: now + 86_400_000, issuedAt: now },
  };
  const annex = await documentBy(attestation, who.vendor.agreement);
  await yes('annexAgreements', { as: vendor, with: { id: first.id }, body: { annex } });
  const signal: Signal = {
    ...{ typ: 'signal', v: 1, organisation: BUYER, signal: id('program'), holds: true, at: now },
    about: { kind: 'gateway', id: who.gateway.id },
    program: { version: '1', digest: null, node: 'v22', tzdata: '2026a', evaluators: [], functionRights: [] },
  };
  const as = who.gateway.signer;
  const said = { as, with: { id: first.id }, body: { signal: await signed(signal, as, now) } };
  for (const _time of [1, 2]) await yes('signalAgreements', said);
  return second;
}

/** 3: somebody asks, two of the owner approve; another asks, and is told no. */
export async function grantOf(stage: Stage, agreement: Agreement, over: Partial<Grant> = {}): Promise<Grant> {
  const { who, yes } = stage;
  const grant = aGrant(agreement, { id: anId<GrantId>('grt'), ...over }, Date.now());
  const asked = await ask(stage, grant);
  for (const { signer } of [who.approver, who.secondApprover])
    await yes('signGrants', {
      as: who.buyerAgent.signer,
      with: { id: grant.id },
      body: { digest: asked.digest, signatures: [await signDocument(grant, signer, Date.now())] },
    });
  const { status } = await yes<{ status: string }>('readGrants', {
    as: who.vendorAgent.signer,
    with: { id: grant.id },
  });
  if (status !== 'active') throw new Error(`the grant is ${status}`);
  return grant;
}

const ask = async ({ who, yes }: Stage, grant: Grant) =>
  yes<{ digest: string }>('askGrants', {
    as: who.vendorAgent.signer,
    body: { grant: await documentBy(grant, who.technician.signer) },
  });

export async function deny(stage: Stage, agreement: Agreement): Promise<void> {
  const { who, yes } = stage;
  const unwanted = aGrant(agreement, { id: anId<GrantId>('grt') }, Date.now());
  await ask(stage, unwanted);
  const body = { reason: 'the line runs until Friday' };
  await yes('denyGrants', { as: who.buyerAgent.signer, with: { id: unwanted.id }, body });
  await yes('listGrants', { as: who.buyerAgent.signer, with: { status: 'denied' } });
}

/** 4: the technician's connector reads the chain and is admitted; the gateway reads what it decides by, and hands in what it did. */
export async function enter({ who, yes }: Stage, grant: Grant) {
  const connector = await aConnector(who, grant.id);
  const shown = { 'interlock-login-proof': connector.loginProof };
  await yes('chainGrants', { as: connector.signer, with: { id: grant.id }, headers: shown });
  const asking = { as: connector.signer, body: aSessionAsk(grant, connector.loginProof) };
  const admitted = await yes<{ session: string; ticket: string }>('openSessions', asking);
  await yes<Standing>('standingAgreements', { as: who.gateway.signer, with: { id: grant.agreementId } });
  const record = evidenceOf(`${BUYER}/${who.gateway.id}`, anId('evd'), {
    ...{ log: grant.agreementId, kind: 'gateway.started', outcome: 'change', at: Date.now() },
    organisation: BUYER,
  });
  for (const _time of [1, 2]) await yes('keepAudit', { as: who.gateway.signer, body: { records: [record] } });
  return { admitted, connector, asking, record };
}

/** 5: the gateway seals for the vendor alone, and the vendor's pipeline pulls over the agreed region. Both with a bare NATS client. */
export async function flow(stage: Stage, agreement: Agreement): Promise<readonly Batch['observations'][]> {
  const { who, pipeline, region, yes } = stage;
  const grant = await grantOf(stage, agreement, {
    kind: 'data-collection',
    subjects: [{ organisation: VENDOR, kind: 'workload', id: who.recipient.id }],
    actions: [id('press-telemetry')],
    purpose: id('predictive-maintenance'),
    ticket: null,
  });
  const user = async (signer: Signer, role: 'publisher' | 'recipient') => {
    const key = newNkey('user');
    const body = { region: region.name, agreementId: agreement.id, role, nkey: key.publicKey };
    const issued = await yes<BusUser>('issueUserRegions', { as: signer, body });
    return { issued, connection: await busOf(stage, issued, key) };
  };
  const [gateway, vendor] = [await user(who.gateway.signer, 'publisher'), await user(pipeline.signer, 'recipient')];
  try {
    const ring = await trust(
      [who.vendor.entity, who.buyer.entity],
      [who.recipient, who.gateway].map((one) => one.certificate),
      who.pins,
      Date.now(),
    );
    if (!ring.allowed) throw new Error(ring.refusal.code);
    const { kid } = who.recipient.signer;
    const recipients = ring.value.find(VENDOR, kid, 'open' as Purpose);
    const batch = {
      ...aBatchOf(agreement, grant),
      gateway: { organisation: BUYER, id: who.gateway.id },
      recipients: [{ organisation: VENDOR, kid }],
    };
    const sealed = await seal(batch, recipients, who.gateway.signer, Date.now());
    const subject = gateway.issued.flows.find(({ flowId }) => flowId === grant.id)?.subject ?? 'none';
    await jetstream(gateway.connection).publish(subject, sealed.text, { msgID: sealed.digest });
    const opener = { organisation: VENDOR, kid, key: who.recipient.key };
    const pulled = await pullOne(vendor.connection, vendor.issued.pulls[0]?.next ?? 'none');
    const opened = await unseal(JSON.parse(pulled), opener, ring.value, Date.now(), agreement);
    if (!opened.allowed) throw new Error(opened.refusal.code);
    return [batch.observations, opened.value.batch.observations];
  } finally {
    for (const { connection } of [gateway, vendor]) await connection.close();
  }
}

const aBatchOf = (agreement: Agreement, grant: Grant) => ({
  ...{ agreement: digestOf(agreement), grant: digestOf(grant), flow: grant.id },
  ...{
    machine: { owner: BUYER, id: id('press-7') },
    product: id('press-telemetry'),
    region: id('eu-1'),
    presenter: null,
  },
  ...{ sequence: 0, previous: null, dropped: 0, receivedAt: Date.now(), sealedAt: Date.now() },
  observations: [{ at: '2026-01-05T08:00:00Z', key: 'force', value: '812.5' }],
});

const busOf = ({ region }: Stage, { jwt, inboxPrefix }: BusUser, key: ReturnType<typeof newNkey>) =>
  connect({
    servers: `127.0.0.1:${region.port}`,
    tls: { handshakeFirst: true, ca: region.certificate, checkServerIdentity: () => undefined } as never,
    authenticator: busAuthenticator(() => jwt, key),
    inboxPrefix,
    reconnect: false,
  });

async function pullOne(connection: NatsConnection, next: string): Promise<string> {
  const options = { strategy: 'count', maxMessages: 1, maxWait: 10_000, noMux: true } as const;
  const asked = JSON.stringify({ batch: 1, expires: 9_000_000_000 });
  for await (const message of await connection.requestMany(next, asked, options)) {
    if (message.headers?.code) continue;
    message.respond('+ACK');
    return message.string();
  }
  throw new Error('nothing came out of the region');
}

/** 6: a verdict of the buyer's own, and a cut. */
export async function cut({ who, yes }: Stage, agreement: Agreement, grant: Grant): Promise<void> {
  const now = Date.now();
  const verdict: Verdict = {
    ...{ typ: 'verdict', v: 1, kind: 'embargo', organisation: BUYER, grant: digestOf(grant), outcome: 'clear' },
    ...{ snapshot: digestOf('lists of the day'), issuedAt: now, expiresAt: now + 3_600_000 },
  };
  const as = who.buyerAgent.signer;
  await yes('verdictActs', { as, body: { verdict: await signed(verdict, as, now) } });
  const act: Act = {
    ...{ typ: 'act', v: 1, verb: 'revoke', organisation: BUYER, agreementId: agreement.id },
    ...{ target: { kind: 'grant', id: grant.id }, reason: 'work is done', lifts: null, sequence: 1, previous: null },
    issuedAt: now,
  };
  await yes('actActs', { as, body: { act: await signed(act, as, now) } });
}
