import { isDeepStrictEqual } from 'node:util';
import { signDocument } from '@interlock/proof';
import { anAgreement } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aBroker, type Broker } from './a-broker.js';
import { call, ok, TestChannel } from './a-caller.js';
import { statementsFor } from './statements-for.js';
import { alsoVendorOf, aThirdCompany, type ThirdCompany } from './third-company.js';
import { aConnector, anId, aSessionAsk } from './two-companies.js';

describe('a third company', () => {
  let broker: Broker;
  let world: ThirdCompany;
  beforeAll(async () => {
    broker = await aBroker();
    world = await aThirdCompany(broker);
  }, 60_000);
  afterAll(() => broker?.stop());

  /** An answer without the names that are made anew for each. */
  const told = ({ body, ...answer }: Awaited<ReturnType<ThirdCompany['asked']>>) => ({
    ...answer,
    body: JSON.parse(JSON.stringify(body).replaceAll(/"dec_[0-9a-z]+"/g, '"dec"')) as unknown,
  });

  const learnsNothing = async () => {
    const { asks, asked, theirs, nobodys, third } = world;
    const costs = new Set<string>();
    for (const name of Object.keys(asks)) {
      const ask = async (on: typeof theirs) => {
        const [answer, made] = await statementsFor(third.organisation, () => asked(name, on));
        for (const one of made) costs.add(one.join());
        return { ...told(answer), made: made.toSorted((a, b) => a.join().localeCompare(b.join())) };
      };
      let [real, invented] = [await ask(theirs), await ask(nobodys)];
      // Nor by the clock: the same statements for both. What is known of the asker himself is read anew now and then, whatever he asks for.
      for (let again = 0; again < 2 && !isDeepStrictEqual(real.made, invented.made); again += 1)
        [real, invented] = [await ask(theirs), await ask(nobodys)];
      expect({ name, ...real }).toEqual({ name, ...invented });
      if (real.status !== 200) expect({ name, ...real }).toMatchObject({ name, status: 404, code: 'not_a_party' });
      expect(JSON.stringify(real.body)).not.toMatch(/"decision":true|technician/);
    }
    expect(costs.size).toBeGreaterThan(3);
  };

  it(
    'gets for every thing of others the answer for one that does not exist, by the same statements',
    learnsNothing,
    60_000,
  );

  it('is told from others by the bytes of its name: nothing is stored where two spellings are the same', async () => {
    const alike = await broker.database.query(
      `select a.attrelid::regclass::text as of, a.attname from pg_attribute a join pg_collation c on c.oid = a.attcollation
       where not c.collisdeterministic and not a.attisdropped`,
    );
    expect(alike).toEqual([]);
    const types = await broker.database.query(
      `select attrelid::regclass::text as of, attname from pg_attribute join pg_class k on k.oid = attrelid and k.relkind in ('r', 'p')
       where atttypid = to_regtype('citext')`,
    );
    expect(types).toEqual([]);
  });

  it('that lists sees its own and nothing else', async () => {
    expect((await call(broker, world.agent.signer, 'GET', '/v1/agreements')).body).toEqual({ agreements: [] });
    expect((await call(broker, world.agent.signer, 'GET', '/v1/grants')).body).toEqual({ grants: [] });
  });

  it('that proposes an agreement of others, or the next version of one, has nothing there', async () => {
    const propose = async (over: object) => {
      const document = { ...anAgreement(world.pair.who, {}, Date.now()), ...over };
      const signatures = [await signDocument(document, world.third.agreement, Date.now())];
      return call(broker, world.agent.signer, 'POST', '/v1/agreements', { agreement: { document, signatures } });
    };
    expect(await propose({ id: anId('agr') })).toMatchObject({ status: 404, code: 'not_a_party' });
    const { document: house } = await world.houseAgreement(world.pair.agreement.id);
    expect(await propose(house)).toMatchObject({ status: 404, code: 'not_a_party' });
  });

  it('that asks for drafts of others has none, and throws none away', async () => {
    const { id } = world.pair.agreement;
    const draft = { ...anAgreement(world.pair.who, { id: anId('agr') }, Date.now()) };
    const buyer = world.pair.who.buyerAgent.signer;
    await ok(call(broker, buyer, 'PUT', '/v1/agreements/drafts', { agreement: draft }));
    expect((await call(broker, world.agent.signer, 'GET', '/v1/agreements/drafts')).body).toEqual({ drafts: [] });
    expect((await call(broker, world.pair.who.vendorAgent.signer, 'GET', '/v1/agreements/drafts')).body).toEqual({
      drafts: [],
    });
    const other = anAgreement(world.pair.who, { id, version: 9 }, Date.now());
    const kept = await call(broker, world.agent.signer, 'PUT', '/v1/agreements/drafts', { agreement: other });
    expect(kept).toMatchObject({ status: 404, code: 'not_a_party' });
    const name = { id: draft.id, version: draft.version };
    for (const one of [name, { id: anId('agr'), version: 1 }])
      expect(await call(broker, world.agent.signer, 'POST', '/v1/agreements/drafts/discard', one)).toMatchObject({
        status: 404,
        code: 'not_a_party',
      });
    await ok(call(broker, buyer, 'POST', '/v1/agreements/drafts/discard', name));
  });

  it('whose gateway says what it evaluates speaks of itself alone', async () => {
    const report = { evaluators: [], tzdata: '2026a' };
    await ok(call(broker, world.gateway.signer, 'PUT', '/v1/gateway-report', report));
    const byAgent = await call(broker, world.agent.signer, 'PUT', '/v1/gateway-report', report);
    expect(byAgent).toMatchObject({ status: 403, code: 'caller_not_allowed' });
    const named = { ...report, gateway: world.pair.who.gateway.id };
    expect(await call(broker, world.gateway.signer, 'PUT', '/v1/gateway-report', named)).toMatchObject({ status: 400 });
  });

  it('that guesses a root learns nothing', async () => {
    const answered = await call(broker, null, 'GET', `/v1/entities/${world.agent.signer.kid}`);
    expect(answered).toMatchObject({ status: 404, code: 'not_a_party' });
    expect((await call(broker, null, 'GET', `/v1/entities/${world.third.pin}`)).status).toBe(200);
  });

  it('that publishes certificates of others is told whose they must be', async () => {
    const certificates = [world.pair.who.technician.certificate];
    expect(await call(broker, world.agent.signer, 'PUT', '/v1/certificates', { certificates })).toMatchObject({
      status: 403,
      code: 'wrong_issuer',
    });
  });

  it('whose gateway sends a nonce for an agreement of others reaches nobody', async () => {
    const house = await world.houseAgreement(anId('agr'));
    await ok(call(broker, world.agent.signer, 'POST', '/v1/agreements', { agreement: house }));
    const own = await TestChannel.open(broker, world.gateway.signer);
    const other = await TestChannel.open(broker, world.pair.who.buyerAgent.signer);
    const buyers = await TestChannel.open(broker, world.pair.who.gateway.signer);
    await own.next((frame) => frame.t === 'standing');
    own.frames.length = 0;
    own.send({ t: 'nonce', agreementId: world.pair.agreement.id, nonce: 'a-strangers-nonce' });
    own.send({ t: 'ask-standing', agreementId: world.pair.agreement.id });
    // Frames of one channel are handled in order: the answer to this one shows that the others were handled.
    own.send({ t: 'ask-standing', agreementId: house.document.id });
    await own.next((frame) => frame.t === 'standing');
    buyers.send({ t: 'nonce', agreementId: world.pair.agreement.id, nonce: 'the-buyers-own-nonce' });
    await other.next((frame) => frame.t === 'nonce' && frame.nonce === 'the-buyers-own-nonce');
    expect(other.frames.filter((frame) => frame.nonce === 'a-strangers-nonce')).toEqual([]);
    expect(own.frames).toHaveLength(1);
    for (const channel of [own, other, buyers]) channel.close();
  });

  it('cannot use a login proof that another company made', async () => {
    const { loginProof } = await aConnector(world.pair.who, world.grant.id);
    const answered = await call(
      broker,
      world.machine.signer,
      'POST',
      '/v1/sessions',
      aSessionAsk(world.grant, loginProof),
    );
    expect(answered).toMatchObject({ status: 401, code: 'caller_unknown' });
  });

  // The last one: from here on it has an agreement.
  it('learns nothing more of another vendor where it is one itself, of the same buyer and for the same machine', async () => {
    const own = await alsoVendorOf(broker, world);
    const listed = await ok<{ agreements: { id: string }[] }>(
      call(broker, world.agent.signer, 'GET', '/v1/agreements'),
    );
    expect(JSON.stringify(listed)).toContain(own.agreement.id);
    expect(JSON.stringify(listed)).not.toContain(world.pair.agreement.id);
    await learnsNothing();
  }, 60_000);
});
