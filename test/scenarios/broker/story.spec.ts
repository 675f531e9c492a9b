import { admission, chainDocuments, gatewayFrame, standing } from '@interlock/contracts';
import type { Act } from '@interlock/domain';
import { digestOf, digestOfToken, signed, traceOfTicket, verifyChain, verifyTicket } from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aBroker, type Broker } from './a-broker.js';
import { call, ok, TestChannel, until } from './a-caller.js';
import { type Agreed, aConnector, agreed, aPartnership, aSessionAsk, granted, publishBoth } from './two-companies.js';

describe('two companies through the broker', () => {
  let broker: Broker;
  let pair: Agreed;
  let gateway: TestChannel;
  let agent: TestChannel;

  beforeAll(async () => {
    broker = await aBroker();
    const who = await aPartnership(Date.now());
    await publishBoth(broker, who);
    agent = await TestChannel.open(broker, who.buyerAgent.signer);
    gateway = await TestChannel.open(broker, who.gateway.signer);
    pair = await agreed(broker, who);
  }, 60_000);

  afterAll(async () => {
    gateway?.close();
    agent?.close();
    await broker?.stop();
  });

  it('shows a proposal to the other side and brings the gateway its standing once both signed', async () => {
    await agent.next((frame) => frame.t === 'inbox' && frame.id === pair.agreement.id);
    const frame = await gateway.next(({ t }) => t === 'standing');
    const held = standing.parse(frame.standing);
    expect(held.agreement.signatures).toHaveLength(2);
    expect(digestOf(held.agreement.document)).toBe(digestOf(pair.agreement));
  });

  it('admits a technician whose chain holds, and offers him to the gateway with everything it needs to decide', async () => {
    const grant = await granted(broker, pair);
    const { signer, loginProof } = await aConnector(pair.who, grant.id);
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const traced = { traceparent: `00-${traceId}-00f067aa0ba902b7-00` };
    const admitted = admission.parse(
      await ok(call(broker, signer, 'POST', '/v1/sessions', aSessionAsk(grant, loginProof), traced)),
    );
    const offer = await gateway.next(({ t, session }) => t === 'offer' && session === admitted.session);
    const read = gatewayFrame.parse(offer);
    if (read.t !== 'offer') throw new Error('not an offer');
    expect(read.rendezvous).toBe(admitted.rendezvous);
    const now = Date.now();
    const ticket = await verifyTicket(read.ticket, broker.ticketKey, now);
    expect(traceOfTicket(read.ticket)).toBe(traceId);
    expect(ticket).toMatchObject({ allowed: true, value: { proof: digestOfToken(loginProof), jkt: signer.kid } });
    const self = { organisation: pair.who.buyer.organisation, resources: grant.resources.map((one) => one.id) };
    const chain = await verifyChain(read.chain, pair.who.pins, self, { loginProof }, now);
    expect(chain.allowed).toBe(true);
    const rows = await broker.database.query(
      `select body ->> 'kind' as kind from audit.appended where log = $1 order by position`,
      [pair.agreement.id],
    );
    expect(rows.map((row) => row.kind)).toEqual([
      'agreement.proposed',
      'agreement.signed',
      'agreement.signed',
      'agreement.activated',
      'grant.requested',
      'grant.approved',
      'grant.approved',
      'grant.activated',
      'session.admitted',
    ]);
  });

  it('pushes an act to the gateway, and admits nobody any more', async () => {
    const grant = await granted(broker, pair);
    const { signer, loginProof } = await aConnector(pair.who, grant.id);
    await ok(call(broker, signer, 'POST', '/v1/sessions', aSessionAsk(grant, loginProof)));
    const revoke: Act = {
      typ: 'act',
      v: 1,
      verb: 'revoke',
      organisation: pair.who.buyer.organisation,
      agreementId: pair.agreement.id,
      target: { kind: 'grant', id: grant.id },
      reason: 'work is done',
      lifts: null,
      sequence: 1,
      previous: null,
      issuedAt: Date.now(),
    };
    const act = await signed(revoke, pair.who.buyerAgent.signer, Date.now());
    const began = performance.now();
    const handedIn = ok(call(broker, pair.who.buyerAgent.signer, 'POST', '/v1/acts', { act }));
    await gateway.next(({ t, act: got }) => t === 'act' && digestOf((got as typeof act).document) === digestOf(revoke));
    expect(performance.now() - began).toBeLessThan(1_000);
    await handedIn;
    const again = await call(broker, signer, 'POST', '/v1/sessions', aSessionAsk(grant, loginProof));
    expect(again).toMatchObject({ status: 403, code: 'taken_away' });
    await until(async () => {
      const rows = await broker.database.query(
        `select 1 from audit.appended where body ->> 'kind' = 'session.refused'`,
      );
      return rows.length === 1;
    });
  });

  it('gives a connector the chain of the grant its login proof names, and a stranger nothing', async () => {
    const grant = await granted(broker, pair);
    const { signer, loginProof } = await aConnector(pair.who, grant.id);
    const shown = { 'interlock-login-proof': loginProof };
    const chain = chainDocuments.parse(
      await ok(call(broker, signer, 'GET', `/v1/grants/${grant.id}/chain`, undefined, shown)),
    );
    expect(digestOf(chain.grant.document)).toBe(digestOf(grant));
    const other = await granted(broker, pair);
    expect(await call(broker, signer, 'GET', `/v1/grants/${other.id}/chain`, undefined, shown)).toMatchObject({
      status: 404,
      code: 'not_a_party',
    });
  });
});
