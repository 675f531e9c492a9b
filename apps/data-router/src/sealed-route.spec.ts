import { pullSealed } from '@interlock/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aBroker, type TestBroker } from '../test/a-broker.js';
import { aRegion, type TestRegion } from '../test/a-region.js';
import {
  aBatch,
  agreed,
  busUserOf,
  type Companies,
  granted,
  linkTo,
  must,
  published,
  sealedBy,
} from '../test/two-companies.js';

let region: TestRegion;
let broker: TestBroker;
let companies: Companies;

beforeAll(async () => {
  region = await aRegion('eu-1');
  broker = await aBroker([region]);
  companies = await published(broker);
}, 120_000);
afterAll(async () => {
  await broker?.stop();
  await region?.dispose();
}, 60_000);

describe('a flow that both companies signed', () => {
  it("carries sealed batches from the plant's gateway to the vendor, who opens them", async () => {
    const agreement = await agreed(companies, region);
    const grant = await granted(companies, agreement);
    const publisher = await busUserOf(companies.gateway, region, agreement, 'publisher');
    expect(publisher.flows.map((flow) => flow.flowId)).toEqual([grant.id]);
    const link = await linkTo(region, publisher);
    const batch = aBatch(companies, agreement, grant, 0);
    const sealed = await sealedBy(companies, batch, companies.who.gateway.signer);
    await link.stream.publish(publisher.flows[0]?.subject ?? '', JSON.stringify(sealed), { msgID: 'first' });
    const { recipient, vendor } = companies.who;
    const pull = must(
      await pullSealed({
        broker: companies.pipeline,
        organisation: vendor.organisation,
        agreement,
        ring: companies.ring,
        region: region.name,
        endpoint: { host: '127.0.0.1', port: region.port },
        opener: { kid: recipient.signer.kid, key: recipient.key },
        now: Date.now,
      }),
    );
    const pulled = await pull.next(10, 1_000);
    expect(pulled.map(({ opened }) => must(opened).batch.observations)).toEqual([batch.observations]);
    for (const one of pulled) one.acknowledge();
    expect(await pull.next(10, 300)).toEqual([]);
    await pull.close();
    await link.close();
  }, 60_000);
});
