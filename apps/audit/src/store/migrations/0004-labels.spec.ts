import { type LocalId, labelsOf } from '@interlock/domain';
import { type TestDatabase, testDatabase } from '@interlock/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { anAgreementId, aRecord, connected, VENDOR } from '../../../test/an-audit.js';
import { labelKey } from '../label-key.js';
import { MIGRATIONS } from './index.js';

let database: TestDatabase;
let owner: Client;
beforeAll(async () => {
  database = await testDatabase();
  owner = await connected(database.urlFor('audit'));
}, 60_000);
afterAll(async () => {
  await owner.end();
  await database.stop();
});

describe('the step to labels', () => {
  it('finds records of before it by the same numbers as records after it', async () => {
    const before = MIGRATIONS.findIndex(({ name }) => name === '0004-labels');
    for (const { sql } of MIGRATIONS.slice(0, before)) await owner.query(sql);
    const approvers = ['shift-lead', 'plant-engineer'] as LocalId[];
    const record = aRecord({ log: anAgreementId(), approvers, recipients: [VENDOR], clause: 'window', code: 'no' });
    await owner.query("select set_config('interlock.organisation', '*', false)");
    await owner.query('insert into appended (position, id, log, writer, body) values (1, $1, $2, $3, $4)', [
      ...[record.id, record.log, 'grants', JSON.stringify(record)],
    ]);
    await owner.query('insert into log (name) values ($1)', [record.log]);
    await owner.query(
      `insert into entry (log_no, idx, position, leaf_hash, at, kind, outcome)
       values (1, 0, 1, $1, $2, $3, $4)`,
      [Buffer.alloc(32), record.at, record.kind, record.outcome],
    );
    await owner.query(MIGRATIONS[before]?.sql ?? '');
    const [{ labels, resource, subject }] = (await owner.query('select * from entry')).rows;
    const wanted = labelsOf(record).filter((label) => !/^(resource|subject):[^/]*$/.test(label));
    expect([...labels].map(Number).sort()).toEqual(wanted.map((label) => labelKey(1, label)).sort());
    expect([resource, subject]).toEqual(['press-7', 'technician-1']);
  });
});
