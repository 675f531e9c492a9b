import { setTimeout as pause } from 'node:timers/promises';
import { defineEvent, defineRequest, FACTS } from '@interlock/contracts';
import { Faults, type TestDatabase, type TestNats, testDatabase, testNats } from '@interlock/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { Module } from '@nestjs/common';
import { z } from 'zod';
import { answer } from '../bus/answer.js';
import { connectToBus } from '../bus/connect.js';
import { PoisonMessageError, subscribe } from '../bus/subscribe.js';
import { append, countDeadLetters, listDeadLetters, migration } from '../db/index.js';
import { Fault } from '../fault.js';
import { inTrace } from '../trace/trace.js';
import { defineService } from './define-service.js';
import { type RunningService, startService } from './start-service.js';

const Named = z.strictObject({ agreementId: z.string() });
const AgreementSuspended = defineEvent('agreement.suspended.v1', Named);
const GrantRevoked = defineEvent('grant.revoked.v1', Named);
const Suspend = defineRequest('trust-registry.suspend.v1', Named, z.strictObject({ act: z.string() }));

@Module({})
class Nothing {}

const registry = defineService({
  name: 'trust-registry',
  module: Nothing,
  settings: {},
  migrations: [
    migration('0001-acts', 'create table acts (id text primary key, agreement text not null)'),
    migration('0002-heard', 'create table heard (agreement text not null)'),
  ],
  requests: ({ ids }) => [
    answer({
      request: Suspend,
      access: { actor: 'service', services: ['federation-api'] },
      handle: ({ agreementId }, call) =>
        call.once(async (tx) => {
          const act = ids.next('act');
          await tx.query('insert into acts (id, agreement) values ($1, $2)', [act, agreementId]);
          await append(tx, AgreementSuspended, ids.next('evt'), { agreementId });
          return { act };
        }),
    }),
  ],
  consumers: () => [
    subscribe({
      event: GrantRevoked,
      durable: 'trust-registry_count-revocations',
      access: { actor: 'service', services: ['grants'] },
      async handle({ agreementId }, tx) {
        await tx.query('insert into heard (agreement) values ($1)', [agreementId]);
      },
    }),
  ],
});

const DURABLE = 'grants_revoke-on-suspension';
const grants = defineService({
  name: 'grants',
  module: Nothing,
  settings: {},
  migrations: [migration('0001-revoked', 'create table revoked (agreement text not null)')],
  consumers: ({ ids }) => [
    subscribe({
      event: AgreementSuspended,
      durable: DURABLE,
      access: { actor: 'service', services: ['trust-registry'] },
      async handle({ agreementId }, tx) {
        if (agreementId === 'poison') throw new PoisonMessageError('not an agreement id');
        await tx.query('insert into revoked (agreement) values ($1)', [agreementId]);
        await append(tx, GrantRevoked, ids.next('evt'), { agreementId });
      },
    }),
  ],
});

const api = defineService({ name: 'federation-api', module: Nothing, settings: {} });

/** Waits for a fact, not for time. */
const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + 15_000; Date.now() < end; await pause(15)) if (await holds()) return;
  throw new Error(`within 15 s it did not come true that ${what}`);
};

let database: TestDatabase;
let nats: TestNats;
let bus: NatsConnection;
let running: RunningService[] = [];
const atRegistry = new Faults();
const atGrants = new Faults();

beforeAll(async () => {
  [database, nats] = await Promise.all([testDatabase(), testNats()]);
  const env = (name: 'trust-registry' | 'grants' | 'federation-api') => ({
    DATABASE_URL: database.urlFor(name),
    NATS_URL: nats.urlFor(name),
    LOG_LEVEL: 'silent',
    REQUEST_DEADLINE_MS: '5000',
  });
  running = await Promise.all([
    startService(api, { env: env('federation-api') }),
    startService(registry, { env: env('trust-registry'), through: atRegistry.through }),
    startService(grants, { env: env('grants'), through: atGrants.through }),
  ]);
  await Promise.all(running.map((service) => service.whenReady()));
  bus = await connectToBus({ url: nats.urlFor('trust-registry'), service: 'trust-registry' });
}, 60_000);

afterAll(async () => {
  await bus?.close();
  await Promise.all(running.map((service) => service.close()));
  await nats?.stop();
  await database?.stop();
}, 30_000);

/** As a peer does it, with the same key until it is answered. */
async function suspend(agreementId: string): Promise<string> {
  const [asker] = running;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const asked = await asker?.wiring.requests.ask(Suspend, { agreementId }, { key: `suspend-${agreementId}` });
      return asked?.act ?? '';
    } catch (thrown) {
      if (!(thrown instanceof Fault) || attempt === 5) throw thrown;
    }
  }
}

const settled = () =>
  until('everything is settled', async () => {
    const waiting = await database.query(`
      select event_id from trust_registry.outbox where published_at is null
      union all select event_id from grants.outbox where published_at is null`);
    const manager = await jetstreamManager(bus);
    const consumers = await manager.consumers.list(FACTS).next();
    return waiting.length === 0 && consumers.every((one) => one.num_pending === 0 && one.num_ack_pending === 0);
  });

const timesIn = async (table: string, agreementId: string) =>
  (await database.query(`select from ${table} where agreement = $1`, [agreementId])).length;

describe.each([
  ['outbox insert', atRegistry],
  ['commit', atRegistry],
  ['publish', atRegistry],
  ['mark published', atRegistry],
  ['inbox insert', atGrants],
  ['outbox insert', atGrants],
  ['commit', atGrants],
  ['ack', atGrants],
  ['publish', atGrants],
  ['mark published', atGrants],
] as const)('when the %s', (step, faults) => {
  it.each(['is lost', 'is done but reported as failed'] as const)(
    '%s, the fact has its effect once',
    async (how) => {
      const agreementId = `${step}-${how}-${faults === atGrants ? 'grants' : 'registry'}`;
      const before = faults.count;
      // What is done is not done again, so a false report of it can strike only once.
      const times = how === 'is lost' ? 2 : 1;
      faults.plan({ step, how, times });
      const act = await suspend(agreementId);
      await until('it was heard of', async () => (await timesIn('trust_registry.heard', agreementId)) > 0);
      await until('the fault struck', async () => faults.count === before + times);
      await settled();
      expect(await timesIn('trust_registry.acts', agreementId)).toBe(1);
      expect(await timesIn('grants.revoked', agreementId)).toBe(1);
      expect(await timesIn('trust_registry.heard', agreementId)).toBe(1);
      expect(await suspend(agreementId)).toBe(act);
      expect(await timesIn('trust_registry.acts', agreementId)).toBe(1);
    },
    30_000,
  );
});

describe('a trace', () => {
  it('goes along with the question, with the fact, and with the fact that its hearer announces', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    await inTrace({ traceId, spanId: '00f067aa0ba902b7', sampled: true }, () => suspend('traced'));
    await until('it was heard of', async () => (await timesIn('trust_registry.heard', 'traced')) > 0);
    const rows = await database.query<{ traceparent: string }>(
      `select traceparent from trust_registry.outbox where body::jsonb ->> 'agreementId' = 'traced'
       union select traceparent from grants.outbox where body::jsonb ->> 'agreementId' = 'traced'`,
    );
    expect(rows.map(({ traceparent }) => traceparent.slice(3, 35))).toEqual([traceId, traceId]);
  }, 30_000);
});

describe('the stream', () => {
  it('holds every fact of a service once, in the order in which they were appended', async () => {
    const [, service] = running;
    await service?.wiring.transactor.run(async (tx) => {
      for (let n = 0; n < 20; n += 1) {
        await append(tx, AgreementSuspended, service.wiring.ids.next('evt'), { agreementId: `in order ${n}` });
      }
    });
    await settled();
    const manager = await jetstreamManager(bus);
    const { state } = await manager.streams.info(FACTS);
    const kept = await Promise.all(
      Array.from({ length: state.messages }, (_, n) => manager.streams.getMessage(FACTS, { seq: state.first_seq + n })),
    );
    const ids = kept
      .filter((one) => one?.subject.startsWith('fact.trust-registry.'))
      .map((one) => one?.json<{ id: string }>().id);
    const rows = await database.query<{ id: string }>(
      'select event_id as id from trust_registry.outbox order by position',
    );
    expect(ids).toEqual(rows.map(({ id }) => id));
  }, 30_000);
});

const grantsTransactor = () => {
  const [, , service] = running;
  if (!service) throw new Error('grants does not run');
  return service.wiring.transactor;
};

describe('a message that can never be handled', () => {
  it('is parked with its reason, counted, and holds up nothing', async () => {
    const before = await countDeadLetters(grantsTransactor());
    await suspend('poison');
    await suspend('after the poison');
    await until('the next one is handled', async () => (await timesIn('grants.revoked', 'after the poison')) === 1);
    await settled();
    expect(await countDeadLetters(grantsTransactor())).toBe(before + 1);
    const parked = await listDeadLetters(grantsTransactor());
    expect(parked.at(-1)).toMatchObject({ consumer: DURABLE, reason: 'not an agreement id' });
    expect(JSON.parse(Buffer.from(parked.at(-1)?.body ?? []).toString())).toMatchObject({
      data: { agreementId: 'poison' },
    });
  }, 30_000);

  it.each([
    ['no JSON', '{'],
    ['JSON of another kind', '{"agreementId":"x"}'],
    ['zero bytes', '\u0000\u0001\uffff'],
    ['nothing', ''],
  ])(
    'is parked if it is %s',
    async (_what, text) => {
      const before = await countDeadLetters(grantsTransactor());
      await jetstreamPublish('fact.trust-registry.agreement.suspended.v1', text);
      await until('it is parked', async () => (await countDeadLetters(grantsTransactor())) === before + 1);
      await settled();
    },
    30_000,
  );

  it.each([
    ['is not the one the event declares', { agreementId: 'x', extra: true }],
    ['has a value that the database can never hold', { agreementId: 'x\u0000' }],
  ])(
    'is parked if its body %s',
    async (_what, data) => {
      const before = await countDeadLetters(grantsTransactor());
      const envelope = {
        specversion: '1.0',
        id: `evt_${before}`,
        source: '/interlock/trust-registry',
        type: AgreementSuspended.name,
        time: new Date(0).toISOString(),
        datacontenttype: 'application/json',
        data,
      };
      await jetstreamPublish('fact.trust-registry.agreement.suspended.v1', JSON.stringify(envelope));
      await until('it is parked', async () => (await countDeadLetters(grantsTransactor())) === before + 1);
      expect(await timesIn('grants.revoked', 'x')).toBe(0);
    },
    30_000,
  );
});

const jetstreamPublish = async (subject: string, text: string) => {
  await bus.request(subject, text, { timeout: 2_000, headers: headers() });
};

describe('after the bus was away', () => {
  it('what was announced meanwhile arrives once', async () => {
    await nats.restart();
    const [, service] = running;
    await service?.wiring.transactor.run(async (tx) => {
      await append(tx, AgreementSuspended, service.wiring.ids.next('evt'), { agreementId: 'during the outage' });
    });
    await until('it was handled', async () => (await timesIn('grants.revoked', 'during the outage')) > 0);
    await settled();
    expect(await timesIn('grants.revoked', 'during the outage')).toBe(1);
  }, 60_000);
});

describe('after the database was away', () => {
  it('the services go on by themselves', async () => {
    await database.restart();
    await Promise.all(running.map((service) => service.whenReady()));
    await suspend('after the restart');
    await until('it was handled', async () => (await timesIn('grants.revoked', 'after the restart')) === 1);
  }, 60_000);
});
