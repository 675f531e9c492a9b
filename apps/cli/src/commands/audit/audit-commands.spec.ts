import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ownPin } from '@interlock/company-side';
import type { AuditAnswer } from '@interlock/contracts';
import type { Agreement } from '@interlock/domain';
import { disclosureOf, newPrivateKey, newSalt, publicJwkOf, thumbprintOf, verifyBundle } from '@interlock/proof';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { aSiem } from '../../../test/a-siem.js';
import { agreedByBoth, region } from '../../../test/agreed-by-both.js';
import { bundledInterlock, type Interlock } from '../../../test/run-interlock.js';
import { type SixRecords, sixRecords } from '../../../test/six-records.js';
import { type SmallLog, serveLog, smallLog } from '../../../test/small-log.js';
import { type TwoCompanies, twoCompanies } from '../../../test/two-companies.js';
import { companyBroker } from '../company-broker.js';

// Each verb is a program of its own to start, on a machine that may be busy.
jest.setTimeout(60_000);

let interlock: Interlock;
let world: TwoCompanies;
let agreement: Agreement;
let log: SmallLog;
/** What the audit service does to an answer before it leaves. */
let lie: (answer: AuditAnswer) => AuditAnswer;
let cosigners: TwoCompanies['vendor'][];
let cosignedSize: number;

beforeAll(async () => {
  interlock = bundledInterlock();
  world = await twoCompanies(interlock.folder);
  agreement = await agreedByBoth(world, {
    kinds: ['remote-service', 'data-collection'],
    regions: [region(thumbprintOf(publicJwkOf(newPrivateKey())))],
  });
  log = smallLog(world, agreement.id, records(), six().withheld);
  serveLog(world, agreement.id, log, () => ({ size: records().length, cosignedSize, cosigners, lie }));
});
beforeEach(() => {
  lie = (answer) => answer;
  cosigners = [world.vendor, world.buyer];
  cosignedSize = 5;
});
afterAll(async () => {
  await world?.broker.stop();
  interlock?.remove();
});

let made: SixRecords | undefined;
const six = (): SixRecords => {
  made ??= sixRecords(world, agreement.id);
  return made;
};
const records = () => six().records;

const audit = (verb: string, ...args: readonly string[]) =>
  interlock.run('audit', verb, ...args, '--company', world.buyer.dir, '--json');

describe('interlock audit', () => {
  it('proves one record to somebody else, and tells of persons what its company chose alone', async () => {
    const out = join(interlock.folder, 'one.json');
    const args = ['0', '--log', agreement.id, '--members', 'approvers', '--out', out];
    expect(await audit('disclose', ...args)).toMatchObject({ code: 0, json: { disclosed: ['approvers'] } });
    const bytes = readFileSync(out);
    const proven = await verifyBundle(bytes, companyBroker(world.vendor.dir).pins);
    expect(proven).toMatchObject({
      value: { statements: expect.arrayContaining([expect.stringContaining('by shift-lead')]) },
    });
    expect(JSON.stringify(proven)).not.toContain('technician');
    const [subject, approvers] = six().withheld.get(records()[0]?.id ?? '') ?? [];
    expect([subject, approvers].map((one) => bytes.includes(one ?? 'none'))).toEqual([false, true]);
    const lie = String(bytes).replace(approvers ?? '', disclosureOf(newSalt(), 'approvers', ['somebody-else']));
    const parsed = await verifyBundle(Buffer.from(lie), companyBroker(world.vendor.dir).pins);
    expect(parsed).toMatchObject({ refusal: { code: 'evidence_rejected' } });
  });

  it('says who touched a machine, under which clause, who approved, and why it ended', async () => {
    const { code, json } = await audit('who-touched', 'press-7');
    expect(code).toBe(0);
    const touches = json.touches as { session: string }[];
    expect(touches.find((touch) => touch.session === 'ses_one')).toMatchObject({
      who: 'alpine-presses.example/technician',
      ...{ clause: 'remote-service', approvers: ['shift-lead'], outcome: 'cut', code: 'taken_away', rows: [0, 1] },
    });
    expect(touches.find((touch) => touch.session === 'ses_two')).toMatchObject({ outcome: 'refused' });
    expect(touches.some((touch) => touch.session === 'ses_three')).toBe(false);
    expect(json.logs).toMatchObject([{ treeSize: 5, notCosignedYet: 1 }]);
  });

  it('says whether data left, by where the region lies and by where its recipients are', async () => {
    const inEurope = await audit('left-region');
    expect(inEurope.json).toMatchObject({
      left: false,
      ways: [{ region: 'eu-1', regionIn: 'DE', deliveries: 2, recipients: [{ in: 'AT' }] }],
    });
    expect((await audit('left-region', '--inside', 'DE,NL')).json).toMatchObject({ left: true });
  });

  it('writes what a question finds to a file that is there only once it is whole', async () => {
    const file = join(interlock.folder, 'rows.ndjson');
    const written = await audit('export', '--kind', 'flow.delivered', '--out', file);
    expect(written.json).toMatchObject({ ok: true, rows: 2, logs: [{ treeSize: 5, rows: 2 }] });
    const rows = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(rows.map((row) => JSON.parse(row))).toMatchObject([
      { index: 3 },
      { index: 4, record: { region: 'eu-1' }, appendedAt: expect.any(Number) },
    ]);
    cosigners = [world.vendor];
    const refused = await audit('export', '--out', join(interlock.folder, 'never'));
    expect(refused.json).toMatchObject({ ok: false, code: 'not_cosigned' });
    expect(readdirSync(interlock.folder).filter((name) => name.startsWith('never'))).toEqual([]);
  });

  it('says when a record happened, when the operator says it came, and between which times the witnesses prove it', async () => {
    const began = Math.floor(Date.now() / 1_000) * 1_000;
    const { json } = await audit('when', '1', '--log', agreement.id);
    const happened = Date.UTC(2026, 5, 1, 21);
    const seen = ['alpine-presses.example', 'delta-foods.example'].map((organisation) => ({ organisation }));
    expect(json).toMatchObject({ at: happened, appendedAt: happened + 90_000, notYet: seen, by: seen });
    const times = [...(json.notYet as { at: number }[]), ...(json.by as { at: number }[])].map(({ at }) => at);
    expect(times.every((at) => at >= began)).toBe(true);
  });

  it('prints rows for people, with the tree they are proven in', async () => {
    const shown = await interlock.run('audit', 'query', '--company', world.vendor.dir, '--kind', 'session.cut');
    expect(shown.stdout).toContain('session.cut: cut alpine-presses.example/technician on delta-foods.example/press-7');
    expect(shown.stdout).toContain('cosigned by alpine-presses.example and delta-foods.example, the last at ');
    expect(shown.stdout).toContain('appended 2026-06-01 21:01:30 UTC by the word of the operator');
  });
});

describe('interlock audit report', () => {
  const report = (...more: readonly string[]) =>
    interlock.run(
      ...['audit', 'report', agreement.id, '--company', world.buyer.dir, '--from', '2026-06-01T00:00Z'],
      ...['--to', '2026-07-01T00:00Z', ...more],
    );

  it('says what the agreement was used for, from every record that both cosigned, and which controls that shows', async () => {
    const html = join(interlock.folder, 'report.html');
    const { code, json } = await report('--json', '--html', html);
    expect(code).toBe(0);
    expect(json).toMatchObject({
      ...{ ok: true, records: 5, source: { treeSize: 5, whole: true, cosigned: { length: 2 } } },
      access: [{ subject: 'alpine-presses.example/technician', clause: 'remote-service', opened: 1 }],
      refusals: [{ kind: 'session.refused', code: 'outside_window', records: 1 }],
      late: [{ source: 'delta-foods.example/plant-gateway', records: 5, longestMs: 90_000 }],
      cuts: [{ session: 'ses_one', code: 'taken_away', latencyMs: null }],
      data: [{ region: 'eu-1', recipient: 'alpine-presses.example', batches: 2 }],
    });
    const page = readFileSync(html, 'utf8');
    for (const words of [
      '<span>alpine-presses.example/</span><wbr>technician',
      'outside_<wbr>window',
      'nis2/<wbr>21.2.d',
    ])
      expect(page).toContain(words);
    expect((await report('--html', html)).stdout).toContain('every one read, cosigned by');
  });

  it('says so where the audit service left a record out', async () => {
    lie = (answer) => ({ ...answer, rows: answer.rows.filter(({ index }) => index !== 1) });
    expect((await report('--json')).json).toMatchObject({ records: 4, cuts: [], source: { whole: false } });
  });
});

describe('interlock audit usage', () => {
  const june = ['--from', '2026-06-01T00:00Z', '--to', '2026-07-01T00:00Z', '--json'];
  const usage = (side: TwoCompanies['vendor'], ...more: readonly string[]) =>
    interlock.run('audit', 'usage', agreement.id, '--company', side.dir, ...june, ...more);

  it('counts visits, time and volumes, signs them, and shows where the other side signed something else', async () => {
    const file = join(interlock.folder, 'usage.json');
    lie = (answer) => ({ ...answer, rows: answer.rows.filter(({ index }) => index !== 1) });
    const partly = await usage(world.vendor, '--sign', file);
    expect([partly.json.code, existsSync(file)]).toEqual(['answer_incomplete', false]);
    lie = (answer) => answer;
    const { json } = await usage(world.vendor, '--sign', file);
    expect(json).toMatchObject({
      sessions: [{ clause: 'remote-service', visits: 1, milliseconds: 3_600_000, bytes: 4_711 }],
      flows: [{ region: 'eu-1', recipients: ['alpine-presses.example'], batches: 2, withoutSize: 2 }],
    });
    expect((await usage(world.buyer, '--compare', file)).json).toMatchObject({ agree: true, differences: [] });
    // One side has not seen the newest delivery yet.
    cosignedSize = 4;
    expect((await usage(world.buyer, '--compare', file)).json).toMatchObject({
      ...{ ok: true, agree: false, other: { organisation: 'alpine-presses.example', treeSize: 5 } },
      differences: [
        { counter: 'batches', own: 1, other: 2 },
        { counter: 'withoutSize', own: 1, other: 2 },
      ],
    });
  });
});

describe('interlock audit stream', () => {
  it('killed in the middle, hands a SIEM that was started again everything, and says how many rows it took', async () => {
    // The answer to the third row never comes.
    let answers = false;
    const { kept, siem, listen } = aSiem(() => answers || kept.length < 3);
    await listen(0);
    const { port } = siem.address() as AddressInfo;
    const to = ['--receiver', `http://127.0.0.1:${port}/in`, '--cursor', join(interlock.folder, 'cursor.json')];
    const words = ['audit', 'stream', '--company', world.buyer.dir, ...to, '--batch', '1', '--json'];
    const killed = interlock.start(...words);
    while (kept.length < 3) await once(siem, 'kept');
    killed.child.kill('SIGKILL');
    await killed.ended;
    siem.closeAllConnections();
    await new Promise((resolve) => siem.close(resolve));
    const again = interlock.start(...words);
    await once(again.child.stderr, 'data');
    answers = true;
    await listen(port);
    while (kept.length < 6) await once(siem, 'kept');
    again.child.kill('SIGTERM');
    expect(await again.ended).toMatchObject({ code: 0, json: { ok: true, format: 'ocsf' } });
    expect(kept).toEqual([0, 1, 2, 2, 3, 4]);
    const other = await interlock.run(...words, '--kind', 'session.cut');
    expect(other).toMatchObject({ code: 2, json: { error: expect.stringContaining('belongs to another stream') } });
    await new Promise((resolve) => siem.close(resolve));
  });

  it('sends nothing in plain text further than this machine', async () => {
    const { code, stderr } = await interlock.run(
      ...['audit', 'stream', '--company', world.buyer.dir, '--cursor', 'c', '--receiver', 'http://siem.example/in'],
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining('https://host/path or syslog+tls://host')]);
  });
});

describe('a copy of a log', () => {
  const rootsOf = (...sides: TwoCompanies['vendor'][]) =>
    sides.map(({ dir, company }) => `${company.organisation}=${ownPin(dir).root}`).join(',');
  const folder = () => join(interlock.folder, 'copy');
  const verify = (...args: readonly string[]) =>
    interlock.run('audit', 'verify', folder(), '--roots', rootsOf(world.vendor, world.buyer), '--json', ...args);
  const answered = async (...question: readonly string[]) => {
    const { stdout } = await audit('query', ...question);
    const file = join(interlock.folder, 'answer.json');
    writeFileSync(file, stdout);
    return verify('--complete', file);
  };
  beforeAll(async () => {
    [lie, cosigners, cosignedSize] = [(answer) => answer, [world.vendor, world.buyer], 5];
    const copied = await audit('copy', '--log', agreement.id, '--out', folder());
    expect(copied.json).toMatchObject({ ok: true, treeSize: 5 });
  });

  it('verifies offline with the two roots, and with no other ones', async () => {
    const { json } = await verify();
    expect(json).toMatchObject({ ok: true, treeSize: 5, cosigned: { length: 2 } });
    const [mine, other] = [world.vendor, world.buyer].map((side) => side.company.organisation);
    const swapped = `${mine}=${ownPin(world.buyer.dir).root},${other}=${ownPin(world.vendor.dir).root}`;
    expect((await interlock.run('audit', 'verify', folder(), '--roots', swapped, '--json')).code).toBe(1);
  });

  it('says of an answer that it is all of it, and which row is missing or added, also of an empty one', async () => {
    expect((await answered('--kind', 'flow.delivered')).json).toMatchObject({ ok: true, complete: true, rows: 2 });
    expect((await answered('--ticket', 'none')).json).toMatchObject({ ok: true, complete: true, rows: 0 });
    lie = (answer) => ({ ...answer, rows: answer.rows.filter(({ index }) => index !== 4) });
    const left = await answered('--kind', 'flow.delivered');
    expect(left.json).toMatchObject({ ok: false, code: 'answer_incomplete', detail: 'missing: 4' });
    lie = (answer) => ({ ...answer, rows: [], next: null });
    expect((await answered('--outcome', 'deny')).json).toMatchObject({ ok: false, detail: 'missing: 2' });
  });

  it('does not verify with a file missing, cut short or altered', async () => {
    const file = join(folder(), 'tile/entries/000.p/5');
    const bytes = readFileSync(file);
    const altered = Buffer.from(bytes.toString('latin1').replace('"count":4711', '"count":4712'), 'latin1');
    for (const wrong of [altered, bytes.subarray(0, -1), Buffer.concat([bytes.subarray(0, 2), bytes])]) {
      writeFileSync(file, wrong);
      expect((await verify()).json).toMatchObject({ ok: false, code: 'evidence_rejected' });
    }
    writeFileSync(file, bytes);
    expect((await verify()).json).toMatchObject({ ok: true });
  });
});
