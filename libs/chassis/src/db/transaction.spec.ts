import { defineEvent } from '@interlock/contracts';
import { evidenceOf } from '@interlock/domain';
import { type TestDatabase, testDatabase } from '@interlock/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { type DataSource, EntitySchema } from 'typeorm';
import { z } from 'zod';
import { StartError } from '../fault.js';
import { answerOnce, KeyReused } from './answers.js';
import { dataSource, lonelyConnection } from './data-source.js';
import { append, appendEvidence, EVERY_ORGANISATION, migration, Transactor, type Tx } from './index.js';
import { migrate } from './migrate.js';
import { sweep } from './sweep.js';

const GrantIssued = defineEvent('grant.issued.v1', z.strictObject({ grantId: z.string() }));

interface NoteRow {
  id: string;
  organisation: string;
}
const NoteTable = new EntitySchema<NoteRow>({
  name: 'notes',
  columns: { id: { type: 'text', primary: true }, organisation: { type: 'text' } },
});
const own = [
  migration(
    '0001-notes',
    `create table notes (id text primary key, organisation text not null);
     alter table notes enable row level security;
     alter table notes force row level security;
     create policy notes_of_one_organisation on notes using (
       organisation = current_setting('interlock.organisation', true) or current_setting('interlock.organisation', true) = '*')`,
  ),
  migration('0002-tally', `create table tally (n int not null); insert into tally values (0)`),
];

let database: TestDatabase;
let source: DataSource;
let transactor: Transactor;
const address = () => ({ url: database.urlFor('grants'), schema: 'grants' });

beforeAll(async () => {
  database = await testDatabase();
  await migrate(lonelyConnection(address()), 'grants', own);
  source = dataSource(address(), [NoteTable], 8);
  await source.initialize();
  transactor = new Transactor(source, 'grants');
}, 60_000);

afterAll(async () => {
  await source?.destroy();
  await database?.stop();
});

const appended = () => database.query('select event_id, body from grants.outbox');

describe('a transaction', () => {
  it('is the only place where a fact can be announced', async () => {
    const nobody: unknown = undefined;
    const compiles = () => [
      // @ts-expect-error the point of this test: a data source is no transaction
      append(source, GrantIssued, 'evt_1', { grantId: 'g' }),
      // @ts-expect-error the point of this test: a look-alike is no transaction
      append({ query: source.query, table: () => nobody, actFor: () => nobody }, GrantIssued, 'evt_1', {
        grantId: 'g',
      }),
      // @ts-expect-error the point of this test: a body that is not the event's does not compile
      transactor.run((tx) => append(tx, GrantIssued, 'evt_1', { grant: 'g' })),
    ];
    expect(compiles).toBeInstanceOf(Function);
  });

  it('announces nothing if it rolls back', async () => {
    const work = transactor.run(async (tx) => {
      await append(tx, GrantIssued, 'evt_rolled_back', { grantId: 'g' });
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await appended()).toEqual([]);
  });

  it('commits a refusal with its announcement', async () => {
    const decision = await transactor.run(async (tx) => {
      await append(tx, GrantIssued, 'evt_refused', { grantId: 'g' });
      return { allowed: false };
    });
    expect(decision).toEqual({ allowed: false });
    expect(await appended()).toEqual([{ event_id: 'evt_refused', body: '{"grantId":"g"}' }]);
  });

  it('refuses a body that is not the event, and one that is too large', async () => {
    const extra = { grantId: 'g', extra: true };
    await expect(transactor.run((tx) => append(tx, GrantIssued, 'e1', extra))).rejects.toThrow(/extra/);
    const large = { grantId: 'g'.repeat(300_000) };
    await expect(transactor.run((tx) => append(tx, GrantIssued, 'e2', large))).rejects.toThrow(/larger/);
  });

  it('cannot be used after its end', async () => {
    let kept: Tx | undefined;
    await transactor.run(async (tx) => {
      kept = tx;
    });
    await expect(kept?.query('select 1')).rejects.toThrow();
  });

  it('sees before each statement what others have committed, whatever the server was set to', async () => {
    await database.query("alter role interlock_grants set default_transaction_isolation = 'serializable'");
    const fresh = await dataSource(address(), [], 1).initialize();
    try {
      const isolationOf = (isolation?: 'SERIALIZABLE') =>
        new Transactor(fresh, 'grants').run(
          async (tx) => (await tx.query<{ transaction_isolation: string }>('show transaction_isolation'))[0],
          isolation && { isolation },
        );
      expect(await isolationOf()).toEqual({ transaction_isolation: 'read committed' });
      expect(await isolationOf('SERIALIZABLE')).toEqual({ transaction_isolation: 'serializable' });
    } finally {
      await fresh.destroy();
      await database.query('alter role interlock_grants reset default_transaction_isolation');
    }
  });

  it('runs again when two of them cannot both be right', async () => {
    const increment = () =>
      transactor.run(
        async (tx) => {
          const [row] = await tx.query<{ n: number }>('select n from tally');
          await tx.query('update tally set n = $1', [(row?.n ?? 0) + 1]);
        },
        { isolation: 'SERIALIZABLE' },
      );
    await Promise.all([increment(), increment(), increment()]);
    expect(await database.query('select n from grants.tally')).toEqual([{ n: 3 }]);
  });

  it('sees the rows of the organisation it acts for, and none before it says so', async () => {
    await transactor.run(async (tx) => {
      await tx.actFor(EVERY_ORGANISATION);
      await tx.table(NoteTable).insert([
        { id: '1', organisation: 'plant.example' },
        { id: '2', organisation: 'vendor.example' },
      ]);
    });
    const seenBy = (organisation?: string) =>
      transactor.run(async (tx) => {
        if (organisation) await tx.actFor(organisation);
        return (await tx.table(NoteTable).find()).map(({ id }) => id);
      });
    expect(await seenBy()).toEqual([]);
    expect(await seenBy('plant.example')).toEqual(['1']);
    expect((await seenBy(EVERY_ORGANISATION)).sort()).toEqual(['1', '2']);
    expect(await seenBy()).toEqual([]);
  });
});

describe('an answer under an idempotency key', () => {
  const asking = (body: unknown, key = 'k') => ({ caller: 'federation-api', request: 'grants.ask.v1', key, body });

  it('is worked out once, also when asked twice at the same time', async () => {
    let worked = 0;
    const work = async () => ({ answer: ++worked });
    const both = await Promise.all([
      answerOnce(transactor, asking({ a: 1 }), work),
      answerOnce(transactor, asking({ a: 1 }), work),
    ]);
    expect(both).toEqual([{ answer: 1 }, { answer: 1 }]);
    expect(worked).toBe(1);
  });

  it('is not given to another question', async () => {
    await expect(answerOnce(transactor, asking({ a: 2 }), async () => 'x')).rejects.toThrow(KeyReused);
  });

  it('is not kept if the work failed', async () => {
    const fails = answerOnce(transactor, asking({}, 'k2'), () => Promise.reject(new Error('no')));
    await expect(fails).rejects.toThrow('no');
    expect(await answerOnce(transactor, asking({}, 'k2'), async () => 'yes')).toBe('yes');
  });
});

describe('the sweep', () => {
  it('forgets what can no longer come again, and nothing that waits', async () => {
    await database.query(`
      insert into grants.outbox (event_id, event_name, body, appended_at, published_at) values
        ('evt_old', 'x', '{}', now() - interval '40 days', now() - interval '16 days'),
        ('evt_waits', 'x', '{}', now() - interval '40 days', null),
        ('evt_new', 'x', '{}', now(), now() - interval '14 days')`);
    await database.query(`
      insert into grants.inbox (consumer, event_id, handled_at) values
        ('c', 'old', now() - interval '31 days'), ('c', 'new', now() - interval '29 days')`);
    await database.query(`
      insert into grants.answers (caller, request, key, body_digest, answered_at) values
        ('x', 'r', 'old', '', now() - interval '25 hours'), ('x', 'r', 'new', '', now() - interval '23 hours')`);
    expect(await sweep(transactor)).toBe(false);
    expect(await database.query(`select key from grants.answers where caller = 'x'`)).toEqual([{ key: 'new' }]);
    const left =
      await database.query(`select event_id from grants.outbox where event_id in ('evt_old', 'evt_waits', 'evt_new')
      union all select event_id from grants.inbox order by 1`);
    expect(left.map((row) => Object.values(row)[0])).toEqual(['evt_new', 'evt_waits', 'new']);
  });
});

describe('evidence', () => {
  beforeAll(async () => {
    await database.query(`
      create table evidence.taken (position bigint generated always as identity, record jsonb);
      create function evidence.append(record jsonb, opened jsonb, own jsonb) returns bigint language sql security definer
        begin atomic insert into evidence.taken (record) values (record) returning position; end`);
  });

  it('is written in the transaction of the fact, by a role that cannot touch the log; what a person said goes beside it', async () => {
    const said = { log: 'operator', kind: 'finding', outcome: 'finding', at: 1, reason: 'a valve is leaking' } as const;
    const record = evidenceOf('broker/grants', 'evd_1', said);
    const position = await transactor.run((tx) => appendEvidence(tx, record));
    expect(position).toBe(1n);
    const lost = transactor.run(async (tx) => {
      await appendEvidence(tx, { ...record, id: 'evd_2' });
      throw new Error('no');
    });
    await expect(lost).rejects.toThrow('no');
    const taken = await database.query('select record from evidence.taken');
    expect(taken).toEqual([{ record: { ...record, reason: undefined, withheld: { reason: expect.anything() } } }]);
    expect(JSON.stringify(taken)).not.toContain('leaking');
    await expect(transactor.run((tx) => tx.query('select from evidence.taken'))).rejects.toThrow(/permission denied/);
  });
});

describe('migrations', () => {
  it('run once, however often and by however many at once', async () => {
    const more = [...own, migration('0003-more', 'create table more (id int)')];
    const runs = await Promise.all([1, 2, 3].map(() => migrate(lonelyConnection(address()), 'grants', more)));
    expect(runs.flat()).toEqual(['0003-more']);
    expect(await migrate(lonelyConnection(address()), 'grants', more)).toEqual([]);
  });

  it('that are named run alone, and one of a later release is refused', async () => {
    const more = [...own, migration('0005-five', 'select 5'), migration('0006-six', 'select 6')];
    const named = ['0000-outbox-inbox', '0005-five'];
    expect(await migrate(lonelyConnection(address()), 'grants', more, named)).toEqual(['0005-five']);
    const later = migrate(lonelyConnection(address()), 'grants', own, ['0009-nine']);
    await expect(later).rejects.toThrow(/0009-nine is of a later release/);
  });

  it('stop the start if a step that ran was edited', async () => {
    const edited = [migration('0001-notes', 'create table other (id int)')];
    await expect(migrate(lonelyConnection(address()), 'grants', edited)).rejects.toThrow(/0001-notes was edited/);
  });

  it('leave nothing of a step that failed, and print none of its SQL', async () => {
    const failing = [migration('0004-half', `create table half (id int); select 'hunter2'::int`)];
    const run = migrate(lonelyConnection(address()), 'grants', failing);
    await expect(run).rejects.toThrow(StartError);
    await expect(run).rejects.not.toThrow(/hunter2/);
    expect(await database.query(`select to_regclass('grants.half') as half`)).toEqual([{ half: null }]);
  });

  it('are named so that a list of them sorts', () => {
    expect(() => migration('grants', 'select 1')).toThrow(/0001-/);
  });
});

describe('the role of a service', () => {
  it.each([
    ['read another service', 'select * from grants.outbox'],
    ['look into the schema of another', 'create table grants.mine (id int)'],
    ['use the public schema', 'create table public.mine (id int)'],
    ['make a schema', 'create schema mine'],
    ['write into evidence but by its function', 'create table evidence.mine (id int)'],
    ['make a role', 'create role mine'],
    ['keep temporary tables', 'create temp table mine (id int)'],
    ['become another', 'set role interlock_grants'],
  ])('cannot %s', async (_what, sql) => {
    const client = new Client(database.urlFor('federation-api'));
    await client.connect();
    await expect(client.query(sql)).rejects.toThrow(/permission denied/);
    await client.end();
  });
});
