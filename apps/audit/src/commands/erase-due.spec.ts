import { EraseDue, ErasePerson, HoldLog, ReadHolds, SayReceived } from '@interlock/contracts';
import { type AgreementId, closedMembers, type Digest, type EvidenceRecord, type LocalId } from '@interlock/domain';
import { openRecord } from '@interlock/proof';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { anAgreementId, aRecord, BUYER, connected, STRANGER, VENDOR } from '../../test/an-audit.js';
import { type TwoCompanies, twoCompanies } from '../../test/two-companies.js';
import { eraseNextDue, eraseParkedDue } from './erase-due.js';

const DAY = 86_400;
const evidence = { region: null, cosigning: 'both' as const, retentionSeconds: DAY };
let world: TwoCompanies;
let log: AgreementId;
let at: number;
beforeAll(async () => {
  world = await twoCompanies();
}, 60_000);
afterAll(() => world.stop());
beforeEach(async () => {
  log = await world.anAgreement({ evidence });
  at = world.audit.clock.now();
  const approvers = ['shift-lead'] as LocalId[];
  const said: Partial<EvidenceRecord>[] = [
    { at: at - 3 * DAY * 1_000, approvers, reason: 'the valve was leaking' },
    // Of the same day, but told of by a clock that runs ahead.
    { at: at - 2 * DAY * 1_000, subject: { organisation: BUYER, kind: 'machine', id: 'press-7' as LocalId } },
    { at, reason: 'of today' },
  ];
  for (const one of said) await world.audit.say(aRecord({ log, ...one }));
  await world.settle();
});

const rows = async (filter: object = {}, organisation = BUYER) =>
  (await world.rowsOf(organisation, { log, ...filter })).rows;
const rule = () =>
  world.audit.run(async (tx) => {
    while (await eraseNextDue(tx, world.audit.ids, world.audit.clock.now()));
  });
const raw = () =>
  world.audit.database.query('select opened from audit.appended where log = $1 and opened is not null', [log]);

describe('what a log tells of persons', () => {
  it('is gone once the retention that both signed is over, and the log proves what it proved', async () => {
    const before = await rows();
    expect(await rows({ subject: 'technician-1', approver: 'shift-lead' })).toHaveLength(1);
    await rule();
    await world.settle();
    const after = await rows();
    expect(after.slice(0, 3).map(({ record }) => record)).toEqual(before.map(({ record }) => record));
    expect(after.map(({ opened }) => opened !== undefined)).toEqual([false, false, true, false]);
    expect(after[0] && closedMembers(after[0].record)).toEqual(['subject', 'approvers', 'reason']);
    expect(after[3]?.record).toMatchObject({ kind: 'evidence.erased', count: 1, code: 'retention_over' });
    for (const filter of [{ approver: 'shift-lead' }, { text: 'leaking' }]) expect(await rows(filter)).toEqual([]);
    expect(await rows({ subject: 'technician-1' })).toMatchObject([{ index: 2 }]);
    expect(await rows({ subject: 'press-7' })).toMatchObject([{ index: 1 }]);
    expect(JSON.stringify(await raw())).not.toContain(before[0]?.opened?.[0]);
    for (const witness of [world.vendor, world.buyer]) expect(await world.cosignAll(witness, log)).toEqual([]);
  });

  it('stays while one company holds it, and both see who held it from when to when', async () => {
    const hold = (organisation: typeof VENDOR, held: boolean) => world.ask(HoldLog, { organisation, log, held });
    expect(await hold(VENDOR, true)).toMatchObject({ value: { heldBy: [VENDOR] } });
    expect(await hold(VENDOR, true)).toMatchObject({ value: { heldBy: [VENDOR] } });
    // Whoever did not set it does not lift it.
    expect(await hold(BUYER, false)).toMatchObject({ value: { heldBy: [VENDOR] } });
    await rule();
    expect(await world.ask(EraseDue, { organisation: BUYER, log })).toMatchObject({ refusal: { code: 'on_hold' } });
    expect(await raw()).toHaveLength(2);
    expect(await hold(VENDOR, false)).toMatchObject({ value: { heldBy: [] } });
    expect(await world.ask(EraseDue, { organisation: BUYER, log })).toMatchObject({ value: { erased: 1 } });
    await world.settle();
    const kinds = (await rows()).slice(3).map(({ record }) => [record.kind, record.organisation]);
    expect(kinds).toEqual([
      ['hold.set', VENDOR],
      ['hold.lifted', VENDOR],
      ['evidence.erased', null],
    ]);
  });

  it('is erased no sooner because one company asks, and not at all by a stranger or where the agreement says nothing', async () => {
    const other = await world.anAgreement();
    await world.audit.say(aRecord({ log: other, at: at - 90 * DAY * 1_000 }));
    await world.settle();
    expect(await world.ask(EraseDue, { organisation: BUYER, log: other })).toMatchObject({ value: { erased: 0 } });
    const strange = { organisation: STRANGER, log };
    const answers = [await world.ask(EraseDue, strange), await world.ask(HoldLog, { ...strange, held: true })];
    for (const answer of answers) expect(answer).toMatchObject({ refusal: { code: 'not_a_party' } });
    expect(await raw()).toHaveLength(2);
  });

  it('is erased and recorded in one transaction, or neither', async () => {
    const broken = world.audit.run(async (tx) => {
      await eraseNextDue(tx, world.audit.ids, world.audit.clock.now());
      throw new Error('killed');
    });
    await expect(broken).rejects.toThrow('killed');
    expect(await raw()).toHaveLength(2);
  });

  it('cannot be put back, nor another word in its place', async () => {
    const owner = await connected(world.audit.database.urlFor('audit'));
    await owner.query(`select set_config('interlock.organisation', '*', false)`);
    await owner.query('begin');
    for (const sql of [`update entry set subject = 'x'`, `update entry set labels = labels || 1::bigint`]) {
      await owner.query('savepoint one');
      await expect(owner.query(sql)).rejects.toThrow('are never changed');
      await owner.query('rollback to one');
    }
    await owner.query('rollback');
    await owner.end();
  });

  it('goes in the same time from a record that is parked, unless it is held, and from one that no agreement knows', async () => {
    const { audit } = world;
    const [held, unknown, kept] = [await world.anAgreement({ evidence }), anAgreementId(), await world.anAgreement()];
    const names = [log, held, unknown, kept];
    const reason = 'the words of a person';
    for (const name of names) {
      // The one is parked by the sequencer with what opens it, the other by the door as it came.
      const wrong = { ...aRecord({ log: name, reason }), kind: 'nothing.known' as EvidenceRecord['kind'] };
      await audit.say(wrong);
      await audit.append({ ...aRecord({ log: name, reason }), source: 'x'.repeat(70_000) });
    }
    await audit.sequence();
    await world.ask(HoldLog, { organisation: VENDOR, log: held, held: true });
    const due = (now: number) => audit.run((tx) => eraseParkedDue(tx, audit.ids, now));
    const closed = async () => {
      const rows = await audit.database.query<{ log: string; reason: string }>(
        `select p.log, p.reason from audit.parked p left join audit.appended a using (position)
         where p.log = any($1) and p.body = '' and (a.position is null or (a.body = 'null' and a.opened is null))`,
        [names],
      );
      return rows.map((row) => `${names.indexOf(row.log as AgreementId)} ${row.reason}`).sort();
    };
    // Parked now, by the clock of the database.
    const [clock] = await audit.database.query<{ since: number }>(
      'select ceil(extract(epoch from max(parked_at)) * 1000)::float8 as since from audit.parked',
    );
    const since = clock?.since ?? 0;
    audit.clock.setWall(since + 300 * DAY * 1_000);
    await due(since + DAY * 999);
    expect(await closed()).toEqual([]);
    expect([await due(since + DAY * 1_000), await due(since + DAY * 1_000)]).toEqual([true, false]);
    expect(await closed()).toEqual(['0 not_as_declared', '0 too_large']);
    expect([await due(since + 30 * DAY * 1_000), await due(since + 300 * DAY * 1_000)]).toEqual([true, false]);
    expect(await closed()).toEqual(['0 not_as_declared', '0 too_large', '2 not_as_declared', '2 too_large']);
    await world.settle();
    const told = (await rows({ kind: 'evidence.erased' })).map(({ record }) => [record.code, record.count]);
    expect(told).toContainEqual(['parked_over', 2]);
    await world.ask(HoldLog, { organisation: VENDOR, log: held, held: false });
    expect(await due(since + DAY * 1_000)).toBe(true);
    const left = await audit.database.query<{ log: string }>(
      `select log from audit.parked where body <> '' and log = any($1)`,
      [names],
    );
    // Its agreement says nothing of retention, and its log keeps all of it too.
    expect(left.map((row) => row.log)).toEqual([kept, kept]);
  });
});

describe('what a recipient says of data that it received', () => {
  const documents = [`sha256:${'A'.repeat(43)}` as Digest];
  const say = (organisation: typeof BUYER, kind: 'data.received' | 'data.erased' = 'data.erased', of = log) =>
    world.ask(SayReceived, { organisation, log: of, kind, documents, count: 7 });

  it('is a record of the log, of the company that said it; who holds the log is said to its parties', async () => {
    expect(await say(VENDOR)).toMatchObject({ allowed: true });
    await world.settle();
    const [row] = await rows({ kind: 'data.erased' });
    expect(row?.record).toMatchObject({ organisation: VENDOR, outcome: 'change', documents, count: 7 });
    await world.ask(HoldLog, { organisation: BUYER, log, held: true });
    expect(await world.ask(ReadHolds, { organisation: VENDOR, log })).toMatchObject({ value: { heldBy: [BUYER] } });
  });

  it('is taken from no stranger, and into no log but those of his agreements', async () => {
    const refused = { refusal: { code: 'not_a_party' } };
    expect(await say(STRANGER)).toMatchObject(refused);
    expect(
      await world.ask(SayReceived, {
        ...{ organisation: VENDOR, log: 'operator', documents },
        kind: 'data.received',
        count: 1,
      }),
    ).toMatchObject(refused);
    expect(await world.ask(ReadHolds, { organisation: STRANGER, log })).toMatchObject(refused);
    await world.settle();
    expect(await rows({ kind: 'data.erased' })).toEqual([]);
  });
});

describe('what a log tells of one person', () => {
  const session = (id: string, more: object = {}) =>
    aRecord({
      log,
      subject: { organisation: VENDOR, kind: 'person', id: id as LocalId },
      approvers: ['shift-lead'] as LocalId[],
      ...more,
    });
  const erase = (organisation: typeof BUYER, person: string) =>
    world.ask(ErasePerson, { organisation, log, person: person as LocalId });
  beforeEach(async () => {
    log = await world.anAgreement();
    const reason = 'technician-1: the valve was leaking';
    await world.audit.say(session('technician-1', { reason }));
    await world.audit.say(session('technician-2'));
    // The other company's person of the same name.
    await world.audit.say(session('technician-2', { approvers: ['technician-1'] }));
    await world.audit.say(aRecord({ log, organisation: VENDOR, subject: null, reason }));
    await world.settle();
  });

  it('goes at once when its company asks, with what it was found by; the rest of the record, other persons and the log stay', async () => {
    const before = await rows({}, BUYER);
    expect(await erase(VENDOR, 'technician-1')).toMatchObject({ value: { erased: 2 } });
    await world.settle();
    const after = await rows({}, BUYER);
    expect(after.slice(0, 4).map(({ record }) => record)).toEqual(before.map(({ record }) => record));
    const closed = after.map(({ record, opened }) => {
      const open = openRecord(record, opened);
      return open.allowed && closedMembers(open.value);
    });
    expect(closed).toEqual([['subject', 'reason'], [], [], ['reason'], []]);
    expect(await rows({ subject: 'technician-1' }, VENDOR)).toEqual([]);
    expect(await rows({ text: 'leaking' }, VENDOR)).toEqual([]);
    expect(await rows({ approver: 'shift-lead' }, VENDOR)).toHaveLength(2);
    expect(await rows({ approver: 'technician-1' }, VENDOR)).toMatchObject([{ index: 2 }]);
    const { record } = after[4] ?? {};
    expect(record).toMatchObject({ kind: 'evidence.erased', code: 'person_asked', organisation: VENDOR, count: 2 });
    expect(JSON.stringify(record)).not.toContain('technician');
    for (const witness of [world.vendor, world.buyer]) expect(await world.cosignAll(witness, log)).toEqual([]);
    expect(await erase(VENDOR, 'technician-1')).toMatchObject({ value: { erased: 0 } });
  });

  it('goes where an approver of the company asks, and the subject of the other one stays', async () => {
    expect(await erase(BUYER, 'technician-1')).toMatchObject({ value: { erased: 2 } });
    await world.settle();
    expect(await rows({ approver: 'technician-1' }, BUYER)).toEqual([]);
    expect(await rows({ subject: 'technician-2' }, BUYER)).toHaveLength(2);
    for (const witness of [world.vendor, world.buyer]) expect(await world.cosignAll(witness, log)).toEqual([]);
  });

  it('stays where another company asks, where one holds the log, and where a stranger asks', async () => {
    const lying = [await erase(BUYER, 'technician-2'), await erase(STRANGER, 'technician-1')];
    expect(lying).toMatchObject([{ value: { erased: 0 } }, { refusal: { code: 'not_a_party' } }]);
    await world.ask(HoldLog, { organisation: BUYER, log, held: true });
    expect(await erase(VENDOR, 'technician-1')).toMatchObject({ refusal: { code: 'on_hold', detail: BUYER } });
    expect(await rows({ subject: 'technician-1' }, VENDOR)).toHaveLength(1);
  });
});
