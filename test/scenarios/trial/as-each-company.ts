import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { until } from '@interlock/trial';
import { expect } from '@jest/globals';
import { ROOT } from './interlock-up.js';

type Answer = Record<string, unknown>;

/** One verb of the command line, as JSON; of a verb that ended with a refusal what it said about it. */
async function interlock(...words: readonly string[]): Promise<Answer> {
  const program = join(ROOT, 'dist/apps/cli/main.js');
  const ran = await promisify(execFile)(process.execPath, [program, ...words, '--json']).catch(
    (failed: { stdout: string }) => failed,
  );
  return JSON.parse(ran.stdout.trimEnd().split('\n').at(-1) ?? '') as Answer;
}

/** The lines of the README that answer its two questions, each asked as it stands there, in the trial of this folder. */
function twoQuestions(data: string, lines: readonly string[]): Promise<readonly Answer[]> {
  const asked = lines.map((line) => line.replaceAll('.interlock/', `${data}/`).split(' ').slice(2));
  return Promise.all(asked.map((words) => interlock(...words)));
}

/** What the plant keeps of why it locked its gateway, and what each company finds of it in every form in which it can have the log. */
async function keptReason(data: string, agreement: string, reason: string) {
  const [vendor, buyer] = ['vendor', 'buyer'].map((side) => join(data, 'companies', side)) as [string, string];
  const gateway = join(buyer, 'gateways/plant-gateway');
  const about = (company: string) => ['--company', company, '--log', agreement, '--kind', 'lockout.set'];
  await interlock('gateway', 'lockout', gateway, '--reason', reason);
  await interlock('gateway', 'unlock', gateway);
  const rows = async (company: string) =>
    ((await interlock('audit', 'query', ...about(company))).rows ?? []) as { index: number; record: Answer }[];
  await until(async () => (await rows(buyer)).length > 0, 60_000);
  const [row] = await rows(buyer);
  const told = async (company: string) => {
    const out = join(data, `export-of-${company === buyer ? 'buyer' : 'vendor'}.ndjson`);
    await interlock('audit', 'export', ...about(company), '--out', out);
    const period = ['--from', '2026-01-01T00:00Z', '--to', '2099-01-01T00:00Z', '--html', `${out}.html`];
    const report = await interlock('audit', 'report', agreement, '--company', company, ...period);
    return { exported: existsSync(out) ? readFileSync(out, 'utf8') : '', report: JSON.stringify(report) };
  };
  const [asVendor, asBuyer] = [await told(vendor), await told(buyer)];
  const proof = join(data, 'lockout-proof.json');
  const member = ['--company', buyer, '--log', agreement, '--members', 'internalReason', '--out', proof];
  const disclosed = await interlock('audit', 'disclose', String(row?.index), ...member);
  return { asVendor, asBuyer, disclosed };
}

/** What is left of a person in the log of an agreement, once its company had it erased. */
async function erasedPerson(data: string, agreement: string, person: string) {
  const [vendor, buyer] = ['vendor', 'buyer'].map((side) => join(data, 'companies', side)) as [string, string];
  const who = ['--log', agreement, '--person', person];
  const byOther = await interlock('audit', 'erase', '--company', buyer, ...who);
  const byOwn = await interlock('audit', 'erase', '--company', vendor, ...who);
  const left = await interlock('audit', 'query', '--company', buyer, '--log', agreement, '--subject', person);
  return { byOther, byOwn, left: left.rows };
}

/** What a SIEM takes of the history of an agreement: from the vendor's folder, and from a person of the plant who asks with a connector file and his own login. */
async function streamed(data: string, agreement: string, robot: string) {
  const [vendor, buyer] = ['vendor', 'buyer'].map((side) => join(data, 'companies', side)) as [string, string];
  const taken: string[] = [];
  const siem = createServer(async (request, response) => {
    taken.push(await text(request));
    response.end();
  });
  await new Promise<void>((listening) => siem.listen(0, '127.0.0.1', listening));
  const receiver = `http://127.0.0.1:${(siem.address() as AddressInfo).port}/history`;
  const stream = async (name: string, ...who: readonly string[]) => {
    taken.length = 0;
    const to = ['--receiver', receiver, '--cursor', join(data, `${name}.cursor`), '--format', 'ndjson', '--once'];
    const answer = await interlock('audit', 'stream', ...who, '--log', agreement, ...to);
    return { answer, rows: taken.join('').split('\n').filter(Boolean) };
  };
  const [connector, home, password] = ['connector.json', 'auditor-home', 'auditor-password'].map((name) =>
    join(data, name),
  ) as [string, string, string];
  await interlock('agent', 'connector-file', buyer, connector);
  const accounts = JSON.parse(readFileSync(join(buyer, 'identity-provider/accounts.json'), 'utf8')) as {
    sub: string;
    password: string;
  }[];
  writeFileSync(password, accounts.find(({ sub }) => sub === 'auditor')?.password ?? '', { mode: 0o600 });
  const person = ['--connector', connector, '--home', home];
  try {
    const unknown = await stream('stranger', ...person);
    const asPerson = await stream(
      'person',
      ...person,
      '--login-command',
      `${process.execPath} ${robot} auditor ${password}`,
    );
    const asVendor = await stream('vendor', '--company', vendor);
    return { unknown, asPerson, asVendor, again: await stream('vendor', '--company', vendor) };
  } finally {
    siem.close();
  }
}

/** Who touched press-7, under which clause, who approved, and did anything leave the EU: the same answers for both. */
export async function answersBothCompanies(data: string, lines: readonly string[]): Promise<void> {
  const answers = await twoQuestions(data, lines);
  expect(answers).toHaveLength(4);
  const [touchedVendor, leftVendor, touchedBuyer, leftBuyer] = answers;
  for (const touched of [touchedVendor, touchedBuyer])
    expect(touched).toMatchObject({
      ok: true,
      touches: expect.arrayContaining([
        expect.objectContaining({
          ...{ who: 'alpine-presses.example/technician', clause: 'remote-service' },
          approvers: expect.arrayContaining(['plant-engineer', 'shift-lead']),
        }),
      ]),
    });
  for (const left of [leftVendor, leftBuyer])
    expect(left).toMatchObject({ ok: true, left: false, ways: [expect.objectContaining({ region: 'eu-1' })] });
}

/** What the plant keeps of a lock-out is in no export and no report of the other company; the plant discloses it. */
export async function keepsOwnReason(data: string, agreement: string, reason: string): Promise<void> {
  const { asVendor, asBuyer, disclosed } = await keptReason(data, agreement, reason);
  expect([asBuyer.exported.includes(reason), asVendor.exported.includes(reason)]).toEqual([true, false]);
  // The other company sees that there is something, and whose it is.
  expect(asVendor.exported).toContain('"belongsTo":"delta-foods.example"');
  expect(asVendor.report).toContain('lockout.set');
  expect(asVendor.report).not.toContain(reason);
  expect(disclosed).toMatchObject({ ok: true, disclosed: ['internalReason'] });
}

/** One person goes for whom his own company asks, and for no other one. */
export async function erasesOnePerson(data: string, agreement: string, person: string): Promise<void> {
  const { byOther, byOwn, left } = await erasedPerson(data, agreement, person);
  // The other company has no such person, and takes nothing away.
  expect(byOther).toMatchObject({ ok: true, erased: 0 });
  expect(byOwn).toMatchObject({ ok: true, erased: expect.any(Number) });
  expect(byOwn.erased).toBeGreaterThan(0);
  expect(left).toEqual([]);
}

/** Each company has the whole history in its SIEM, one of them asked for by a person with a login; what is one's own reaches its own alone, and nothing comes twice. */
export async function streamsToEachCompany(
  data: string,
  agreement: string,
  robot: string,
  reason: string,
): Promise<void> {
  const { unknown, asPerson, asVendor, again } = await streamed(data, agreement, robot);
  expect([unknown.answer.ok, unknown.rows]).toEqual([false, []]);
  const indexes = (rows: readonly string[]) => rows.map((row) => (JSON.parse(row) as { index: number }).index);
  for (const { answer, rows } of [asPerson, asVendor]) {
    expect(answer).toMatchObject({ ok: true, rows: rows.length });
    expect(indexes(rows)).toEqual(rows.map((_row, at) => at));
    expect(rows.join('')).toContain('lockout.set');
  }
  const said = ({ rows }: { readonly rows: readonly string[] }) => rows.join('').includes(reason);
  expect([said(asPerson), said(asVendor), said(again)]).toEqual([true, false, false]);
  // Started again it goes on where it stopped.
  for (const index of indexes(again.rows)) expect(index).toBeGreaterThanOrEqual(asVendor.rows.length);
}
