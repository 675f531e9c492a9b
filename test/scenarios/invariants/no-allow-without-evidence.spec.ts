import { join } from 'node:path';
import { openJournal } from '@interlock/company-side';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aBroker, type Broker } from '../broker/a-broker.js';
import { TestChannel } from '../broker/a-caller.js';
import { rightSteps } from '../broker/right-steps.js';
import { type Agreed, agreed, aPartnership, granted, publishBoth } from '../broker/two-companies.js';
import { aPlant, comeTo, enter, opened, type Plant, ready, until } from '../hostile-broker/plant.js';

const MIB = 1024 * 1024;

/** Fills the journal of a stopped gateway up to what is reserved for cuts, beginning with a record that nobody has taken yet. */
async function fillJournal({ folder, broker }: Plant): Promise<void> {
  const journal = await openJournal(join(folder, 'state', 'journal'), { maxBytes: 8 * MIB, reservedBytes: MIB });
  await journal.append({ record: broker.evidence.find((one) => one.kind === 'session.opened') });
  for (const size of [256 * 1024, 1024, 16]) {
    const filler = { filler: 'x'.repeat(size) };
    while ((await journal.append(filler)).allowed);
  }
  await journal.close();
}

describe('I5: a gateway whose disk takes no more evidence', () => {
  it('opens nothing: no byte reaches the machine, and the subject is told why', async () => {
    await using plant = await aPlant();
    const honest = await opened(plant);
    honest.close();
    await until(() => plant.broker.evidence.some((one) => one.kind === 'session.closed'));
    plant.broker.takesEvidence = false;
    await plant.gateway.close();
    await fillJournal(plant);
    await plant.restart();
    plant.broker.standing(plant.right);
    await ready(plant);
    const before = plant.machine.bytes();
    const offer = await plant.broker.offer(plant.right, plant.relayPort);
    plant.broker.say(offer);
    expect(await comeTo(plant, offer)).toMatchObject({ allowed: false, refusal: { code: 'evidence_unavailable' } });
    expect(plant.machine.bytes()).toBe(before);
    expect(plant.heard.some(({ event }) => event === 'evidence.lost')).toBe(true);
    // Taken by the broker again, what was kept frees its space, and the next one is let in.
    plant.broker.takesEvidence = true;
    await until(async () => (await enter(plant)).allowed, 20_000);
  }, 60_000);
});

describe('I5: a broker whose evidence log takes nothing', () => {
  let broker: Broker;
  let pair: Agreed;
  let gateway: TestChannel;

  beforeAll(async () => {
    broker = await aBroker();
    const who = await aPartnership(Date.now());
    await publishBoth(broker, who);
    gateway = await TestChannel.open(broker, who.gateway.signer);
    pair = await agreed(broker, who);
  }, 90_000);

  afterAll(async () => {
    gateway?.close();
    await broker?.stop();
  });

  const logTakes = (yes: boolean) =>
    broker.database.query(
      yes
        ? 'grant execute on function evidence.append to interlock_grants'
        : 'revoke execute on function evidence.append from interlock_grants',
    );
  const count = async (table: 'sessions' | 'signatures' | 'outbox') =>
    Number((await broker.database.query<{ n: string }>(`select count(*) as n from grants.${table}`))[0]?.n);

  it('admits nobody, tells no gateway of it, and keeps no row of it', async () => {
    const steps = rightSteps(broker, pair);
    const grant = await granted(broker, pair);
    const before = [await count('sessions'), await count('outbox')];
    await logTakes(false);
    const answer = await steps.open(grant);
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect([await count('sessions'), await count('outbox')]).toEqual(before);
    expect(gateway.frames.filter((frame) => frame.t === 'offer')).toEqual([]);
    await logTakes(true);
    expect((await steps.open(grant)).status).toBe(200);
    await gateway.next((frame) => frame.t === 'offer');
  }, 60_000);

  it('counts no approval', async () => {
    const steps = rightSteps(broker, pair);
    const { grant } = await steps.ask();
    const before = await count('signatures');
    await logTakes(false);
    expect((await steps.approve(grant, pair.who.approver)).status).toBeGreaterThanOrEqual(500);
    expect(await count('signatures')).toBe(before);
    await logTakes(true);
    expect((await steps.approve(grant, pair.who.approver)).status).toBe(200);
  }, 60_000);
});
