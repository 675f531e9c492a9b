import { evidenceOf } from '@interlock/domain';
import { handleParked, type ParkedRecord, parkedRecords } from '@interlock/trial';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { anAgreementId, anAudit, aRecord, BUYER, connected, type TestAudit } from '../../test/an-audit.js';

describe('evidence.append', () => {
  let audit: TestAudit;
  let grants: Client;
  beforeAll(async () => {
    audit = await anAudit();
    grants = await connected(audit.database.urlFor('grants'));
    await grants.query('create table grants.facts (id text primary key)');
  }, 60_000);
  afterAll(async () => {
    await grants.end();
    await audit.stop();
  });
  const append = async (record: unknown): Promise<number> =>
    Number((await grants.query('select evidence.append($1::jsonb) as place', [JSON.stringify(record)])).rows[0].place);
  const stored = (id: string) => audit.database.query('select 1 from audit.appended where id = $1', [id]);
  const parked = (reason: string) =>
    audit.database.query<{ times: string; writer: string }>(
      'select times, writer from audit.parked where reason = $1',
      [reason],
    );

  it('commits with the fact it belongs to', async () => {
    const record = aRecord();
    await grants.query('begin');
    await grants.query('insert into grants.facts values ($1)', [record.id]);
    expect(await append(record)).toBeGreaterThan(0);
    await grants.query('commit');
    expect(await stored(record.id)).toHaveLength(1);
  });
  it('is rolled back with the fact it belongs to', async () => {
    const record = aRecord();
    await grants.query('begin');
    await append(record);
    await grants.query('rollback');
    expect(await stored(record.id)).toHaveLength(0);
    expect(
      await audit.database.query(
        'select 1 from audit.pending p where not exists (select from audit.appended a where a.position = p.position)',
      ),
    ).toHaveLength(0);
  });
  it('writes the same record once, however often it comes', async () => {
    const record = aRecord();
    const first = await append(record);
    expect(await append({ ...record })).toBe(first);
    expect(await stored(record.id)).toHaveLength(1);
  });
  it('parks another record under a used id, and counts repeats of it', async () => {
    const record = aRecord();
    await append(record);
    const other = { ...record, outcome: 'deny' };
    const place = await append(other);
    expect(place).toBeLessThan(0);
    expect(await append(other)).toBe(place);
    expect(await parked('other_content')).toEqual([{ times: '2', writer: 'interlock_grants' }]);
  });
  it.each([
    ['a list', [], 'not_an_object'],
    ['null', null, 'not_an_object'],
    ['a text', 'evidence', 'not_an_object'],
    ['no id', { ...aRecord(), id: undefined }, 'no_id'],
    ['an id that is none of ours', { ...aRecord(), id: 'evd_1' }, 'no_id'],
    ['an id that is no text', { ...aRecord(), id: { a: 1 } }, 'no_id'],
    ['no log', { ...aRecord(), log: null }, 'no_log'],
    ['a log that cannot be', { ...aRecord(), log: '*' }, 'no_log'],
    ['a body that is too large', { ...aRecord(), source: 'x'.repeat(70_000) }, 'too_large'],
  ])('parks %s and lets the fact stand', async (_what, record, reason) => {
    const before = (await parked(reason)).length;
    await grants.query('begin');
    expect(await append(record)).toBeLessThan(0);
    await grants.query('commit');
    expect(await parked(reason)).toHaveLength(before + 1);
  });
  it('leaves whom the caller acts for as it was', async () => {
    await grants.query('begin');
    await grants.query(`select set_config('interlock.organisation', $1, true)`, [BUYER]);
    await append(aRecord());
    const { rows } = await grants.query(`select current_setting('interlock.organisation') as acting`);
    await grants.query('commit');
    expect(rows).toEqual([{ acting: BUYER }]);
  });
  it('is all that another service can do here', async () => {
    for (const sql of [
      'select * from audit.appended',
      'select * from audit.entry',
      'delete from audit.pending',
      'insert into audit.appended (id, log, writer, body) values (1, 1, 1, 1)',
      'select * from audit.checkpoint',
      'create table evidence.mine (id text)',
      `create or replace function evidence.append(record jsonb) returns bigint language sql as 'select 1'`,
    ]) {
      await grants.query(`select set_config('interlock.organisation', '*', false)`);
      await expect(grants.query(sql)).rejects.toThrow(/permission denied|must be owner/);
    }
  });
  it('never changes or removes what was written, not even for its owner', async () => {
    await append(aRecord());
    const owner = await connected(audit.database.urlFor('audit'));
    await owner.query(`select set_config('interlock.organisation', '*', false)`);
    for (const sql of [
      `update appended set body = '{}'`,
      'delete from appended',
      'truncate appended',
      'delete from entry',
      `update appended set opened = '["x"]'`,
      `update entry set leaf_hash = '\\x00'`,
      `update entry_3 set idx = 1`,
      'update checkpoint set size = 0',
    ])
      await expect(owner.query(sql)).rejects.toThrow('are never changed');
    await owner.end();
  });
  it('takes one record from two connections at once and writes it once', async () => {
    const record = aRecord({ log: anAgreementId() });
    const other = await connected(audit.database.urlFor('federation-api'));
    await grants.query('begin');
    const first = await append(record);
    const second = other.query('select evidence.append($1::jsonb) as place', [JSON.stringify(record)]);
    await grants.query('commit');
    expect(Number((await second).rows[0].place)).toBe(first);
    await other.end();
  });

  describe('what is parked', () => {
    const rows = (all = true) => parkedRecords(audit.database.adminUrl, all);
    const said = (parked: ParkedRecord, log: string) =>
      evidenceOf('broker/operator', audit.ids.next('evd'), {
        ...{ log: log as 'operator', kind: 'parked.handled', outcome: 'change', at: audit.clock.now() },
        ...{ code: parked.reason, reason: 'its clock was set right' },
      });
    const handle = (no: number, again = false) =>
      handleParked(audit.database.adminUrl, { no, how: 'its clock was set right', again }, said);

    it('is dealt with by a person, stays, wants a person again when it comes again, and is dropped by nobody', async () => {
      const wrong = { ...aRecord(), log: 'nowhere' };
      const no = -(await append(wrong));
      const done = await handle(no);
      expect(done).toMatchObject({ record: { log: 'operator', kind: 'parked.handled', code: 'no_log' } });
      expect((await rows(false)).some((one) => one.no === no)).toBe(false);
      expect((await rows()).find((one) => one.no === no)).toMatchObject({
        times: 1,
        handledHow: 'its clock was set right',
      });
      expect('record' in done && (await stored(done.record.id))).toHaveLength(1);
      await append(wrong);
      expect((await rows(false)).find((one) => one.no === no)).toMatchObject({ times: 2, handledAt: null });
      expect([await handle(no, true), await handle(0)]).toEqual([{ why: 'not_appended' }, { why: 'unknown' }]);
      const owner = await connected(audit.database.urlFor('audit'));
      await owner.query(`select set_config('interlock.organisation', '*', false)`);
      for (const sql of ['delete from parked', 'truncate parked'])
        await expect(owner.query(sql)).rejects.toThrow('stays parked');
      await owner.end();
    });

    it('is judged again where a person asks, once the rules know it or its time has come, and then has its place for good', async () => {
      const ahead = aRecord({ at: audit.clock.now() + 3 * 86_400_000 });
      await audit.append(ahead);
      await audit.sequence();
      const [parked] = (await rows(false)).filter(({ reason }) => reason === 'clock_nonsense');
      if (!parked) throw new Error('it is not parked');
      await handle(parked.no, true);
      await audit.sequence();
      // Too early still: it is parked once more, and wants a person again.
      expect((await rows(false)).find(({ no }) => no === parked.no)).toMatchObject({ times: 2, appended: true });
      audit.clock.advance(3 * 86_400_000);
      await handle(parked.no, true);
      await audit.sequence();
      const placed = () =>
        audit.database.query(
          'select a.body from audit.entry e join audit.appended a using (position) where a.id = $1',
          [ahead.id],
        );
      expect(await placed()).toEqual([{ body: ahead }]);
      // When the time of what is parked is over, the record in the log is not emptied with it.
      expect((await rows()).find(({ no }) => no === parked.no)).toMatchObject({ appended: false });
    });
  });
});
