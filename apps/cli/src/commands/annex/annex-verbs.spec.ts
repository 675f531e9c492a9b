import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addPerson, layout, ownPin, readSigner, signAgreement } from '@interlock/company-side';
import type { Act, Agreement, Annex, Digest, LocalId, Term } from '@interlock/domain';
import { digestOf, signed } from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { agreedByBoth } from '../../../test/agreed-by-both.js';
import { bundledInterlock, type Interlock } from '../../../test/run-interlock.js';
import { publish, type TwoCompanies, twoCompanies } from '../../../test/two-companies.js';

// Each verb is a program of its own to start, on a machine that may be busy.
jest.setTimeout(60_000);

const NAMEPLATE = fileURLToPath(
  new URL('../../../../../../shared/data/aas-submodels/digital-nameplate-3.0.1.json', import.meta.url),
);
/** A user's clone has no shared data; with CI set its absence is a failure. */
const withShared = existsSync(NAMEPLATE) || process.env.CI === 'true' ? describe : describe.skip;
const DAY = 86_400_000;
const CONTROL = 'iec-62443-3-3/sr-1.1';
const PRESS = 'delta-foods.example/press-7';
const id = (text: string) => text as LocalId;

let interlock: Interlock;
let world: TwoCompanies;
let vendor: string;
let buyer: string;
let agreement: Agreement;

beforeAll(async () => {
  interlock = bundledInterlock();
  world = await twoCompanies(interlock.folder);
  [vendor, buyer] = [world.vendor.dir, world.buyer.dir];
  agreement = await asking();
});
afterAll(async () => {
  await world?.broker.stop();
  interlock?.remove();
});

/** An agreement that asks for a control of the vendor and for a record of the press. */
async function asking(): Promise<Agreement> {
  const before = await agreedByBoth(world);
  const { organisation: party } = ownPin(vendor);
  const resource = before.resources[0]!;
  const more: Term[] = [
    {
      ...{ type: 'equivalence', party, control: id(CONTROL), kinds: ['remote-service'], resources: [] },
      warnSeconds: 14 * 86_400,
    },
    {
      ...{ type: 'machines', resources: [{ owner: resource.owner, id: resource.id }], sites: [id('north')] },
      ...{ zones: [id('pressing')], afterSupport: 'refuse' },
    },
    {
      ...{ type: 'insolvency', party, successor: null, kinds: ['remote-service'], waitSeconds: 86_400 },
      resources: [{ owner: resource.owner, id: resource.id }],
    },
  ];
  const document: Agreement = { ...before, terms: [...before.terms, ...more] };
  const blocks = await Promise.all([vendor, buyer].map((dir) => signAgreement(dir, document, Date.now())));
  const signatures = blocks.flatMap((one) => (one.allowed ? [one.value] : []));
  world.broker.agreements.set(document.id, [{ signed: { document, signatures }, status: 'active' }]);
  return document;
}

const run = (words: string, dir: string, ...more: readonly string[]) =>
  interlock.run(...words.split(' '), dir, agreement.id, ...more, '--json');
const attested = async () => (await run('agreement attestations', buyer)).json;

describe('what a company says of its own', () => {
  it('goes by the broker under the person’s own key, and counts for the other side as far as it verifies', async () => {
    const secret = 'a passphrase of the foreman';
    const foreman = { id: id('foreman'), groups: [], purposes: ['signal' as const], passphrase: secret };
    await addPerson(buyer, { ...foreman, now: Date.now() });
    publish(world.broker, buyer);
    const pass = interlock.privateFile('foreman.pass', secret);
    const who = ['press-7', '--person', 'foreman', '--passphrase-file', pass];
    expect(await run('agreement signal', buyer, ...who, '--gone')).toMatchObject({ code: 0, json: { holds: false } });
    const [said] = world.broker.signals;
    if (!said) throw new Error('nothing was handed in');
    world.broker.signals.push({ ...said, document: { ...said.document, holds: true } });
    expect((await run('agreement signals', vendor)).json).toMatchObject({
      signals: [{ signal: 'presence', about: { id: 'press-7' }, holds: false }],
      unverified: 1,
    });
  });
});

describe('what one side states and the other accepts', () => {
  let attestation: string;

  it('is a signed statement with evidence, which stays where it is', async () => {
    const report = join(interlock.folder, 'report.txt');
    writeFileSync(report, 'the report');
    const said = ['--control', CONTROL, '--statement', 'security keys for everybody', '--evidence', `report=${report}`];
    const done = await run('agreement attest', vendor, ...said);
    expect(done).toMatchObject({ code: 0, json: { control: CONTROL } });
    attestation = String(done.json.digest);
    expect(JSON.stringify(world.broker.annexes)).not.toContain('the report');
    expect(await attested()).toMatchObject({
      controls: [{ control: CONTROL, assured: false }],
      attestations: [{ digest: attestation, state: 'counts', accepted: [] }],
    });
    expect(await run('agreement attest', vendor, ...said, '--control', 'nobody/knows')).toMatchObject({ code: 2 });
    expect(await run('agreement attest', vendor, ...said, '--evidence', 'nowhere.txt')).toMatchObject({ code: 2 });
  });

  it('counts once the other side accepted exactly it', async () => {
    expect(await run('agreement accept', vendor, attestation)).toMatchObject({
      code: 1,
      json: { code: 'wrong_issuer' },
    });
    const other = digestOf('another');
    expect(await run('agreement accept', buyer, other)).toMatchObject({ json: { code: 'not_what_was_shown' } });
    expect(await run('agreement accept', buyer, attestation, '--valid-for', '10d')).toMatchObject({ code: 0 });
    expect(await attested()).toMatchObject({
      controls: [{ assured: true, by: 'attestation', ending: true }],
      attestations: [{ accepted: [{ by: 'delta-foods.example', state: 'counts' }] }],
    });
  });

  it('is shown as withdrawn, and counts for nothing where it does not verify', async () => {
    await withdraw(attestation as Digest);
    const [forged] = world.broker.annexes;
    const document = { ...forged!.annex.document, statement: 'forged' } as Annex;
    world.broker.annexes.push({ id: agreement.id, annex: { ...forged!.annex, document } });
    expect(await attested()).toMatchObject({ attestations: [{ state: 'withdrawn' }], unverified: 1 });
    world.broker.annexes.pop();
  });
});

/** What the vendor's running agent signs. */
async function withdraw(digest: Digest): Promise<void> {
  const document: Act = {
    ...{ typ: 'act', v: 1, verb: 'revoke', organisation: world.vendor.company.organisation, agreementId: agreement.id },
    ...{ target: { kind: 'annex', id: digest }, reason: 'a test', lifts: null, sequence: 1, previous: null },
    issuedAt: Date.now(),
  };
  const signer = readSigner(layout(vendor).keys, 'agent', document.organisation);
  world.broker.acts.push(await signed(document, signer, Date.now()));
}

describe('the insolvency of a party', () => {
  it('is said by another one, with what says so, and only where the agreement foresees it', async () => {
    const said = ['--reason', 'opened by the court', '--evidence', `order=${digestOf('order')}`];
    const done = await run('agreement insolvent', buyer, 'alpine-presses.example', ...said);
    expect(done).toMatchObject({ code: 0, json: { party: 'alpine-presses.example', successor: null } });
    expect(Number(done.json.from) - Date.now()).toBeGreaterThan(DAY / 2);
    expect(world.broker.annexes.at(-1)?.annex.document).toMatchObject({ typ: 'insolvency-notice' });
    const nothing = { code: 'term_without_evaluator', clause: 'insolvency delta-foods.example' };
    expect(await run('agreement insolvent', vendor, 'delta-foods.example', ...said)).toMatchObject({ json: nothing });
  });
});

describe('a deviation', () => {
  it('counts when both signed it, and is listed with its owner and its end', async () => {
    const file = join(interlock.folder, 'exception.json');
    const said = ['--control', CONTROL, '--accepted-by', 'delta-foods.example', '--owner', 'security', '--out', file];
    const why = ['--reason', 'an old panel', '--compensation', 'a guard stands beside it'];
    expect(await run('agreement except', vendor, ...said)).toMatchObject({ code: 2 });
    expect(await run('agreement except', vendor, ...said, ...why)).toMatchObject({ json: { complete: false } });
    expect(await run('agreement except', vendor, '--exception', file)).toMatchObject({
      json: { code: 'wrong_issuer' },
    });
    expect(await run('agreement except', buyer, '--exception', file)).toMatchObject({ json: { complete: true } });
    expect((await run('agreement exceptions', vendor)).json).toMatchObject({
      open: 1,
      exceptions: [{ owner: 'security', state: 'counts', compensation: 'a guard stands beside it' }],
    });
    expect(await attested()).toMatchObject({ controls: [{ assured: true, by: 'exception' }] });
  });
});

describe('the calendar of a plant', () => {
  it('is the newest that its company signed, in instants of its own zone', async () => {
    const publish = (...closed: readonly string[]) =>
      run('calendar publish', buyer, '--zone', 'Europe/Vienna', ...closed.flatMap((one) => ['--closed', one]));
    expect(await publish('2026-12-24..2026-12-26=christmas')).toMatchObject({ json: { calendar: { sequence: 1 } } });
    expect(await publish('2026-10-25=shutdown')).toMatchObject({ json: { calendar: { sequence: 2 } } });
    const from = Date.parse('2026-10-24T22:00:00Z');
    expect((await run('calendar show', vendor, '--of', 'delta-foods.example')).json).toMatchObject({
      calendar: { sequence: 2, closed: [{ name: 'shutdown', from, to: from + 25 * 3_600_000 }] },
    });
    expect((await run('calendar show', vendor)).json).toMatchObject({ calendar: null });
    expect(await publish('2026-02-30=nothing')).toMatchObject({ code: 1, json: { code: 'malformed' } });
    expect(await publish('christmas')).toMatchObject({ code: 2 });
  });
});

describe('a group', () => {
  it('is a list that its own organisation signs: people by the certify key, machines by an approver', async () => {
    const people = ['--group', 'experts', '--person', 'fitter', '--person', 'second-fitter'];
    expect(await run('group publish', vendor, ...people)).toMatchObject({
      json: { list: { of: 'person', members: ['fitter', 'second-fitter'] } },
    });
    const machines = ['--group', 'hall-3', '--resource', 'press-7'];
    expect(await run('group publish', buyer, ...machines)).toMatchObject({ code: 2 });
    expect(await run('group publish', buyer, ...machines, '--person', 'fitter')).toMatchObject({ code: 2 });
    expect(await run('group publish', buyer, '--group', 'hall-3', '--recorded', 'north/nowhere')).toMatchObject({
      json: { code: 'machine_unrecorded' },
    });
    const secret = 'a passphrase of the lead';
    const lead = { id: id('lead'), groups: [id('maintenance')], purposes: ['approve' as const], passphrase: secret };
    await addPerson(buyer, { ...lead, now: Date.now() });
    publish(world.broker, buyer);
    const pass = interlock.privateFile('lead.pass', secret);
    const signed = await run('group publish', buyer, ...machines, '--as', 'lead', '--passphrase-file', pass);
    expect(signed).toMatchObject({ code: 0, json: { list: { of: 'resource', members: ['press-7'] } } });
    expect((await run('group list', vendor)).json).toMatchObject({
      lists: [
        { group: 'experts', organisation: 'alpine-presses.example', struck: [], withdrawn: false },
        { group: 'hall-3', organisation: 'delta-foods.example', digest: signed.json.digest },
      ],
    });
  });
});

describe('the sheet of the Data Act', () => {
  it('is made from the agreement that verified here, for people and for programs', async () => {
    const { json } = await run('agreement sheet', buyer);
    expect(json).toMatchObject({ ok: true, agreement: { id: agreement.id } });
    expect(JSON.stringify(json.entries)).toContain('36(1)(b)');
  });
});

withShared('a machine', () => {
  const machine = (verb: string, dir: string, ...more: readonly string[]) =>
    run(`machine ${verb}`, dir, PRESS, ...more);
  const place = ['--site', 'north', '--zone', 'pressing', '--level', '1'];

  it('is commissioned from the nameplate of its maker, by its owner alone', async () => {
    expect((await machine('show', vendor)).json).toMatchObject({ covered: false, code: 'machine_unrecorded' });
    const known = ['--nameplate', NAMEPLATE, ...place];
    expect(await machine('import', vendor, ...known)).toMatchObject({ code: 1, json: { code: 'wrong_issuer' } });
    expect(await machine('import', buyer, ...known, '--level', '7')).toMatchObject({ code: 2 });
    const empty = join(interlock.folder, 'empty.json');
    writeFileSync(empty, '{"submodels":[]}');
    expect(await machine('import', buyer, '--nameplate', empty, ...place)).toMatchObject({ code: 2 });
    expect(await machine('import', buyer, ...known)).toMatchObject({ code: 0 });
    expect((await machine('show', vendor)).json).toMatchObject({
      covered: true,
      records: [{ sequence: 1, firmware: '1.0.0', nameplate: { serial: '12345678', built: '2022-01-01' } }],
    });
  });

  it('moves by the next record, and is covered where the agreement says it may stand', async () => {
    expect(await machine('move', buyer, '--site', 'south')).toMatchObject({
      code: 0,
      json: { record: { sequence: 2 } },
    });
    expect((await machine('show', vendor)).json).toMatchObject({ covered: false, code: 'machine_moved' });
    expect(await machine('move', buyer, '--site', 'north', '--firmware', '2.0')).toMatchObject({ code: 0 });
    expect((await machine('show', vendor)).json).toMatchObject({ covered: true });
  });

  it('goes to another owner with the signatures of both', async () => {
    const file = join(interlock.folder, 'transfer.json');
    const said = ['--to', 'alpine-presses.example/press-7', '--at', '2026-01-01T00:00Z', '--reason', 'sold back'];
    expect(await machine('transfer', buyer, '--out', file)).toMatchObject({ code: 2 });
    expect(await machine('transfer', buyer, ...said, '--out', file)).toMatchObject({ json: { complete: false } });
    const taken = await machine('transfer', vendor, '--transfer', file, '--out', file);
    expect(taken).toMatchObject({ code: 0, json: { complete: false } });
    expect(JSON.parse(readFileSync(file, 'utf8')).signatures).toHaveLength(2);
    expect(await machine('transfer', buyer, '--transfer', file)).toMatchObject({ code: 0, json: { complete: true } });
    expect((await machine('show', vendor)).json).toMatchObject({ covered: false, code: 'machine_transferred' });
    world.broker.annexes.pop();
  });

  it('is taken out of service for good', async () => {
    expect(await machine('decommission', buyer)).toMatchObject({ code: 0, json: { record: { sequence: 4 } } });
    expect((await machine('show', vendor)).json).toMatchObject({ covered: false, code: 'machine_decommissioned' });
  });
});
