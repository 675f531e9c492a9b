import type { AgreementId } from '@interlock/domain';
import {
  appendLeaves,
  canonicalBytes,
  emptyFrontier,
  formatTlogProof,
  frontierRoot,
  hashLeaf,
  parseCheckpoint,
  verifyCheckpoint,
  verifyTlogProof,
} from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aRecord, BUYER, VENDOR } from '../test/an-audit.js';
import { bytes, type TwoCompanies, twoCompanies } from '../test/two-companies.js';

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
});
