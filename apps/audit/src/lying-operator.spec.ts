import type { Log } from '@interlock/chassis';
import type { AgreementId, LocalId } from '@interlock/domain';
import {
  appendLeaves,
  canonicalBytes,
  disclosureOf,
  emptyFrontier,
  formatTlogProof,
  frontierRoot,
  hashLeaf,
  type LogReader,
  newSalt,
  parseCheckpoint,
  verifyCheckpoint,
  verifyLogAnswer,
  verifyTlogProof,
  verifyWholeLog,
} from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aRecord, BUYER, VENDOR } from '../test/an-audit.js';
import { bytes, type TwoCompanies, twoCompanies } from '../test/two-companies.js';
import { signGrownLogs } from './commands/make-checkpoints.js';

let world: TwoCompanies;
beforeAll(async () => {
  world = await twoCompanies();
}, 60_000);
afterAll(() => world.stop());

describe('an operator who owns the database', () => {
  /** Lifts every lock of the schema, as an administrator can, and rebuilds the log from what is left. */
  async function tamper(log: AgreementId, sql: string): Promise<void> {
    const tables = ['appended', 'entry', 'checkpoint', 'cosignature', 'log'];
    for (const table of tables) await world.audit.database.query(`alter table audit.${table} disable trigger all`);
    await world.audit.database.query(sql.replaceAll(':log', `(select no from audit.log where name = '${log}')`));
    for (const table of tables) await world.audit.database.query(`alter table audit.${table} enable trigger all`);
  }
  const rebuilt = (log: AgreementId, keep: string): string => `
    insert into audit.pending select position from audit.entry where log_no = :log ${keep} on conflict do nothing;
    delete from audit.entry where log_no = :log;
    delete from audit.tile where log_no = :log;
    delete from audit.cosignature where log_no = :log;
    delete from audit.checkpoint where log_no = :log;
    update audit.log set size = 0, frontier = '', checkpoint_size = 0 where name = '${log}'`;
  async function aCosignedLog(): Promise<AgreementId> {
    const log = await world.anAgreement();
    for (let i = 0; i < 6; i += 1) await world.audit.append(aRecord({ log }));
    await world.settle();
    expect([...(await world.cosignAll(world.vendor, log)), ...(await world.cosignAll(world.buyer, log))]).toEqual([]);
    return log;
  }
  it.each([
    ['drops a record', (log: AgreementId) => rebuilt(log, 'and idx <> 2')],
    [
      'rewrites a record',
      (log: AgreementId) => `
        update audit.appended set body = jsonb_set(body, '{outcome}', '"deny"')
          where position = (select position from audit.entry where log_no = :log and idx = 2);
        ${rebuilt(log, '')}`,
    ],
  ])('and %s gets no cosignature any more, from either side', async (_what, sql) => {
    const log = await aCosignedLog();
    await tamper(log, sql(log));
    for (let i = 0; i < 3; i += 1) await world.audit.append(aRecord({ log }));
    await world.settle();
    expect(await world.cosignAll(world.vendor, log)).toEqual(['witness_proof_invalid']);
    expect(await world.cosignAll(world.buyer, log)).toEqual(['witness_proof_invalid']);
    const answer = await world.rowsOf(BUYER, { log });
    expect(verifyCheckpoint(answer.checkpoint, world.trustOf(log))).toMatchObject({
      refusal: { code: 'note_signature_missing' },
    });
  });
  it('and rolls the log back is told that it shrank', async () => {
    const log = await aCosignedLog();
    await tamper(log, `${rebuilt(log, 'and idx < 3')}; update audit.witness set cosigned_size = 0 where log_no = :log`);
    await world.settle();
    expect(await world.cosignAll(world.vendor, log)).toEqual(['witness_log_shrank']);
  });
  it('and keeps two histories shows two roots of one size', async () => {
    const log = await aCosignedLog();
    await tamper(
      log,
      `update audit.appended set body = jsonb_set(body, '{code}', '"x"')
         where position = (select position from audit.entry where log_no = :log and idx = 5);
       ${rebuilt(log, '')}; update audit.witness set cosigned_size = 0 where log_no = :log`,
    );
    await world.settle();
    expect(await world.cosignAll(world.buyer, log)).toEqual(['witness_log_forked']);
  });
  it('and alters a record in place cannot prove it', async () => {
    const log = await aCosignedLog();
    await tamper(
      log,
      `update audit.appended set body = jsonb_set(body, '{outcome}', '"deny"')
         where position = (select position from audit.entry where log_no = :log and idx = 2)`,
    );
    const answer = await world.rowsOf(VENDOR, { log });
    const verdicts = answer.rows.map(({ index, record, proof }) => {
      const receipt = formatTlogProof({ index, path: proof.map(bytes), checkpoint: answer.checkpoint });
      return verifyTlogProof(receipt, canonicalBytes(record), world.trustOf(log)).allowed;
    });
    expect(verdicts).toEqual([true, true, false, true, true, true]);
  });
  it('and leaves a row out of an answer is found by whoever reads the whole log', async () => {
    const log = await aCosignedLog();
    const whole = await world.rowsOf(BUYER, { log });
    const withheld = { ...whole, rows: whole.rows.filter((row) => row.index !== 3) };
    const complete = (answer: typeof whole) => {
      const leaves = answer.rows.map(({ record }) => hashLeaf(canonicalBytes(record)));
      const parsed = parseCheckpoint(answer.checkpoint);
      const root = frontierRoot(appendLeaves(emptyFrontier(), leaves));
      return parsed.allowed && Buffer.from(parsed.value.checkpoint.root).equals(root);
    };
    expect([complete(whole), complete(withheld)]).toEqual([true, false]);
  });

  const readerOf = (log: AgreementId): LogReader => {
    const { log: key, witnesses } = world.trustOf(log);
    return {
      log: key,
      cosigners: 2,
      witnesses: witnesses.map((one, at) => ({ ...one, organisation: SIDES[at] ?? BUYER })),
    };
  };
  type Answer = Awaited<ReturnType<typeof world.rowsOf>>;
  const reads = (answer: Answer, log: AgreementId) => verifyLogAnswer(answer, log, readerOf(log));
  const readsWhole = ({ checkpoint, rows }: Answer, log: AgreementId) =>
    verifyWholeLog(
      checkpoint,
      log,
      readerOf(log),
      rows.map(({ record }) => canonicalBytes(record)),
    );

  it('and replays a record grows the log as it should, which every witness cosigns, and every reader sees the record twice', async () => {
    const log = await aCosignedLog();
    await tamper(log, 'insert into audit.pending select position from audit.entry where log_no = :log and idx = 2');
    await world.settle();
    expect([...(await world.cosignAll(world.vendor, log)), ...(await world.cosignAll(world.buyer, log))]).toEqual([]);
    const answer = await world.rowsOf(BUYER, { log });
    const replayed = { allowed: false, refusal: { code: 'evidence_rejected', clause: 'row 6' } };
    expect([reads(answer, log), await readsWhole(answer, log)]).toMatchObject([replayed, replayed]);
    expect(answer.rows[6]?.record).toEqual(answer.rows[2]?.record);
  });

  it('and replays an old state to a witness is told what it saw', async () => {
    const log = await aCosignedLog();
    for (let i = 0; i < 3; i += 1) await world.audit.append(aRecord({ log }));
    await world.settle();
    expect(await world.cosignAll(world.buyer, log)).toEqual([]);
    await tamper(
      log,
      `update audit.log set checkpoint_size = 6 where name = '${log}'; delete from audit.cosignature where log_no = :log;
       update audit.witness set cosigned_size = 0 where log_no = :log`,
    );
    expect(await world.rowsOf(BUYER, { log })).toMatchObject({ treeSize: 6 });
    expect(await world.cosignAll(world.buyer, log)).toEqual(['witness_log_shrank']);
    await tamper(log, `update audit.log set checkpoint_size = size where name = '${log}'`);
  });

  it('and makes one log unfit to be signed keeps no other from it, and is told which', async () => {
    const [log, other] = [await aCosignedLog(), await aCosignedLog()];
    await tamper(log, `update audit.log set checkpoint_size = 0 where name = '${log}'`);
    await world.audit.append(aRecord({ log: other }));
    await world.audit.sequence();
    const [told, news]: unknown[][] = [[], []];
    const { transactor, signer, ids, clock } = world.audit;
    const sign = () =>
      signGrownLogs({
        ...{ transactor, signer, ids, now: () => clock.now() },
        log: { error: (fields: object) => void told?.push(fields) } as Log,
        news: { tell: (name, body) => void news?.push({ name, ...body }) },
      });
    expect(await sign()).toBe(false);
    // The witnesses of what was signed are asked at once, and nobody's for what was not.
    expect(news).toEqual([{ name: 'checkpointed', organisations: expect.arrayContaining([VENDOR, BUYER]) }]);
    expect((await world.cosignAll(world.buyer, other)).length).toBe(0);
    expect(await world.rowsOf(BUYER, { log: other })).toMatchObject({ treeSize: 7 });
    expect(told).toMatchObject([{ event: 'log.unsigned', agreementId: log }]);
    // With nothing else to sign the fault is one of the whole work, and is told as such.
    await expect(sign()).rejects.toThrow('checkpoint');
    await tamper(log, `update audit.log set checkpoint_size = size where name = '${log}'`);
  });

  describe('and swaps', () => {
    it('one log for another is found by its name', async () => {
      const [log, other] = [await aCosignedLog(), await aCosignedLog()];
      const answer = await world.rowsOf(BUYER, { log: other });
      expect(reads({ ...answer, filter: { ...answer.filter, log } }, log)).toMatchObject({
        refusal: { code: 'checkpoint_wrong_origin' },
      });
    });

    it('who cosigned is found by the key of whom he names', async () => {
      const log = await aCosignedLog();
      expect(reads(await world.rowsOf(BUYER, { log }), log)).toMatchObject({ value: { cosigned: SIDES } });
      await tamper(
        log,
        `update audit.cosignature set line = (select s.line from audit.cosignature s where s.log_no = :log
           and s.organisation = '${VENDOR}') where log_no = :log and organisation = '${BUYER}'`,
      );
      expect(reads(await world.rowsOf(BUYER, { log }), log)).toMatchObject({
        refusal: { code: 'note_signature_repeated' },
      });
      await tamper(
        log,
        `update audit.cosignature set line = replace(line, '${world.vendor.key.name} ', '${world.buyer.key.name} ')
           where log_no = :log and organisation = '${BUYER}'`,
      );
      expect(reads(await world.rowsOf(BUYER, { log }), log)).toMatchObject({ refusal: { code: 'note_key_unknown' } });
    });

    it('one person for another is found by what the log committed to', async () => {
      const log = await world.anAgreement();
      const id = aRecord().subject?.id;
      await world.audit.say(aRecord({ log }));
      await world.settle();
      for (const side of [world.vendor, world.buyer]) expect(await world.cosignAll(side, log)).toEqual([]);
      expect(reads(await world.rowsOf(BUYER, { log }), log)).toMatchObject({
        value: { rows: [{ record: { subject: { id } } }] },
      });
      const somebody = { organisation: VENDOR, kind: 'person', id: 'somebody-else' as LocalId };
      await tamper(
        log,
        `update audit.appended set opened = '${JSON.stringify([disclosureOf(newSalt(), 'subject', somebody)])}' where log = '${log}'`,
      );
      expect(reads(await world.rowsOf(BUYER, { log }), log)).toMatchObject({
        refusal: { code: 'evidence_rejected', clause: 'row 0' },
      });
    });
  });
});

const SIDES = [VENDOR, BUYER];
