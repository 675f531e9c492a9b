import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepSeen, newId } from '@interlock/company-side';
import type { AuditAnswer } from '@interlock/contracts';
import { type Agreement, evidenceOf } from '@interlock/domain';
import { newPrivateKey, newSalt, parseCheckpoint, publicJwkOf, thumbprintOf, withhold } from '@interlock/proof';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { agreedByBoth, region } from '../../../test/agreed-by-both.js';
import { sixRecords } from '../../../test/six-records.js';
import { type SmallLog, serveLog, smallLog } from '../../../test/small-log.js';
import { type TwoCompanies, twoCompanies } from '../../../test/two-companies.js';
import { companyBroker } from '../company-broker.js';
import { explainStored } from '../explain/stored-reason.js';
import { readLog } from './read-log.js';
import { whenCame } from './when-verb.js';

const folder = mkdtempSync(join(tmpdir(), 'interlock-read-log-'));
let world: TwoCompanies;
let agreement: Agreement;
let log: SmallLog;
/** What the audit service does to an answer before it leaves. */
let lie: (answer: AuditAnswer) => AuditAnswer;
let cosigners: TwoCompanies['vendor'][];
let cosignedSize: number;
let newestSize: number;
/** What is said to be the last state before a record came. */
let sizeBefore: number | undefined;

beforeAll(async () => {
  world = await twoCompanies(folder);
  const regions = [region(thumbprintOf(publicJwkOf(newPrivateKey())))];
  agreement = await agreedByBoth(world, { kinds: ['remote-service', 'data-collection'], regions });
  const { records, withheld } = sixRecords(world, agreement.id);
  log = smallLog(world, agreement.id, records, withheld);
  serveLog(world, agreement.id, log, () => ({ size: newestSize, cosignedSize, cosigners, lie, sizeBefore }));
}, 60_000);
beforeEach(() => {
  lie = (answer) => answer;
  cosigners = [world.vendor, world.buyer];
  [cosignedSize, newestSize, sizeBefore] = [5, 6, undefined];
});
afterAll(async () => {
  await world?.broker.stop();
  rmSync(folder, { recursive: true, force: true });
});

const read = () => readLog(companyBroker(world.vendor.dir), agreement.id, {});

describe('an audit service that lies', () => {
  it('is believed page by page while it does not', async () => {
    expect(await read()).toMatchObject({ allowed: true, value: { treeSize: 5, rows: { length: 5 } } });
  });

  it('shows nothing that is not cosigned by both', async () => {
    cosigners = [world.vendor];
    expect(await read()).toMatchObject({ allowed: false, refusal: { code: 'not_cosigned' } });
    cosigners = [world.vendor, world.buyer];
    cosignedSize = 0;
    expect(await read()).toMatchObject({ allowed: true, value: { rows: [], notCosignedYet: 6 } });
  });

  it('can make the span wider in which a record came, and no other one', async () => {
    const came = (index: number) => whenCame(companyBroker(world.vendor.dir), agreement.id, index);
    // Before the first record there is no state, and of what nobody cosigned nothing is proven.
    expect(await came(0)).toMatchObject({ value: { notYet: [], by: [{}, {}] } });
    expect(await came(5)).toMatchObject({ refusal: { code: 'not_cosigned' } });
    cosigners = [world.buyer];
    expect(await came(2)).toMatchObject({ value: { notYet: [{}], by: [{ organisation: 'delta-foods.example' }] } });
    cosigners = [];
    expect(await came(2)).toMatchObject({ refusal: { code: 'not_cosigned' } });
    [cosigners, sizeBefore] = [[world.buyer], 4];
    expect(await came(2)).toMatchObject({ refusal: { code: 'evidence_rejected', clause: 'before' } });
  });

  it('is found out by the own witness, where it shows an old state as the newest, or another history of its size', async () => {
    const first = log.checkpoint(5, []);
    const root = parseCheckpoint(first);
    if (!root.allowed) throw new Error('checkpoint');
    const seen = root.value.checkpoint;
    keepSeen(world.vendor.dir, agreement.id, { size: 6, root: seen.root });
    [newestSize, cosignedSize] = [5, 5];
    const replayed = { allowed: false, refusal: { code: 'evidence_rejected', clause: 'checkpoint' } };
    expect(await read()).toMatchObject(replayed);
    // Not cosigned by all yet is another thing, and is said.
    newestSize = 6;
    expect(await read()).toMatchObject({ allowed: true, value: { notCosignedYet: 1 } });
    keepSeen(world.vendor.dir, agreement.id, { size: 5, root: Buffer.alloc(32) });
    expect(await read()).toMatchObject(replayed);
    keepSeen(world.vendor.dir, agreement.id, { size: 5, root: seen.root });
    expect(await read()).toMatchObject({ allowed: true });
  });

  it('is found out by a rewritten row, a row of another question, another question, and a cursor that stands still', async () => {
    const lies: [string, (answer: AuditAnswer) => AuditAnswer][] = [
      [
        'row 3',
        (answer) => ({ ...answer, rows: answer.rows.map((row) => ({ ...row, record: { ...row.record, count: 2 } })) }),
      ],
      ['filter', (answer) => ({ ...answer, filter: { ...answer.filter, kind: 'session.opened' } })],
      ['next', (answer) => ({ ...answer, next: 0 })],
    ];
    for (const [clause, told] of lies) {
      lie = told;
      const found = await readLog(companyBroker(world.vendor.dir), agreement.id, { kind: 'flow.delivered' });
      expect(found).toMatchObject({ allowed: false, refusal: { code: 'evidence_rejected', clause } });
    }
    lie = (answer) => ({
      ...log.answer(new URLSearchParams({ log: agreement.id, treeSize: '5' }), cosigners),
      filter: answer.filter,
    });
    // The service forgot the filter: its rows are true, and answer another question.
    const other = await readLog(companyBroker(world.vendor.dir), agreement.id, { outcome: 'cut' });
    expect(other).toMatchObject({ allowed: false, refusal: { code: 'evidence_rejected', clause: 'filter' } });
  });
});

describe('interlock explain', () => {
  const [decision, later] = ['a', 'b'].map((letter) => `dec_${letter.repeat(26)}`);
  it('shows why a decision was a no from the cosigned log: in full to the company whose rule it was, and that there is more to the other', async () => {
    const [vendor, buyer] = [world.vendor, world.buyer].map(({ company }) => company.organisation);
    const said = evidenceOf('grants', newId('evd'), {
      ...{ log: agreement.id, kind: 'decision.given', outcome: 'deny', at: Date.UTC(2026, 5, 2), count: 1 },
      ...{ organisation: vendor, belongsTo: buyer, code: 'other_side_denied', correlation: decision },
      explanation: 'embargo_blocked embargo delta-foods.example',
    });
    const { record, own } = withhold(said, newSalt);
    // No shorter than what the vendor's own witness saw of it before.
    const all = [record, ...sixRecords(world, agreement.id).records];
    const how = { size: all.length, cosignedSize: all.length, cosigners, lie };
    const readBy = async (side: TwoCompanies['vendor'], opened: readonly string[], id = decision) => {
      const told = smallLog(world, agreement.id, all, new Map(opened.length > 0 ? [[record.id, opened]] : []));
      serveLog(world, agreement.id, told, () => how);
      return explainStored(id ?? '', { company: side.dir });
    };
    const reason = { code: 'other_side_denied', belongsTo: buyer, index: 0 };
    const shown = (explanation: string | null) => ({ value: { json: { reasons: [{ ...reason, explanation }] } } });
    expect(await readBy(world.buyer, own)).toMatchObject(shown('embargo_blocked embargo delta-foods.example'));
    expect(await readBy(world.vendor, [])).toMatchObject(shown(null));
    const altered = own.map((one) => one.slice(0, -4));
    expect(await readBy(world.vendor, altered)).toMatchObject({ refusal: { code: 'evidence_rejected' } });
    expect(await readBy(world.buyer, own, later)).toMatchObject({ refusal: { code: 'not_a_party' } });
  });
});
