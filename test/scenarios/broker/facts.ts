import type { Standing } from '@interlock/contracts';
import type { LocalId, Signal, Signed } from '@interlock/domain';
import { digestOf, signed } from '@interlock/proof';
import { expect } from '@jest/globals';
import type { Broker } from './a-broker.js';
import { call, ok, type TestChannel } from './a-caller.js';
import { type Agreed, BUYER } from './two-companies.js';

/** A gateway says what it runs, and others try to say it in its place. */
export async function factsGoByTheBroker(broker: Broker, pair: Agreed, gateway: TestChannel): Promise<void> {
  const { agreement, who } = pair;
  const target = `/v1/agreements/${agreement.id}/signals`;
  const about = { kind: 'gateway', id: who.gateway.id } as const;
  const program = {
    version: '1',
    digest: 'a'.repeat(64),
    node: 'v22',
    tzdata: '2026a',
    evaluators: [],
    functionRights: [],
  };
  const at = Date.now();
  const saying = (over: Partial<Signal> = {}, by = who.gateway.signer) =>
    signed<Signal>(
      {
        typ: 'signal',
        v: 1,
        organisation: BUYER,
        signal: 'program' as LocalId,
        about,
        holds: true,
        at,
        program,
        ...over,
      },
      by,
      Date.now(),
    );
  const say = async (signal: Signed<Signal>, by = who.gateway.signer) =>
    (await call(broker, by, 'POST', target, { signal })).status;
  const newest = await saying();
  const seen = gateway.next(({ t, signal }) => t === 'signal' && digestOf(signal) === digestOf(newest));
  expect(await say(newest)).toBe(200);
  await seen;
  // Of the partner's own side, by another key of its company, of the future, or older than what is kept: nothing changes.
  expect(await say(newest, who.vendorAgent.signer)).toBe(403);
  expect(await say(await saying({}, who.buyerAgent.signer))).toBe(403);
  expect(await say(await saying({ at: Date.now() + 120_000 }))).toBe(403);
  expect(await say({ ...newest, document: { ...newest.document, holds: false } })).toBe(403);
  expect(await say(await saying({ at: at - 1, holds: false }))).toBe(200);
  for (const by of [who.buyerAgent.signer, who.vendorAgent.signer, who.gateway.signer]) {
    const read = await ok<Standing>(call(broker, by, 'GET', `/v1/agreements/${agreement.id}/standing`));
    expect(read.signals).toEqual([newest]);
  }
  // Of one instant the no counts.
  const no = await saying({ holds: false });
  expect(await say(no)).toBe(200);
  const read = await ok<Standing>(
    call(broker, who.vendorAgent.signer, 'GET', `/v1/agreements/${agreement.id}/standing`),
  );
  expect(read.signals).toEqual([no]);
}
