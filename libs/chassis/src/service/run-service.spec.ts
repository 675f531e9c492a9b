import { EventEmitter, once } from 'node:events';
import { PassThrough } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { defineEvent } from '@interlock/contracts';
import { type TestDatabase, type TestNats, testDatabase, testNats } from '@interlock/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { z } from 'zod';
import { connectToBus } from '../bus/connect.js';
import { deployStreams } from '../bus/deploy-streams.js';
import { subscribe } from '../bus/subscribe.js';
import { defineService } from './define-service.js';
import { type Host, runService } from './run-service.js';
import { startService } from './start-service.js';

@Module({})
class Nothing {}

const Suspended = defineEvent('agreement.suspended.v1', z.strictObject({ agreementId: z.string() }));
const hears = (access: object) =>
  subscribe({ event: Suspended, durable: 'grants_test', handle: async () => undefined, ...access } as never);

let worked = 0;
const count = async () => {
  worked += 1;
  return false;
};
const grants = defineService({
  name: 'grants',
  module: Nothing,
  settings: { TICKET_TTL_SECONDS: z.coerce.number().int() },
  migrations: [],
  consumers: () => [hears({ access: { actor: 'service', services: ['trust-registry'] } })],
  workers: () => [{ name: 'count', everyMs: 10, work: count }],
});

/** A process that a test can look at and speak to. */
class FakeProcess extends EventEmitter {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly exits: number[] = [];
  constructor(
    readonly env: Record<string, string>,
    readonly argv: readonly string[] = [],
  ) {
    super();
  }
  exit(code: number): void {
    this.exits.push(code);
    this.emit('exited', code);
  }
  get host(): Host {
    return this as unknown as Host;
  }
}

let database: TestDatabase;
let nats: TestNats;
const env = () => ({
  DATABASE_URL: database.urlFor('grants'),
  NATS_URL: nats.urlFor('grants'),
  LOG_LEVEL: 'silent',
  TICKET_TTL_SECONDS: '30',
});

beforeAll(async () => {
  [database, nats] = await Promise.all([testDatabase(), testNats({ deployed: false })]);
}, 60_000);
afterAll(async () => {
  await nats?.stop();
  await database?.stop();
});

describe('a service whose stream was never deployed', () => {
  it('is not ready, makes none itself, and becomes ready by itself once it is there', async () => {
    await using service = await startService(grants, { env: env() });
    expect(await service.health.troubles()).toMatchObject({ streams: 'stream FACTS is not deployed' });
    const answer = await fetch(`http://127.0.0.1:${service.port}/ready`);
    expect(answer.status).toBe(503);
    const bus = await connectToBus({ url: nats.urlFor('trust-registry'), service: 'trust-registry' });
    await Promise.all([deployStreams(bus), deployStreams(bus)]);
    await bus.close();
    await service.whenReady();
    expect((await fetch(`http://127.0.0.1:${service.port}/ready`)).status).toBe(200);
  }, 30_000);
});

describe('runService', () => {
  it('prints one ready line on stdout, works, and ends with 0 at SIGTERM', async () => {
    const fake = new FakeProcess(env());
    await runService(grants, fake.host);
    const line = JSON.parse(String(fake.stdout.read()));
    expect(line).toEqual({ ready: 'grants', port: expect.any(Number) });
    const before = worked;
    for (const end = Date.now() + 5_000; worked <= before && Date.now() < end; ) await pause(5);
    expect(worked).toBeGreaterThan(before);
    fake.emit('SIGTERM');
    await once(fake, 'exited');
    expect(fake.exits).toEqual([0]);
    await expect(fetch(`http://127.0.0.1:${line.port}/live`)).rejects.toThrow();
    expect(fake.stdout.read()).toBeNull();
  }, 30_000);

  it('says in the log of the operator that it started and what its tables took, once, also where the door comes later, and that it ended', async () => {
    await using fresh = await testDatabase();
    const settings = { ...env(), DATABASE_URL: fresh.urlFor('grants') };
    const run = async () => {
      const fake = new FakeProcess(settings, ['node', import.meta.filename]);
      await runService(grants, fake.host);
      return fake;
    };
    const said = async (kind: string) =>
      (
        await fresh.query<{ body: Record<string, unknown> }>('select body from evidence.said where body ->> $1 = $2', [
          'kind',
          kind,
        ])
      ).map(({ body }) => body);
    const until = async (kind: string, times: number) => {
      for (const end = Date.now() + 20_000; (await said(kind)).length < times; await pause(20))
        if (Date.now() > end) throw new Error(`${kind} was not said ${times} times`);
    };
    const end = async (fake: FakeProcess) => {
      fake.emit('SIGTERM');
      await once(fake, 'exited');
    };
    const first = await run();
    await fresh.query(`create table evidence.said (body jsonb);
      create function evidence.append(record jsonb, opened jsonb default null, own jsonb default null) returns bigint
        language sql security definer as 'insert into evidence.said values (record) returning 1::bigint';
      grant execute on function evidence.append to interlock_grants`);
    await until('service.started', 1);
    await end(first);
    const second = await run();
    await until('service.started', 2);
    await end(second);
    const program = { version: '0.1.0', digest: expect.stringMatching(/^[0-9a-f]{64}$/) };
    const operator = { log: 'operator', source: 'broker/grants', outcome: 'change' };
    for (const kind of ['service.started', 'service.stopped'])
      expect(await said(kind)).toEqual(
        [0, 1].map(() => expect.objectContaining({ ...operator, program: expect.objectContaining(program) })),
      );
    expect((await said('schema.migrated')).map(({ code, documents }) => [code, documents])).toEqual(
      ['0000-outbox-inbox', '0000-trace', '0370-operation'].map((name) => [name, [expect.stringMatching(/^sha256:/)]]),
    );
  }, 60_000);

  it('brings its tables up to date alone, also as administrator, who then owns none of them', async () => {
    await using fresh = await testDatabase();
    const fake = new FakeProcess({ DATABASE_URL: fresh.adminUrl }, ['node', 'main.js', 'migrate']);
    await runService(grants, fake.host);
    if (fake.exits.length === 0) await once(fake, 'exited');
    expect(JSON.parse(String(fake.stdout.read()))).toEqual({
      migrated: 'grants',
      ran: ['0000-outbox-inbox', '0000-trace', '0370-operation'],
    });
    expect(fake.exits).toEqual([0]);
    const owners = await fresh.query(`select distinct tableowner from pg_tables where schemaname = 'grants'`);
    expect(owners).toEqual([{ tableowner: 'interlock_grants' }]);
  }, 30_000);

  it('ends when its parent is gone', async () => {
    const fake = new FakeProcess({ ...env(), INTERLOCK_PARENT_PIPE: '1' });
    await runService(grants, fake.host);
    fake.stdin.end();
    await once(fake, 'exited');
    expect(fake.exits[0]).toBe(0);
  }, 30_000);

  it('does not start on wrong settings: it names all of them and prints no value', async () => {
    const fake = new FakeProcess({
      DATABASE_URL: 'mysql://hunter2',
      NATS_URL: 'hunter2',
      TICKET_TTL_SECONDS: 'hunter2',
    });
    await runService(grants, fake.host);
    const text = String(fake.stderr.read());
    for (const name of ['DATABASE_URL', 'NATS_URL', 'TICKET_TTL_SECONDS']) expect(text).toContain(name);
    expect(text).not.toContain('hunter2');
    expect(fake.exits).toEqual([1]);
  });

  it.each([
    ['NATS_URL', 'nats://grants:hunter2@127.0.0.1:1'],
    ['DATABASE_URL', 'postgres://interlock_grants:hunter2@127.0.0.1:1/interlock'],
  ])(
    'ends with 1 if it cannot reach %s, and says so without the password',
    async (name, value) => {
      const fake = new FakeProcess({ ...env(), [name]: value });
      await runService(grants, fake.host);
      expect(fake.exits).toEqual([1]);
      expect(fake.stdout.read()).toBeNull();
      const text = String(fake.stderr.read());
      expect(text).toContain(name);
      expect(text).not.toContain('hunter2');
    },
    30_000,
  );
});

describe('a service does not start', () => {
  it.each([
    ['a consumer does not say whom it hears', { consumers: () => [hears({})] }, /grants_test does not declare/],
    [
      'it gives a setting of every service a second meaning',
      { settings: { PORT: z.string() } },
      /PORT belongs to every service/,
    ],
    [
      'two consumers have one name',
      {
        consumers: () => {
          const one = hears({ access: { actor: 'service', services: ['audit'] } });
          return [one, one];
        },
      },
      /two consumers are called grants_test/,
    ],
  ])('if %s', async (_why, wrong, message) => {
    await expect(startService({ ...grants, ...wrong } as typeof grants, { env: env() })).rejects.toThrow(message);
  });
});
