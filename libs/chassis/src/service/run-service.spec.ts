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

  it('brings its tables up to date alone, also as administrator, who then owns none of them', async () => {
    await using fresh = await testDatabase();
    const fake = new FakeProcess({ DATABASE_URL: fresh.adminUrl }, ['node', 'main.js', 'migrate']);
    await runService(grants, fake.host);
    if (fake.exits.length === 0) await once(fake, 'exited');
    expect(JSON.parse(String(fake.stdout.read()))).toEqual({
      migrated: 'grants',
      ran: ['0000-outbox-inbox', '0000-trace'],
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
