import type { Tx } from '@interlock/chassis/db';
import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import type { AuditFilter } from '@interlock/contracts';
import { type AgreementId, type Digest, type EvidenceRecord, LABEL_NAMES, type LocalId } from '@interlock/domain';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anAgreementId, anAudit, aRecord, BUYER, type TestAudit, VENDOR } from '../../test/an-audit.js';
import { insertEntries } from './entry.store.js';
import { findEntries } from './find-entries.js';
import { findLog } from './log.store.js';
import { registerParties } from './party.store.js';

const MANY = 4_000;
const at = Date.UTC(2026, 0, 5);
const log: AgreementId = anAgreementId();
const digest = (text: string) => `sha256:${text.padEnd(43, 'x')}` as Digest;
const local = (text: string) => text as LocalId;
/** One of many, and like no other of them in anything it can be found by. */
const rare: Partial<EvidenceRecord> = {
  ...{ kind: 'grant.approved', outcome: 'change', organisation: VENDOR, source: `${VENDOR}/gateway-9` },
  subject: { organisation: VENDOR, kind: 'person', id: local('technician-9') },
  resource: { owner: BUYER, id: local('press-9') },
  ...{ agreement: digest('a'), grant: digest('g'), session: 'ses_9', clause: 'window', code: 'outside_window' },
  ...{ approvers: [local('shift-lead-9')], region: local('eu-north'), recipients: [VENDOR], correlation: 'cor_9' },
  ...{ ticket: 'INC-9', purpose: local('repair'), categories: [local('vibration')], reason: 'the rare valve' },
};
const asked: { readonly [Name in (typeof LABEL_NAMES)[number]]: string } = {
  ...{
    resource: 'press-9',
    subject: 'technician-9',
    approver: 'shift-lead-9',
    organisation: VENDOR,
    site: 'gateway-9',
  },
  ...{ ticket: 'INC-9', purpose: 'repair', category: 'vibration', region: 'eu-north', recipient: VENDOR },
  ...{ agreement: digest('a'), grant: digest('g'), session: 'ses_9', clause: 'window', kind: 'grant.approved' },
  ...{ outcome: 'change', code: 'outside_window', correlation: 'cor_9' },
};
const INDEX_OF: { readonly [Name in keyof AuditFilter]?: RegExp } = {
  resource: /Index Scan.* entry_\d+_log_no_resource_at_idx_idx/,
  subject: /Index Scan.* entry_\d+_log_no_subject_at_idx_idx/,
  from: /Index Scan.* entry_\d+_log_no_at_idx_idx/,
};
const BY_LABELS = /Bitmap Index Scan on entry_\d+_labels_idx/;

let audit: TestAudit;
let logNo: number;
beforeAll(async () => {
  audit = await anAudit();
  logNo = await audit.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    await registerParties(tx, log, [VENDOR, BUYER], []);
    const no = (await findLog(tx, log))?.no ?? -1;
    const records = Array.from({ length: MANY }, (_, index) =>
      aRecord({ log, at: at + index, subject: null, ...(index === 1_700 && rare) }),
    );
    const leafHash = Buffer.alloc(32);
    await insertEntries(
      tx,
      records.map((record, index) => ({ logNo: no, index, position: String(index), leafHash, record, said: record })),
    );
    await tx.query('analyze entry');
    return no;
  });
}, 60_000);
afterAll(() => audit.stop());

/** How the database answers the very statement of a question, asked as a company is. */
const planOf = (filter: Omit<AuditFilter, 'log' | 'limit'>): Promise<string> =>
  audit.run(async (tx) => {
    await tx.actFor(BUYER);
    const plans: string[] = [];
    const explaining: Tx = Object.assign(Object.create(tx), {
      query: async (sql: string, values: unknown[]) => {
        if (!sql.includes('from entry')) return tx.query(sql, values);
        const lines = await tx.query<Record<string, string>>(`explain (analyze, costs off, timing off) ${sql}`, values);
        plans.push(lines.map((line) => line['QUERY PLAN']).join('\n'));
        return [];
      },
    });
    await findEntries(explaining, logNo, { log, limit: 50, ...filter }, MANY, 50);
    return plans.join('\n');
  });

describe('a documented question', () => {
  it.each(LABEL_NAMES)('by %s is answered from its index, and one part of the table is looked at', async (name) => {
    const plan = await planOf({ [name]: asked[name] });
    expect(plan).toMatch(INDEX_OF[name] ?? BY_LABELS);
    expect(plan).toMatch(/actual rows=1\.00/);
    expect(plan).not.toMatch(/Seq Scan on entry|Rows Removed by Filter: [1-9]/);
    expect(new Set(plan.match(/\bentry_\d+ entry/g)).size).toBe(1);
  });

  it.each([
    ['words of a reason', { text: 'rare valve' }, BY_LABELS],
    ['a span of time', { from: at + 100, to: at + 110 }, INDEX_OF.from],
    ['a machine in a span of time', { resource: 'press-9', from: at, to: at + 3_000 }, INDEX_OF.resource],
    ['a person in a span of time', { subject: 'technician-9', from: at, to: at + 3_000 }, INDEX_OF.subject],
    ['a machine of one owner', { resource: `${BUYER}/press-9` }, INDEX_OF.resource],
    ['several labels at once', { ticket: 'INC-9', kind: 'grant.approved', clause: 'window' }, BY_LABELS],
    ['what nobody has', { ticket: 'INC-0' }, BY_LABELS],
  ])('by %s is answered from its index', async (_what, filter, index) => {
    const plan = await planOf(filter);
    expect(plan).toMatch(index ?? BY_LABELS);
    expect(plan).not.toMatch(/Seq Scan on entry|Rows Removed by Filter: [1-9]/);
  });

  it('costs nothing for agreements that it does not ask about: no other log of the company is looked at', async () => {
    expect(await planOf({ resource: 'press-9' })).not.toMatch(/hashed SubPlan/);
  });

  it('asks the same of every log: what one question looked for hides nothing from the next statement', async () => {
    const left = await audit.run(async (tx) => {
      await tx.actFor(BUYER);
      await findEntries(tx, logNo, { log, limit: 50, ticket: 'INC-0' }, MANY, 50);
      return tx.query<{ count: string }>('select count(*) from entry');
    });
    expect(left).toEqual([{ count: String(MANY) }]);
  });
});
