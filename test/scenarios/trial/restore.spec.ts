import { execFile } from 'node:child_process';
import { appendFileSync, chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { runningTrial } from '../../../apps/cli/src/commands/backup/running-trial.js';
import { comesTrue } from '../comes-true.js';
import { interlockUp, ROOT, STARTS_WITHIN, type Up } from './interlock-up.js';
import { naming } from './processes.js';

const STAYS_UP = /The trial stays up until Ctrl-C/;

/** One verb of the command line, as JSON; of a verb that ended with a fault what it said about it. */
async function interlock(...words: string[]): Promise<Record<string, unknown>> {
  const program = join(ROOT, 'dist/apps/cli/main.js');
  const ran = await promisify(execFile)(process.execPath, [program, ...words, '--json']).catch(
    (failed: { stdout: string }) => failed,
  );
  return JSON.parse(ran.stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

describe('a broker that is lost with its disks', () => {
  const folder = mkdtempSync(join(tmpdir(), 'interlock-restore-'));
  chmodSync(folder, 0o711);
  const [lost, found, backup, copy] = ['lost', 'found', 'backup', 'copy'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  const company = (dir: string, side: 'vendor' | 'buyer') => join(dir, 'companies', side);
  const cosigned = async (dir: string, kind: string) => {
    const query = ['audit', 'query', '--company', dir, '--log', agreement, '--kind', kind];
    return JSON.stringify(await interlock(...query)).includes(`"kind":"${kind}"`);
  };
  let up: Up;
  let agreement = '';
  let roots = '';
  /** Two of the broker, and five of each of two regions: its own, its operator's, and those it is known by. */
  const KEYS = 12;

  beforeAll(async () => {
    up = await interlockUp({ dir: lost, args: ['--through', '2'] });
    await up.says(STAYS_UP);
    agreement = /agreement (agr_\w+) version 2 is in force/.exec(up.said())?.[1] ?? '';
    const shown = await Promise.all(
      (['vendor', 'buyer'] as const).map((side) => interlock('agent', 'show', company(lost, side))),
    );
    roots = shown.map(({ organisation, root }) => `${organisation}=${root}`).join(',');
  }, STARTS_WITHIN + 10_000);

  afterAll(async () => {
    up?.send('SIGKILL');
    await comesTrue(async () => naming(folder).length === 0, 60_000);
    rmSync(folder, { recursive: true, force: true });
  }, 70_000);

  it('was backed up while it ran: every table as of one instant, its keys, and no key of a company', async () => {
    expect(await interlock('backup', backup, '--trial', lost)).toMatchObject({ ok: true, keys: KEYS });
    const files = readdirSync(backup, { recursive: true, encoding: 'utf8' });
    expect(files).toEqual(expect.arrayContaining(['tables/audit.entry.copy', 'keys/broker/log.pem', 'backup.json']));
    expect(await interlock('backup', backup, '--trial', lost)).toMatchObject({ ok: false });
  }, 60_000);

  it('comes back into an empty installation, with what a company kept of the log since', async () => {
    const told = await interlock('agreement', 'terminate', company(lost, 'vendor'), agreement, '--reason', 'sold');
    expect(told).toMatchObject({ ok: true });
    // What was cosigned is what a witness remembers, and what a restored broker is held to.
    await comesTrue(() => cosigned(company(lost, 'buyer'), 'agreement.terminated'), 60_000);
    await interlock('audit', 'copy', '--company', company(lost, 'buyer'), '--log', agreement, '--out', copy);
    const before = await interlock('audit', 'verify', copy, '--roots', roots);
    expect(before).toMatchObject({ ok: true, cosigned: ['alpine-presses.example', 'delta-foods.example'] });

    up.send('SIGKILL');
    await comesTrue(async () => naming(folder).length === 0, 60_000);
    mkdirSync(found, { mode: 0o711 });
    for (const own of ['companies', 'machines', 'trial.json']) {
      cpSync(join(lost, own), join(found, own), { recursive: true });
    }
    rmSync(lost, { recursive: true });
    const restore = ['restore', backup, '--trial', found];
    expect(await interlock(...restore, '--log-copy', copy)).toMatchObject({ ok: false });
    expect(await interlock(...restore, '--log-copy', copy, '--roots', roots)).toMatchObject({ ok: true, keys: KEYS });
    expect(await interlock(...restore)).toMatchObject({ ok: false, error: expect.stringContaining('not empty') });

    up = await interlockUp({ dir: found, args: ['--through', '1'] });
    await up.says(STAYS_UP);
    await comesTrue(() => cosigned(company(found, 'vendor'), 'agreement.terminated'), 60_000);
    const again = join(folder, 'again');
    let after: Record<string, unknown> = {};
    // A running installation may have added to the log by now; what it must not have, once both have cosigned again, is less of it, or another one.
    await comesTrue(async () => {
      rmSync(again, { recursive: true, force: true });
      await interlock('audit', 'copy', '--company', company(found, 'vendor'), '--log', agreement, '--out', again);
      after = await interlock('audit', 'verify', again, '--roots', roots);
      return (after.treeSize as number) >= (before.treeSize as number);
    }, 60_000);
    expect(after).toEqual({ ...before, treeSize: expect.any(Number) });

    // What its operator did stands in his own log: that it was restored, and each backup after it was made.
    for (const name of ['second', 'third']) await interlock('backup', join(folder, name), '--trial', found);
    const said = readFileSync(join(folder, 'third', 'tables/audit.appended.copy'), 'utf8');
    for (const kind of ['backup.restored', 'backup.made']) expect(said.split(`"kind": "${kind}"`)).toHaveLength(2);
  }, 240_000);

  it('has an operator who deals with what could not be handled; that, each start and each step of the tables stand in his log', async () => {
    const database = new Client(runningTrial(found).adminUrl);
    await database.connect();
    const operator = (...words: string[]) => interlock('operator', ...words, '--trial', found);
    const how = ['--how', 'planted by a test'];
    await database.query(`select evidence.append('{"id":"none"}')`);
    await database.query(
      `insert into grants.dead_letters (consumer, event_id, subject, body, reason, parked_at)
       select 'grants_planted', event_id, 'fact.planted', '', 'planted', now() - interval '1 hour'
       from trust_registry.outbox where published_at is not null order by position limit 1`,
    );
    const { parked } = (await operator('parked')) as { parked: { no: number; reason: string }[] };
    const no = parked.find(({ reason }) => reason === 'no_id')?.no;
    expect(await operator('handle-parked', String(no), ...how)).toMatchObject({ ok: true, log: 'operator' });
    const { letters } = (await operator('letters')) as { letters: Record<string, string>[] };
    const letter = letters.find(({ consumer }) => consumer === 'grants_planted');
    expect(letter).toMatchObject({ service: 'grants', reason: 'planted' });
    const event = letter?.eventId ?? '';
    expect(await operator('handle-letter', 'grants', 'grants_planted', event, '--again', ...how)).toMatchObject({
      ok: true,
    });
    // Its sender hands it over again.
    await comesTrue(async () => {
      const sent = 'select 1 from trust_registry.outbox where event_id = $1 and published_at is not null';
      return (await database.query(sent, [event])).rowCount === 1;
    }, 60_000);
    const said = async (kind: string, source: string) =>
      (
        await database.query(`select body from audit.appended where body ->> 'kind' = $1 and body ->> 'source' = $2`, [
          kind,
          `broker/${source}`,
        ])
      ).rows;
    for (const kind of ['parked.handled', 'letter.handled']) expect(await said(kind, 'operator')).toHaveLength(1);
    for (const service of ['trust-registry', 'grants', 'data-router', 'federation-api', 'audit']) {
      await comesTrue(async () => (await said('service.started', service)).length >= 1, 60_000);
      const steps = (await said('schema.migrated', service)).map(({ body }) => body.code);
      expect([service, steps.filter((step) => step === '0000-outbox-inbox')]).toEqual([service, ['0000-outbox-inbox']]);
    }
    await database.end();
  }, 240_000);

  it('is not restored from a backup of which one byte was altered', async () => {
    appendFileSync(join(backup, 'tables/audit.entry.copy'), 'x');
    const answer = await interlock('restore', backup, '--trial', join(folder, 'other'));
    expect(answer).toMatchObject({
      ok: false,
      error: expect.stringContaining('audit.entry.copy of the backup was altered'),
    });
  });
});
