import type { Log } from '@interlock/chassis';
import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import type { Digest, EvidenceRecord } from '@interlock/domain';
import {
  canonicalBytes,
  digestOf,
  frontierRoot,
  hashLeaf,
  nodesOfRange,
  parseCheckpoint,
  rootAt,
} from '@interlock/proof';
import { Faults, InjectedFault } from '@interlock/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anAgreementId, anAudit, aRecord, connected, type TestAudit } from '../../test/an-audit.js';
import { findLog } from '../store/log.store.js';
import { loadNodes } from '../store/tile.store.js';
import { alarmForParked } from './alarm-for-parked.js';
import { sequenceWaiting } from './sequence-waiting.js';

describe('sequencing', () => {
  const faults = new Faults();
  let audit: TestAudit;
  beforeAll(async () => {
    audit = await anAudit({ faults });
  }, 60_000);
  afterAll(() => audit.stop());

  const placed = async (log: string): Promise<{ idx: string; id: string; leaf_hash: Buffer; body: unknown }[]> =>
    audit.database.query(
      `select e.idx, a.id, e.leaf_hash, a.body from audit.entry e join audit.appended a using (position)
       join audit.log l on l.no = e.log_no where l.name = $1 order by e.idx`,
      [log],
    );
  const waiting = async (): Promise<number> => (await audit.database.query('select 1 from audit.pending')).length;
  /** Recomputes everything from the records alone and compares it with what is stored. */
  async function expectWhole(log: string, size: number): Promise<void> {
    const rows = await placed(log);
    expect(rows.map((row) => Number(row.idx))).toEqual(Array.from({ length: size }, (_, i) => i));
    for (const row of rows) expect(row.leaf_hash.equals(hashLeaf(canonicalBytes(row.body)))).toBe(true);
    const [stored, fromTiles] = await audit.run(async (tx) => {
      await tx.actFor(EVERY_ORGANISATION);
      const head = await findLog(tx, log);
      if (!head) throw new Error('the log is missing');
      expect(head.frontier.size).toBe(size);
      return [frontierRoot(head.frontier), rootAt(size, await loadNodes(tx, head.no, nodesOfRange(0, size)))];
    });
    expect(Buffer.from(stored).equals(fromTiles)).toBe(true);
  }

  it('gives each log its own gapless order, whatever the batches', async () => {
    const [one, other] = [anAgreementId(), anAgreementId()];
    for (let i = 0; i < 23; i += 1) await audit.append(aRecord({ log: i % 3 === 0 ? other : one }));
    await audit.sequence(4);
    await expectWhole(one, 15);
    await expectWhole(other, 8);
    expect(await waiting()).toBe(0);
  });

  it('finds where records of a gateway are missing or told twice, once each, and rolled back with what it is about', async () => {
    const log = anAgreementId();
    const source = 'delta-foods.example/gateway-9';
    let last: Digest | null = null;
    const record = (sequence: number, previous = last) => {
      const one = aRecord({ log, source, place: { sequence, previous } });
      last = digestOf(one);
      return one;
    };
    const found = async () =>
      (await placed(log)).map(({ body }) => body as EvidenceRecord).filter(({ kind }) => kind === 'finding');
    for (const at of [1, 2]) await audit.append(record(at));
    await audit.append(aRecord({ log, source: 'broker/grants', kind: 'grant.approved' }), 'grants');
    await audit.sequence();
    expect(await found()).toEqual([]);
    // Two are missing; what follows them follows.
    const [late, next] = [record(5), record(6)];
    for (const one of [late, next]) await audit.append(one);
    faults.plan({ step: 'commit', how: 'is done but reported as failed', times: 1 });
    await expect(audit.sequence()).rejects.toThrow(InjectedFault);
    await audit.sequence();
    expect(await found()).toMatchObject([
      { code: 'evidence_gap', source: 'broker/audit', outcome: 'finding', documents: [digestOf(late)], log },
    ]);
    // A restored image goes on from an older state.
    await audit.append(record(3, null));
    await audit.append(record(4));
    await audit.sequence();
    expect((await found()).map(({ code }) => code)).toEqual(['evidence_gap', 'evidence_fork']);
    await expectWhole(log, 9);
  });

  it('takes what many connections append at once, rolls some back, and leaves no gap', async () => {
    const log = anAgreementId();
    const clients = await Promise.all(
      Array.from({ length: 6 }, (_, i) => connected(audit.database.urlFor(i % 2 === 0 ? 'federation-api' : 'grants'))),
    );
    let committed = 0;
    const write = async (client: (typeof clients)[number], seed: number): Promise<void> => {
      for (let i = 0; i < 40; i += 1) {
        await client.query('begin');
        const record = aRecord({ log, ...(seed % 2 === 1 && { source: 'broker/grants', kind: 'grant.approved' }) });
        await client.query('select evidence.append($1::jsonb)', [JSON.stringify(record)]);
        const keeps = (i * 7 + seed) % 5 !== 0;
        await client.query(keeps ? 'commit' : 'rollback');
        if (keeps) committed += 1;
      }
    };
    let done = false;
    const sequencing = (async () => {
      while (!done) await Promise.all([1, 2].map(() => audit.run((tx) => sequenceWaiting(tx, audit.clock.now(), 7))));
    })();
    await Promise.all(clients.map(write));
    done = true;
    await sequencing;
    await audit.sequence();
    await expectWhole(log, committed);
    await Promise.all(clients.map((client) => client.end()));
  }, 30_000);

  it('finds a record that committed after a later one had its place', async () => {
    const log = anAgreementId();
    const slow = await connected(audit.database.urlFor('federation-api'));
    await slow.query('begin');
    await slow.query('select evidence.append($1::jsonb)', [JSON.stringify(aRecord({ log }))]);
    await audit.append(aRecord({ log }));
    await audit.sequence();
    await expectWhole(log, 1);
    await slow.query('commit');
    await audit.sequence();
    await expectWhole(log, 2);
    await slow.end();
  });

  it.each(['is lost', 'is done but reported as failed'] as const)(
    'places every record once when its commit %s',
    async (how) => {
      const log = anAgreementId();
      for (let i = 0; i < 3; i += 1) await audit.append(aRecord({ log }));
      const before = faults.count;
      faults.plan({ step: 'commit', how, times: 1 });
      await expect(audit.run((tx) => sequenceWaiting(tx, audit.clock.now()))).rejects.toThrow(InjectedFault);
      expect(faults.count).toBe(before + 1);
      await audit.sequence();
      await expectWhole(log, 3);
    },
  );

  it('survives the kill of its connection between insert and place', async () => {
    const log = anAgreementId();
    for (let i = 0; i < 3; i += 1) await audit.append(aRecord({ log }));
    const killed = audit.run(async (tx) => {
      await sequenceWaiting(tx, audit.clock.now());
      const [me] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
      await audit.database.query('select pg_terminate_backend($1)', [me?.pid]);
    });
    await expect(killed).rejects.toThrow();
    expect(await waiting()).toBe(3);
    await audit.sequence();
    await expectWhole(log, 3);
  });

  it('survives a restart of the database with records waiting', async () => {
    const log = anAgreementId();
    await audit.append(aRecord({ log }));
    await audit.database.restart();
    await audit.append(aRecord({ log }));
    await audit.sequence();
    await expectWhole(log, 2);
  });

  it('keeps tiles and proofs right across the edges of tiles', async () => {
    const log = anAgreementId();
    const client = await connected(audit.database.urlFor('federation-api'));
    let size = 0;
    for (const upTo of [255, 256, 257, 511, 512, 700, 1025]) {
      const records = Array.from({ length: upTo - size }, () => aRecord({ log }));
      await client.query('select evidence.append(r) from jsonb_array_elements($1::jsonb) r', [JSON.stringify(records)]);
      await audit.sequence(300);
      size = upTo;
      await expectWhole(log, size);
    }
    await client.end();
  }, 30_000);

  it('parks what is not as declared, from the wrong service or with a clock that says nothing, tells a person, and goes on', async () => {
    const log = anAgreementId();
    await audit.append({ ...aRecord({ log }), kind: 'nothing.known' });
    await audit.append({ ...aRecord({ log }), more: 'than declared' });
    await audit.append(aRecord({ log }));
    await audit.append({ ...aRecord({ log }), at: 1e300 });
    await audit.append(aRecord({ log }), 'grants');
    await audit.append(aRecord({ log, source: 'broker/audit', kind: 'hold.lifted' }));
    await audit.append(aRecord({ log, at: 0 }));
    await audit.append(aRecord({ log, at: audit.clock.now() + 2 * 86_400_000 }));
    await audit.sequence();
    await expectWhole(log, 1);
    const parked = await audit.database.query<{ reason: string; writer: string }>(
      'select reason, writer from audit.parked where log = $1 order by reason, writer',
      [log],
    );
    expect(parked.map(({ reason, writer }) => `${reason} ${writer}`)).toEqual([
      ...['clock_nonsense interlock_federation_api', 'clock_nonsense interlock_federation_api'],
      ...[1, 2, 3].map(() => 'not_as_declared interlock_federation_api'),
      ...['wrong_writer interlock_federation_api', 'wrong_writer interlock_grants'],
    ]);
    const told = new Map<unknown, unknown>();
    const error = ({ event, code, count }: Record<string, unknown>) => told.set(`${event} ${code}`, count);
    await alarmForParked(audit.transactor, { error } as unknown as Log);
    expect([...told]).toEqual([
      ...[['evidence.parked clock_nonsense', 2] as const, ['evidence.parked not_as_declared', 3] as const],
      ['evidence.parked wrong_writer', 2],
    ]);
  });

  it('is done by one at a time', async () => {
    await audit.append(aRecord());
    await audit.run(async (tx) => {
      expect(await sequenceWaiting(tx, audit.clock.now())).toBe(1);
      expect(await audit.run((second) => sequenceWaiting(second, audit.clock.now()))).toBe(0);
    });
  });
});

describe('checkpoints', () => {
  const faults = new Faults();
  let audit: TestAudit;
  beforeAll(async () => {
    audit = await anAudit({ faults });
  }, 60_000);
  afterAll(() => audit.stop());
  const made = (log: string): Promise<{ size: string; note: string }[]> =>
    audit.database.query(
      'select c.size, c.note from audit.checkpoint c join audit.log l on l.no = c.log_no where l.name = $1 order by c.size',
      [log],
    );

  it('are made for logs that grew, and for no other', async () => {
    const [busy, idle] = [anAgreementId(), anAgreementId()];
    await audit.append(aRecord({ log: busy }));
    await audit.append(aRecord({ log: idle }));
    await audit.sequence();
    expect(await audit.checkpoint()).toBe(2);
    for (let i = 0; i < 5; i += 1) expect(await audit.checkpoint()).toBe(0);
    await audit.append(aRecord({ log: busy }));
    await audit.sequence();
    expect(await audit.checkpoint()).toBe(1);
    expect((await made(busy)).map((row) => Number(row.size))).toEqual([1, 2]);
    expect((await made(idle)).map((row) => Number(row.size))).toEqual([1]);
  });

  it('are announced once, with the checkpoint, or neither is', async () => {
    const log = anAgreementId();
    await audit.append(aRecord({ log }));
    await audit.sequence();
    faults.plan({ step: 'outbox insert', how: 'is done but reported as failed', times: 1 });
    await expect(audit.checkpoint()).rejects.toThrow(InjectedFault);
    expect(await made(log)).toEqual([]);
    expect(await audit.checkpoint()).toBe(1);
    const announced = await audit.database.query(`select 1 from audit.outbox where body like $1`, [`%${log}%`]);
    expect(announced).toHaveLength(1);
  });

  it('say the root of exactly the records that are stored', async () => {
    const log = anAgreementId();
    for (let i = 0; i < 9; i += 1) await audit.append(aRecord({ log }));
    await audit.sequence();
    await audit.checkpoint();
    const [row] = await made(log);
    const parsed = parseCheckpoint(row?.note ?? '');
    const root = await audit.run(async (tx) => {
      await tx.actFor(EVERY_ORGANISATION);
      const head = await findLog(tx, log);
      return rootAt(9, await loadNodes(tx, head?.no ?? 0, nodesOfRange(0, 9)));
    });
    expect(parsed.allowed && parsed.value.checkpoint.origin).toBe(`broker.example/${log}`);
    expect(parsed.allowed && Buffer.from(parsed.value.checkpoint.root).equals(root)).toBe(true);
  });

  it('are never signed by another key than the first', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const { logSigner } = await import('./log-signer.js');
    const { makeCheckpoints } = await import('./make-checkpoints.js');
    const { RandomIds } = await import('@interlock/chassis');
    await audit.append(aRecord());
    await audit.sequence();
    const other = logSigner('broker.example', generateKeyPairSync('ed25519').privateKey);
    await expect(audit.run((tx) => makeCheckpoints(tx, other, new RandomIds(), 1))).rejects.toThrow('LOG_KEY_FILE');
    expect(await audit.checkpoint()).toBe(1);
  });
});
