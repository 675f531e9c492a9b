import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LocalId, Verdict } from '@interlock/domain';
import { digestOf, signed } from '@interlock/proof';
import { anAgreement, aPartnership, BUYER } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { revocation } from './honest-agents.js';
import { aPlant, enter, local, opened, type Plant, ready, refusalOf, refused, until } from './plant.js';

const id = (text: string) => text as LocalId;

/** A decision point that leaves each answer to the test. */
function aPoint(ask: (response: ServerResponse) => void) {
  const server = createServer((_request, response) => ask(response)).listen(0, '127.0.0.1');
  const listening = new Promise<void>((resolve) => server.once('listening', resolve));
  return {
    address: listening.then(() => `http://127.0.0.1:${(server.address() as AddressInfo).port}/access/v1/evaluation`),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What records of this kind keep for one company, as it would read them. */
function keptOf({ broker }: Plant, kind: string): unknown[] {
  const ids = broker.evidence.filter((one) => one.kind === kind).map((one) => one.id);
  const own = ids.flatMap((one) => broker.own.get(one) ?? []);
  return own.map((one) => (JSON.parse(Buffer.from(one, 'base64url').toString()) as unknown[])[2]);
}

describe('what the company of the plant judges for itself', () => {
  it('cuts while the decision point of its company is asked and says nothing, which opens nothing', async () => {
    const asked: ServerResponse[] = [];
    await using point = aPoint((response) => asked.push(response));
    const settings = { GATEWAY_DECISION_POINT: await point.address, GATEWAY_DECISION_POINT_SECONDS: 5 };
    await using plant = await aPlant({ settings });
    const { right } = plant;
    await ready(plant);
    const entering = enter(plant);
    await until(() => asked.length === 1);
    asked[0]?.end('{"decision":true}');
    const session = await entering;
    if (!session.allowed) throw new Error(session.refusal.code);
    const second = await plant.broker.offer(plant.right, plant.relayPort);
    plant.broker.say(second);
    await until(() => asked.length === 2);
    const act = await signed(revocation(right), right.who.buyerAgent.signer, Date.now());
    expect((await local(plant, 'POST', '/acts', { act })).status).toBe(200);
    expect(await session.value.closed).toMatchObject({ code: 'taken_away' });
    expect(plant.broker.evidence.some((one) => one.session === second.session)).toBe(false);
    asked[1]?.end('{"decision":false}');
    // Both companies read it: why in full is for the company of the plant alone.
    expect(await refusalOf(plant, second)).toBe('other_side_denied');
    expect(keptOf(plant, 'session.refused')).toEqual([`decision_point_denied decision-point ${BUYER}`]);
  }, 30_000);

  it('cuts by its own lists, and says to the other company no more than that it judged for itself', async () => {
    const { terms } = anAgreement(await aPartnership(Date.now()));
    const lists = { type: 'embargo', party: BUYER, issuers: [id('customs')], maxAgeSeconds: 600 } as const;
    await using plant = await aPlant({ changes: { agreement: { terms: [...terms, lists] } } });
    const { right, broker } = plant;
    const say = async (outcome: 'clear' | 'blocked', issuedAt: number) => {
      const verdict: Verdict = {
        ...{ typ: 'verdict', v: 1, kind: 'embargo', organisation: BUYER, grant: digestOf(right.grant), outcome },
        ...{ snapshot: digestOf({}), issuedAt, expiresAt: issuedAt + 600_000 },
      };
      broker.say({ t: 'verdict', verdict: await signed(verdict, right.who.buyerAgent.signer, Date.now()) });
    };
    // Said of what the gateway holds already.
    await ready(plant);
    await say('clear', Date.now() - 1_000);
    const session = await opened(plant);
    await say('blocked', Date.now());
    const end = await session.closed;
    expect(end).toMatchObject({ code: 'other_side_denied' });
    expect(JSON.stringify(end)).not.toContain('embargo');
    await until(() => broker.evidence.some((one) => one.kind === 'session.cut'));
    expect(broker.evidence.find((one) => one.kind === 'session.cut')).toMatchObject({
      ...{ code: 'other_side_denied', clause: null, belongsTo: BUYER },
    });
    expect(keptOf(plant, 'session.cut')).toEqual([`embargo_blocked embargo ${BUYER}`]);
    expect(await refused(plant)).toBe('other_side_denied');
    expect(JSON.stringify(broker.evidence)).not.toMatch(/embargo_|decision_point_/);
  }, 30_000);
});
