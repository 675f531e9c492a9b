import { append } from '@interlock/chassis/db';
import { GrantRevoked } from '@interlock/contracts';
import type { Agreement, Grant } from '@interlock/domain';
import { signDocument } from '@interlock/proof';
import { anAgreement } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { aWorld, pullOf, until, type World } from '../test/a-world.js';
import { evidenceIn, revisionIn, routesIn, storedIn } from '../test/rows.js';
import {
  aBatch,
  act,
  agreed,
  busUserOf,
  granted,
  linkTo,
  must,
  publish,
  refusalOf,
  sealedBy,
} from '../test/two-companies.js';

let world: World;
beforeAll(async () => {
  world = await aWorld();
}, 120_000);
afterAll(() => world?.dispose(), 60_000);

/** How long each cut of this file took. Milliseconds. */
const took: number[] = [];

/** A flow with its gateway and its recipient connected. */
async function aFlow() {
  const { companies, region } = world;
  const agreement = await agreed(companies, region);
  const grant = await granted(companies, agreement);
  const [gateway, vendor] = [
    await busUserOf(companies.gateway, region, agreement, 'publisher'),
    await busUserOf(companies.pipeline, region, agreement, 'recipient'),
  ];
  const [publisher, recipient] = [await linkTo(region, gateway), await linkTo(region, vendor)];
  return { agreement, grant, gateway, vendor, publisher, recipient, subject: gateway.flows[0]?.subject ?? '' };
}
type Flow = Awaited<ReturnType<typeof aFlow>>;

const close = ({ publisher, recipient }: Flow) => Promise.all([publisher.close(), recipient.close()]);

/** Waits until the server has closed both connections. */
const bothCut = async ({ publisher, recipient }: Flow): Promise<void> => {
  let takenAway = Number.NaN;
  const forget = world.broker.newest().wiring.transactor.onAnnounced(() => {
    takenAway = performance.now();
    forget();
  });
  await Promise.all([publisher.connection.closed(), recipient.connection.closed()]);
  took.push(performance.now() - takenAway);
};

const revoke = (agreement: Agreement, grant: Grant) =>
  act(world.companies, agreement, { verb: 'revoke', target: { kind: 'grant', id: grant.id } });

const send = async (flow: Pick<Flow, 'agreement' | 'grant' | 'publisher' | 'subject'>, sequence: number) => {
  const { companies } = world;
  const batch = aBatch(companies, flow.agreement, flow.grant, sequence);
  const sealed = await sealedBy(companies, batch, companies.who.gateway.signer);
  return flow.publisher.stream.publish(flow.subject, JSON.stringify(sealed), { msgID: `${flow.grant.id} ${sequence}` });
};

/** The number of the first batch that the recipient is given. */
async function firstFetched(agreement: Agreement): Promise<number | undefined> {
  const pull = await pullOf(world, agreement);
  const [first] = await pull.next(10, 1_000);
  await pull.close();
  return first && must(first.opened).batch.sequence;
}

describe('a grant that is revoked', () => {
  it('cuts its gateway and its recipient, for good, and nobody else', async () => {
    const [ended, stays] = [await aFlow(), await aFlow()];
    const cut = bothCut(ended);
    await revoke(ended.agreement, ended.grant);
    await cut;
    const { companies, region } = world;
    await expect(linkTo(region, ended.gateway)).rejects.toThrow(/Authorization/i);
    await expect(linkTo(region, ended.vendor)).rejects.toThrow(/Authorization/i);
    expect(await refusalOf(companies.gateway, region, ended.agreement, 'publisher')).toBe('outside_grant');
    expect(await refusalOf(companies.pipeline, region, ended.agreement, 'recipient')).toBe('outside_grant');
    expect(await routesIn(world, ended.agreement)).toEqual([]);
    expect(await evidenceIn(world, ended.agreement, 'flow.cut')).toEqual([{ code: 'taken_away', region: null }]);
    await send(stays, 1);
    expect(stays.recipient.connection.isClosed()).toBe(false);
    await close(stays);
  }, 60_000);

  it('leaves the other flow of the same gateway and agreement to whoever asks again', async () => {
    const flow = await aFlow();
    const other = await granted(world.companies, flow.agreement);
    const carried = (route: object) => (route as { carried_in: string[] }).carried_in.length === 1;
    const routes = () => routesIn(world, flow.agreement) as Promise<object[]>;
    await until('both are carried', async () => (await routes()).filter(carried).length === 2);
    await revoke(flow.agreement, flow.grant);
    await bothCut(flow);
    const again = await busUserOf(world.companies.gateway, world.region, flow.agreement, 'publisher');
    expect(again.flows.map((one) => one.flowId)).toEqual([other.id]);
    const link = await linkTo(world.region, again);
    await expect(link.stream.publish(flow.subject, 'x', { timeout: 1_000, retries: 0 })).rejects.toThrow();
    await link.stream.publish(again.flows[0]?.subject ?? '', '{}');
    await link.close();
  }, 60_000);
});

describe('an agreement that is suspended', () => {
  it('cuts both sides and carries again once every party has resumed it; what was stored is still there', async () => {
    const flow = await aFlow();
    await send(flow, 1);
    const { companies, region } = world;
    const target = { kind: 'agreement', id: flow.agreement.id } as const;
    const cut = bothCut(flow);
    const suspended = await act(companies, flow.agreement, { verb: 'suspend', target });
    await cut;
    expect(await refusalOf(companies.gateway, region, flow.agreement, 'publisher')).toBe('taken_away');
    const resume = { ...suspended.document, verb: 'resume' as const, lifts: suspended.digest, sequence: 2 };
    const signatures = [
      await signDocument(resume, companies.who.buyer.agreement, Date.now()),
      await signDocument(resume, companies.who.vendor.agreement, Date.now()),
    ];
    must(await companies.buyerAgent.post('/v1/acts', { act: { document: resume, signatures } }, z.unknown()));
    await until('it is carried again', async () => (await routesIn(world, flow.agreement)).length === 1);
    await busUserOf(companies.pipeline, region, flow.agreement, 'recipient');
    expect(await firstFetched(flow.agreement)).toBe(1);
  }, 60_000);
});

/** A flow under an agreement that gives time to fetch, with one batch delivered. */
async function retrievable(retrievalSeconds = 86_400) {
  const { companies, region } = world;
  const notice = { type: 'notice', terminateSeconds: 0, retrievalSeconds };
  const agreement = await agreed(companies, region, { terms: [...anAgreement(companies.who).terms, notice] });
  const grant = await granted(companies, agreement);
  const gateway = await busUserOf(companies.gateway, region, agreement, 'publisher');
  const publisher = await linkTo(region, gateway);
  await send({ agreement, grant, publisher, subject: gateway.flows[0]?.subject ?? '' }, 1);
  return { agreement, grant, gateway, publisher };
}

describe('an agreement that is over but for retrieval', () => {
  it('cuts whoever publishes, and the recipient fetches what was delivered; nothing new is granted', async () => {
    const { companies, region } = world;
    const { agreement, gateway, publisher } = await retrievable();
    const target = { kind: 'agreement', id: agreement.id } as const;
    await act(companies, agreement, { verb: 'terminate', target }, companies.who.buyer.agreement);
    await publisher.connection.closed();
    const refused = async () =>
      (await refusalOf(companies.gateway, region, agreement, 'publisher')) === 'outside_grant';
    await until('only what is stored is carried', refused);
    await expect(linkTo(region, gateway)).rejects.toThrow(/Authorization/i);
    await expect(granted(companies, agreement)).rejects.toThrow(/window_outside_agreement/);
    await until('the recipient is let in', () => busUserOf(companies.pipeline, region, agreement, 'recipient'));
    expect(await firstFetched(agreement)).toBe(1);
    expect(await evidenceIn(world, agreement, 'flow.cut')).toEqual([{ code: 'agreement_over', region: null }]);
  }, 60_000);
});

describe('what nobody fetched', () => {
  it('is gone from the region when the time to fetch it is over, and stays where it is not; the log of the agreement says so', async () => {
    const { companies } = world;
    const [short, long] = [await retrievable(1), await retrievable()];
    for (const { agreement, publisher } of [short, long]) {
      const target = { kind: 'agreement', id: agreement.id } as const;
      await act(companies, agreement, { verb: 'terminate', target }, companies.who.buyer.agreement);
      await publisher.connection.closed();
    }
    const erased = ({ agreement }: typeof short) => evidenceIn(world, agreement, 'data.erased');
    await until('it is erased', async () => (await erased(short)).length > 0, 30_000);
    expect([await erased(short), await erased(long)]).toEqual([[{ code: 'ended', region: 'eu-1' }], []]);
    const stored = await storedIn(world);
    expect([short, long].map(({ agreement }) => stored.includes(agreement.id))).toEqual([false, true]);
    await until('it is let in', () => busUserOf(companies.pipeline, world.region, long.agreement, 'recipient'));
    expect(await firstFetched(long.agreement)).toBe(1);
  }, 60_000);
});

describe('retrieval that both signed', () => {
  it('is not evaded by revoking the flow, suspending the agreement and then ending it', async () => {
    const { companies, region } = world;
    const { agreement, grant, gateway, publisher } = await retrievable();
    await revoke(agreement, grant);
    await publisher.connection.closed();
    await expect(linkTo(region, gateway)).rejects.toThrow(/Authorization/i);
    const letIn = () =>
      until('the recipient is let in', () => busUserOf(companies.pipeline, region, agreement, 'recipient'));
    await letIn();
    const target = { kind: 'agreement', id: agreement.id } as const;
    await act(companies, agreement, { verb: 'suspend', target, sequence: 2 });
    const refused = async () => (await refusalOf(companies.gateway, region, agreement, 'publisher')) === 'taken_away';
    await until('the gateway is told', refused);
    await letIn();
    await act(companies, agreement, { verb: 'terminate', target, sequence: 3 }, companies.who.buyer.agreement);
    await letIn();
    expect(await firstFetched(agreement)).toBe(1);
  }, 60_000);
});

describe("the region's server", () => {
  it('killed and started again carries on with everything it had', async () => {
    const flow = await aFlow();
    await send(flow, 1);
    await world.region.end();
    await world.region.start();
    const gateway = await busUserOf(world.companies.gateway, world.region, flow.agreement, 'publisher');
    const again = {
      ...flow,
      publisher: await until('it is up', () => linkTo(world.region, gateway).catch(() => undefined)),
    };
    await send(again, 2);
    const pull = await pullOf(world, flow.agreement);
    const pulled = await pull.next(10, 1_000);
    expect(pulled.map(({ opened }) => must(opened).batch.sequence)).toEqual([1, 2]);
    await pull.close();
    await again.publisher.close();
  }, 60_000);

  it('that lost its disk is made to carry everything again, and that it was otherwise is a finding', async () => {
    const flow = await aFlow();
    const before = (await evidenceIn(world, 'operator', 'finding')).length;
    await world.region.end(true);
    await world.region.start();
    await until('it is told', async () => (await evidenceIn(world, 'operator', 'finding')).length > before);
    const gateway = await busUserOf(world.companies.gateway, world.region, flow.agreement, 'publisher');
    const link = await until('it is carried', () => linkTo(world.region, gateway).catch(() => undefined));
    await link.stream.publish(gateway.flows[0]?.subject ?? '', '{}');
    expect((await evidenceIn(world, 'operator', 'finding')).at(-1)).toEqual({ code: 'bus_repaired', region: 'eu-1' });
    await link.close();
  }, 60_000);

  it('away when a grant is revoked, it gets the cut from the next router that runs', async () => {
    const flow = await aFlow();
    // The accounts stay, for another flow: what cuts these users is the cut and nothing else.
    await granted(world.companies, flow.agreement);
    await until('both are routed', async () => (await routesIn(world, flow.agreement)).length === 2);
    await world.region.end();
    await revoke(flow.agreement, flow.grant);
    await until('the cut is owed', async () => (await routesIn(world, flow.agreement)).length === 1);
    await world.broker.newest().close();
    await world.region.start();
    // Nobody has told the server: the old users still come in.
    const early = await until('the server is up', () => linkTo(world.region, flow.gateway).catch(() => undefined));
    await world.broker.startRouter();
    await early.connection.closed();
    await until('nobody comes in', () =>
      linkTo(world.region, flow.vendor).then(
        (link) => link.close().then(() => false),
        (thrown) => /Authorization/i.test(String(thrown)),
      ),
    );
  }, 60_000);
});

describe('a grant that has no route', () => {
  it('is evidence once, with the reason: its agreement does not name the key of the region', async () => {
    const { companies, region } = world;
    const elsewhere = { ...region, endpointKey: companies.who.gateway.signer.kid };
    const agreement = await agreed(companies, elsewhere);
    await granted(companies, agreement);
    await until('it is refused', async () => (await evidenceIn(world, agreement, 'flow.refused')).length > 0);
    const before = await revisionIn(world, agreement);
    const another = await companies.who.buyer.holder('gateway', 'spare-gateway', ['enforce', 'call']);
    must(await publish(companies.buyerAgent, [another]));
    await until('it was judged again', async () => (await revisionIn(world, agreement)) !== before);
    expect(await evidenceIn(world, agreement, 'flow.refused')).toEqual([{ code: 'endpoint_not_agreed', region: null }]);
    expect(await refusalOf(companies.gateway, region, agreement, 'publisher')).toBe('outside_grant');
  }, 60_000);
});

describe('without the services that have the documents', () => {
  it('what narrows takes effect as soon as it is heard', async () => {
    const [revoked, suspended] = [await aFlow(), await aFlow()];
    await world.broker.end('grants');
    const target = { kind: 'agreement', id: suspended.agreement.id } as const;
    const cut = bothCut(suspended);
    await act(world.companies, suspended.agreement, { verb: 'suspend', target });
    await cut;
    // What grants announced before it went; it answers nothing.
    await using grants = await world.broker.announcer('grants');
    const { transactor, ids } = grants.wiring;
    const body = { id: revoked.grant.id, agreementId: revoked.agreement.id, act: null };
    const away = bothCut(revoked);
    await transactor.run((tx) => append(tx, GrantRevoked, ids.next('evt'), body));
    await away;
    expect(await routesIn(world, revoked.agreement)).toEqual([]);
  }, 60_000);
});

describe('a cut', () => {
  it('reaches both sides at the end of the route, long before anybody would look again', () => {
    expect(took.length).toBeGreaterThanOrEqual(4);
    // The best of them: other work on the machine makes a cut late, but none early.
    expect(Math.min(...took)).toBeLessThan(500);
  });
});
