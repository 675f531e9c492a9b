import { auditAnswer, chainDocuments, standing } from '@interlock/contracts';
import type { Grant } from '@interlock/domain';
import { digestOf, verifyChain } from '@interlock/proof';
import { testDatabase } from '@interlock/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aBroker, type Broker } from '../scenarios/broker/a-broker.js';
import { call, ok, TestChannel, until } from '../scenarios/broker/a-caller.js';
import {
  type Agreed,
  aConnector,
  agreed,
  aPartnership,
  aSessionAsk,
  granted,
  publishBoth,
} from '../scenarios/broker/two-companies.js';
import { earlierRows, earlierTables } from './earlier-release.js';

describe('rows of the release before this one', () => {
  let broker: Broker;
  let pair: Agreed;
  let grant: Grant;
  let records: string[];

  beforeAll(async () => {
    const before = await aBroker();
    const who = await aPartnership(Date.now());
    await publishBoth(before, who);
    pair = await agreed(before, who);
    grant = await granted(before, pair);
    await until(async () => (await before.database.query('select 1 from audit.pending')).length === 0);
    records = await kinds(before);
    const database = await testDatabase();
    await earlierTables(database);
    await earlierRows(before.database, database);
    broker = await aBroker(undefined, { database, keys: before.keys });
    await before.stop();
  }, 120_000);
  afterAll(() => broker?.stop());

  const kinds = async (of: Broker): Promise<string[]> => {
    const rows = await of.database.query<{ kind: string }>(
      `select body ->> 'kind' as kind from audit.appended where body ->> 'kind' <> 'caller.refused' order by position`,
    );
    return rows.map(({ kind }) => kind);
  };

  it('give the agreement, the grant and their chain, each as it was signed', async () => {
    const { who, agreement } = pair;
    const held = standing.parse(
      await ok(call(broker, who.gateway.signer, 'GET', `/v1/agreements/${agreement.id}/standing`)),
    );
    expect(digestOf(held.agreement.document)).toBe(digestOf(agreement));
    const { signer, loginProof } = await aConnector(who, grant.id);
    const shown = { 'interlock-login-proof': loginProof };
    const chain = chainDocuments.parse(
      await ok(call(broker, signer, 'GET', `/v1/grants/${grant.id}/chain`, undefined, shown)),
    );
    const self = { organisation: who.buyer.organisation, resources: grant.resources.map((one) => one.id) };
    expect(await verifyChain(chain, who.pins, self, { loginProof }, Date.now())).toMatchObject({ allowed: true });
  });

  it('go on: a session is admitted under the old grant, and its record stands after the old ones', async () => {
    const gateway = await TestChannel.open(broker, pair.who.gateway.signer);
    const { signer, loginProof } = await aConnector(pair.who, grant.id);
    expect(await call(broker, signer, 'POST', '/v1/sessions', aSessionAsk(grant, loginProof))).toMatchObject({
      status: 200,
    });
    expect(await kinds(broker)).toEqual([...records, 'session.admitted']);
    gateway.close();
  });

  it('are found and proven in the log as before, by what this release finds records by', async () => {
    const { agreement, who } = pair;
    const query = `/v1/audit/events?log=${agreement.id}&kind=grant.activated`;
    const answer = auditAnswer.parse(await ok(call(broker, who.buyerAgent.signer, 'GET', query)));
    expect(answer.rows.map(({ record }) => record.kind)).toEqual(['grant.activated']);
  });

  it('are told to the services again without a second effect, and nothing of them is parked', async () => {
    const waiting = 'select 1 from trust_registry.outbox where published_at is null';
    await until(async () => (await broker.database.query(waiting)).length === 0);
    for (const schema of ['audit', 'grants', 'trust_registry', 'federation_api']) {
      expect(await broker.database.query(`select * from ${schema}.dead_letters`)).toEqual([]);
    }
    expect(await broker.database.query('select * from audit.parked')).toEqual([]);
    expect((await kinds(broker)).filter((kind) => kind === 'agreement.activated')).toHaveLength(1);
  });
});
