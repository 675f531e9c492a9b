import { randomBytes } from 'node:crypto';
import { inboxPrefix, publisherAccount, recipientAccount, signUserJwt } from '@interlock/bus';
import { busUser } from '@interlock/contracts';
import type { Agreement, Grant } from '@interlock/domain';
import { busAuthenticator, keySigner, newNkey, newPrivateKey } from '@interlock/proof';
import { aCompany } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { aWorld, pullOf, type World } from '../test/a-world.js';
import { aBatch, agreed, busUserOf, clientFor, granted, linkTo, must, sealedBy } from '../test/two-companies.js';

let world: World;
let agreement: Agreement;
let grant: Grant;

beforeAll(async () => {
  world = await aWorld();
  agreement = await agreed(world.companies, world.region);
  grant = await granted(world.companies, agreement);
}, 120_000);
afterAll(() => world?.dispose(), 60_000);

const anything = z.unknown();
const json = (value: unknown): string => JSON.stringify(value);

/** The gateway of the plant, connected. */
async function publisher(of: Agreement = agreement) {
  const { companies, region } = world;
  const user = await busUserOf(companies.gateway, region, of, 'publisher');
  return { user, link: await linkTo(region, user), subject: user.flows[0]?.subject ?? '' };
}

const ask = (role: 'publisher' | 'recipient', over: object = {}) => ({
  region: world.region.name,
  agreementId: agreement.id,
  role,
  nkey: newNkey('user').publicKey,
  ...over,
});
const askAs = async (who: 'gateway' | 'pipeline' | 'vendorAgent' | 'buyerAgent', body: object) => {
  const answered = await world.companies[who].post('/v1/regions/users', body, busUser);
  return answered.allowed ? 'yes' : answered.refusal.code;
};

describe('a flow that both companies signed', () => {
  it("carries sealed batches from the plant's gateway to the vendor, who opens them", async () => {
    const { companies } = world;
    const { user, link, subject } = await publisher();
    expect(user.flows.map((flow) => flow.flowId)).toEqual([grant.id]);
    const issued = await world.broker.database.query<{ body: unknown }>(
      `select body from audit.appended where log = $1 and body ->> 'kind' = 'user.issued'`,
      [agreement.id],
    );
    const said = {
      organisation: 'delta-foods.example',
      region: world.region.name,
      code: 'publisher',
      outcome: 'allow',
    };
    expect(issued.map(({ body }) => body)).toContainEqual(expect.objectContaining(said));
    const batch = aBatch(companies, agreement, grant, 0);
    const sealed = json(await sealedBy(companies, batch, companies.who.gateway.signer));
    await link.stream.publish(subject, sealed, { msgID: 'first' });
    // What the gateway sends twice is stored once.
    await link.stream.publish(subject, sealed, { msgID: 'first' });
    const pull = await pullOf(world, agreement);
    const pulled = await pull.next(10, 1_000);
    expect(pulled.map(({ opened }) => must(opened).batch.observations)).toEqual([batch.observations]);
    for (const one of pulled) one.acknowledge();
    expect(await pull.next(10, 300)).toEqual([]);
    await pull.close();
    await link.close();
  }, 60_000);

  it('gives its users to the parties alone, each in its own role', async () => {
    expect(await askAs('vendorAgent', ask('recipient'))).toBe('yes');
    expect(await askAs('pipeline', ask('recipient'))).toBe('yes');
    expect(await askAs('gateway', ask('publisher'))).toBe('yes');
    expect(await askAs('pipeline', ask('publisher'))).toBe('caller_not_allowed');
    expect(await askAs('gateway', ask('recipient'))).toBe('caller_not_allowed');
    // The buyer is a party, but no recipient of this flow.
    expect(await askAs('buyerAgent', ask('recipient'))).toBe('outside_grant');
    expect(await askAs('gateway', ask('publisher', { region: 'us-1' }))).toBe('region_not_agreed');
    expect(await askAs('gateway', ask('publisher', { nkey: `U${'A'.repeat(55)}` }))).toBe('malformed');
  }, 60_000);

  it('gives nothing to a gateway of its owner that is not certified for the machine', async () => {
    const { companies, broker } = world;
    const other = await companies.who.buyer.holder('gateway', 'other-gateway', ['enforce', 'call'], { resources: [] });
    must(await companies.buyerAgent.put('/v1/certificates', { certificates: [other.certificate] }, anything));
    const client = clientFor(broker, other.signer);
    const answered = await client.post('/v1/regions/users', ask('publisher'), busUser);
    expect(answered).toMatchObject({ allowed: false, refusal: { code: 'outside_grant' } });
  }, 60_000);
});

describe('whoever is party to another agreement', () => {
  it('learns nothing of this one and gets nothing of it', async () => {
    const { companies, region } = world;
    const elsewhere = await agreed(companies, region);
    await granted(companies, elsewhere);
    const { link, subject } = await publisher();
    await link.stream.publish(subject, json({}), { msgID: 'for this one only' });
    const stranger = await publisher(elsewhere);
    const theirs = await pullOf(world, elsewhere);
    expect(await theirs.next(10, 300)).toEqual([]);
    // A user of the one agreement may not even name what belongs to the other.
    await expect(stranger.link.stream.publish(subject, 'x', { timeout: 1_000, retries: 0 })).rejects.toThrow();
    for (const one of [link, stranger.link]) await one.close();
    await theirs.close();
  }, 60_000);

  it.each(['agr_00000000000000000000000000', 'of others'])(
    'is told the same of an agreement that is %s',
    async (which) => {
      const { broker } = world;
      const stranger = await strangers();
      const agreementId = which === 'of others' ? agreement.id : which;
      const answered = await clientFor(broker, stranger).post(
        '/v1/regions/users',
        ask('recipient', { agreementId }),
        busUser,
      );
      expect(answered).toMatchObject({ allowed: false, refusal: { code: 'not_a_party' } });
      expect(answered).not.toHaveProperty('refusal.clause');
    },
  );
});

/** A third company that is registered here and party to nothing. */
async function strangers() {
  const company = await aCompany(`third-${randomBytes(4).toString('hex')}.example`, Date.now());
  const agent = await company.holder('agent', 'agent', ['call', 'beat', 'narrow']);
  const client = clientFor(world.broker, agent.signer);
  must(await client.put('/v1/entities', { entity: company.entity }, anything));
  must(await client.put('/v1/certificates', { certificates: [agent.certificate] }, anything));
  return agent.signer;
}

/** A user made by whoever has every key of the region, for an account of its choice. */
async function forged(account: string): Promise<NatsConnection> {
  const { region } = world;
  const keys = region.keys.accountKeys(account);
  const key = newNkey('user');
  const all = { allow: ['>'] as const };
  const nats = {
    ...{ issuer_account: keys.publicKey, pub: all, sub: all, subs: -1, data: -1, payload: -1 },
    allowed_connection_types: ['STANDARD'] as const,
  };
  const now = Math.floor(Date.now() / 1_000);
  const jwt = signUserJwt({ name: 'forged', sub: key.publicKey, iat: now, exp: now + 60, nats }, keys.signer);
  return connect({
    servers: `127.0.0.1:${region.port}`,
    tls: { handshakeFirst: true, rejectUnauthorized: false },
    authenticator: busAuthenticator(() => jwt, key),
    inboxPrefix: inboxPrefix(key.publicKey),
    reconnect: false,
  });
}

describe('a bus user that the broker forges', () => {
  it("for the gateway's account puts nothing in the recipient's hands: not one of its messages opens", async () => {
    const { companies } = world;
    const { buyer, gateway, approver } = companies.who;
    const { link, subject } = await publisher();
    const attacker = await forged(publisherAccount(agreement.id, buyer.organisation, gateway.id));
    const batch = aBatch(companies, agreement, grant, 7);
    const invented = [
      'no JSON',
      json({}),
      json(await sealedBy(companies, batch, keySigner(buyer.organisation, newPrivateKey()))),
      json(await sealedBy(companies, batch, companies.who.vendorAgent.signer)),
      // A key of the plant itself, but not its gateway's.
      json(await sealedBy(companies, batch, approver.signer)),
    ];
    for (const [at, text] of invented.entries())
      await jetstream(attacker).publish(subject, text, { msgID: `forged ${at}` });
    const genuine = json(await sealedBy(companies, batch, gateway.signer));
    await link.stream.publish(subject, genuine, { msgID: 'genuine' });
    const pull = await pullOf(world, agreement);
    const pulled = await pull.next(50, 1_000);
    for (const one of pulled) one.acknowledge();
    const codes = pulled
      .slice(-invented.length - 1)
      .map(({ opened }) => (opened.allowed ? 'opened' : opened.refusal.code));
    expect(codes).toEqual(['not_sealed', 'not_sealed', 'unknown_key', 'wrong_issuer', 'wrong_purpose', 'opened']);
    await pull.close();
    await attacker.close();
    await link.close();
  }, 60_000);

  it("for the recipient's account opens nothing it pulls", async () => {
    const { companies } = world;
    const { vendor, gateway } = companies.who;
    const { link, subject } = await publisher();
    const sealed = await sealedBy(companies, aBatch(companies, agreement, grant, 8), gateway.signer);
    await link.stream.publish(subject, json(sealed), { msgID: 'eight' });
    const attacker = await forged(recipientAccount(agreement.id, vendor.organisation));
    const { pulls } = await busUserOf(companies.pipeline, world.region, agreement, 'recipient');
    const asked = json({ batch: 50, expires: 1_000_000_000 });
    const options = { strategy: 'count', maxMessages: 50, maxWait: 1_200, noMux: true } as const;
    const seen: string[] = [];
    for await (const message of await attacker.requestMany(pulls[0]?.next ?? '', asked, options)) {
      if (message.headers?.code) break;
      seen.push(message.string());
      message.respond('-NAK');
    }
    expect(seen).toContain(json(sealed));
    expect(seen.join(' ')).not.toMatch(/force|press-7|2026-01-05/);
    await attacker.close();
    await link.close();
  }, 60_000);
});
