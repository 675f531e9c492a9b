import { Clock, connectToBus, Requests, type RunningService, startService } from '@interlock/chassis';
import type { AskOf, RefusalCode, ReplyOf, RequestDef } from '@interlock/contracts';
import { FakeClock, type TestDatabase, testDatabase, testNats } from '@interlock/testkit';
import { jest } from '@jest/globals';
import { Client } from 'pg';
import { trustRegistry } from '../src/trust-registry.service.js';

// Real servers in every file, and the machine may be busy: a slow answer is no wrong answer.
jest.setTimeout(60_000);

/** The registry alone, on a real PostgreSQL and a real bus, asked as the federation API asks it. */
export interface Registry {
  readonly clock: FakeClock;
  readonly database: TestDatabase;
  ask<R extends RequestDef>(request: R, body: AskOf<R>): Promise<ReplyOf<R>>;
  /** Records that were written, oldest first. */
  evidence(log: string): Promise<{ kind: string; code: string | null; clause: string | null }[]>;
  /** Runs statements in one transaction with the service's own role, on behalf of an organisation if one is named. */
  asService(statement: string, organisation?: string): Promise<unknown[]>;
  stop(): Promise<void>;
}

export class TestClock extends Clock {
  constructor(readonly fake: FakeClock) {
    super();
  }
  override now(): number {
    return this.fake.now();
  }
  override monotonic(): number {
    return this.fake.monotonic();
  }
}

/** The door of the evidence logs, as narrow as the audit service makes it. */
export const EVIDENCE_DOOR = `
  create table evidence.kept (position bigint generated always as identity, record jsonb not null);
  alter table evidence.kept owner to interlock_audit;
  create function evidence.append(record jsonb, opened jsonb default null, own jsonb default null) returns bigint language sql security definer
    as $$ insert into evidence.kept (record) values (record) returning position $$;
  alter function evidence.append owner to interlock_audit;
  grant execute on function evidence.append to interlock_trust_registry, interlock_grants;`;

export async function aRegistry(now: number): Promise<Registry> {
  const [database, nats] = await Promise.all([testDatabase(), testNats()]);
  await database.query(EVIDENCE_DOOR);
  const clock = new FakeClock(now);
  const env = {
    DATABASE_URL: database.urlFor('trust-registry'),
    NATS_URL: nats.urlFor('trust-registry'),
    EVIDENCE_REGION: 'eu-1:DE',
    LOG_LEVEL: 'error',
  };
  const service = (await startService(trustRegistry, { env, clock: new TestClock(clock) })) as RunningService;
  const bus = await connectToBus({ url: nats.urlFor('federation-api'), service: 'federation-api' });
  const requests = new Requests(bus, 'federation-api', 20_000);
  let asked = 0;
  return {
    clock,
    database,
    ask: <R extends RequestDef>(request: R, body: AskOf<R>) =>
      requests.ask(request, body, { key: `asked-${asked++}` }) as Promise<ReplyOf<R>>,
    evidence: (log) =>
      database.query(
        `select record ->> 'kind' as kind, record ->> 'code' as code, record ->> 'clause' as clause
         from evidence.kept where record ->> 'log' = $1 order by position`,
        [log],
      ),
    async asService(statement, organisation) {
      const client = new Client(database.urlFor('trust-registry'));
      await client.connect();
      try {
        await client.query('begin');
        if (organisation) await client.query(`select set_config('interlock.organisation', $1, true)`, [organisation]);
        return (await client.query(statement)).rows;
      } finally {
        await client.end();
      }
    },
    async stop() {
      await service.close();
      await bus.close();
      await nats.stop();
      await database.stop();
    },
  };
}

/** The code of a no; a yes is `allowed`. */
export const codeOf = (
  decision: { readonly allowed: true } | { readonly allowed: false; readonly refusal: { readonly code: RefusalCode } },
): RefusalCode | 'allowed' => (decision.allowed ? 'allowed' : decision.refusal.code);
