import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { addGateway, layout } from '@interlock/company-side';
import type { Agreement, LocalId } from '@interlock/domain';
import { digestOf, newPrivateKey, publicJwkOf, thumbprintOf } from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { anActivatedUse } from '../../test/activated-use.js';
import { agreedByBoth } from '../../test/agreed-by-both.js';
import { compiled } from '../../test/compiled.js';
import { bundledInterlock, type Interlock } from '../../test/run-interlock.js';
import { companyPrograms } from '../../test/start-programs.js';
import { publish, type TwoCompanies, twoCompanies } from '../../test/two-companies.js';
import { PLANT_GATEWAY, PRESS } from '../up/demo-companies.js';
import type { CompanyPlace } from '../up/start-companies.js';

// Each verb, agent and provider is a program of its own to start, on a machine that may be busy.
jest.setTimeout(120_000);

const id = (text: string) => text as LocalId;
let interlock: Interlock;
let world: TwoCompanies;
let programs: ReturnType<typeof companyPrograms>;
let robot: string;
let agreement: Agreement;

beforeAll(async () => {
  interlock = bundledInterlock();
  world = await twoCompanies(interlock.folder);
  programs = companyPrograms();
  robot = await compiled('apps/cli/test/robot.ts', interlock.folder, 'robot');
  await provision();
  agreement = await agreedByBoth(world, {
    approvals: [{ group: id('maintenance'), persons: 2 }],
    ticketPattern: 'INC-[0-9]+',
    offline: { mode: 'local', leaseSeconds: 600, reviewWithinSeconds: 3_600 },
  });
  for (const place of [world.vendor, world.buyer]) {
    await programs.startIdentityProvider(place);
    await programs.startAgent(place, world.brokerOrigin);
  }
});
afterAll(async () => {
  await programs?.stopAll();
  await world?.broker.stop();
  interlock?.remove();
});

async function provision(): Promise<void> {
  await addGateway(world.buyer.dir, {
    id: PLANT_GATEWAY,
    resources: [PRESS],
    targets: [{ resource: PRESS, service: id('ssh'), host: '127.0.0.1', port: 9 }],
    ...{ relays: [], regions: [] },
    broker: { origin: world.brokerOrigin, ticketKey: publicJwkOf(newPrivateKey()) },
    now: Date.now(),
  });
  publish(world.broker, world.buyer.dir);
}

const homeOf = (person: string) => join(interlock.folder, `home-${person}`);
const passphraseOf = (place: CompanyPlace, person: string) =>
  interlock.privateFile(`passphrase-${person}`, place.passphrase(person));
const robotFor = (place: CompanyPlace, person: string) =>
  `${process.execPath} ${robot} ${person} ${interlock.privateFile(`password-${person}`, place.password(person))}`;

async function logIn(place: CompanyPlace, person: string) {
  const where = ['--agent', place.agentOrigin, '--home', homeOf(person)];
  return interlock.run('login', ...where, '--login-command', robotFor(place, person), '--json');
}
const as = (person: string, ...args: readonly string[]) => interlock.run(...args, '--home', homeOf(person), '--json');

const request = (...more: readonly string[]) =>
  as(
    'technician',
    ...['grant', 'request', '--agreement', agreement.id, '--resource', 'delta-foods.example/press-7'],
    ...['--actions', 'ssh'],
    ...['--purpose', 'repair', '--passphrase-file', passphraseOf(world.vendor, 'technician'), ...more],
  );

describe('a login', () => {
  it('goes through the own company, and leaves a session that only its owner can read', async () => {
    const done = await logIn(world.vendor, 'technician');
    expect(done).toMatchObject({ code: 0, json: { ok: true, person: 'technician' } });
    for (const name of readdirSync(homeOf('technician')))
      expect(statSync(join(homeOf('technician'), name)).mode & 0o077).toBe(0);
  });

  it('fails where the login command fails, and where no agent is', async () => {
    const where = ['--agent', world.vendor.agentOrigin, '--home', homeOf('nobody'), '--json'];
    const failed = await interlock.run('login', ...where, '--login-command', 'false');
    expect(failed).toMatchObject({ code: 1 });
    expect(String(failed.json.error)).toContain('login command');
    const idle = await interlock.run('login', ...where, '--login-command', 'true');
    expect(String(idle.json.error)).toContain('brought no code');
    const away = await interlock.run('login', '--agent', 'http://127.0.0.1:9', '--home', homeOf('nobody'), '--json');
    expect(away).toMatchObject({ code: 1 });
    expect(String(away.json.error)).toContain('does not answer');
  });
});

describe('a grant', () => {
  let grant: string;

  it('is asked for by the technician, and refused without its ticket or with another passphrase', async () => {
    expect(await request('--for', '1h')).toMatchObject({ code: 1, json: { code: 'ticket_missing' } });
    const ticket = ['--ticket', 'INC-4711', '--for', '1h'];
    const wrong = interlock.privateFile('wrong', 'not the passphrase at all');
    expect(await request(...ticket, '--passphrase-file', wrong)).toMatchObject({
      code: 1,
      json: { code: 'wrong_passphrase' },
    });
    expect(await request('--ticket', 'INC-4711')).toMatchObject({ code: 2 });
    const asked = await request(...ticket);
    expect(asked).toMatchObject({ code: 0, json: { complete: false, owner: 'delta-foods.example' } });
    grant = String(asked.json.id);
  });

  it('waits in the inbox of those who may approve it', async () => {
    for (const person of ['shift-lead', 'plant-engineer', 'security-officer'])
      expect(await logIn(world.buyer, person)).toMatchObject({ code: 0 });
    const inbox = await as('shift-lead', 'inbox');
    expect(inbox.json).toMatchObject({ person: { id: 'shift-lead' }, grants: [{ id: grant, mine: true }] });
    expect((await as('security-officer', 'inbox')).json.grants).toMatchObject([{ id: grant, mine: false }]);
    expect((await as('technician', 'grant', 'list')).json.grants).toMatchObject([{ id: grant, status: 'asked' }]);
  });

  it('is approved only as it was shown, by two persons', async () => {
    const approve = (person: string, ...more: readonly string[]) =>
      as(person, 'grant', 'approve', grant, '--passphrase-file', passphraseOf(world.buyer, person), ...more);
    const other = digestOf({ another: 'document' });
    expect(await approve('shift-lead', '--digest', other)).toMatchObject({
      code: 1,
      json: { code: 'not_what_was_shown' },
    });
    const first = await approve('shift-lead');
    expect(first).toMatchObject({ code: 0, json: { complete: false } });
    expect(first.stderr).toContain('INC-4711');
    expect(await approve('plant-engineer')).toMatchObject({ code: 0, json: { complete: true } });
    const shown = await as('technician', 'grant', 'show', grant);
    expect(shown.json).toMatchObject({ complete: true, approvers: ['shift-lead', 'plant-engineer'] });
  });

  it('shows who can reach the machine now, and nobody before it was asked for', async () => {
    const who = (...more: readonly string[]) =>
      as('security-officer', 'who-can-reach', 'delta-foods.example/press-7', ...more);
    const now = await who();
    expect(now).toMatchObject({ code: 0, json: { notCounted: [] } });
    expect(now.json.reach).toMatchObject([
      { subject: { id: 'technician' }, right: grant, approvers: ['shift-lead', 'plant-engineer'] },
    ]);
    expect((await who('--at', '2026-01-01T00:00:00Z')).json.reach).toEqual([]);
    expect(await who('--at', 'yesterday')).toMatchObject({ code: 2 });
  });

  it('says what a draft would turn, and by which term', async () => {
    world.broker.before = ({ path }) => (path.includes('/audit/checkpoint') ? { body: { treeSize: 0 } } : undefined);
    const terms = agreement.terms.map((term) =>
      term.type === 'remote-service' ? { ...term, ticketPattern: 'CHG-[0-9]+' } : term,
    );
    const draft = interlock.privateFile('draft', JSON.stringify({ ...agreement, version: 2, terms }));
    const found = await as('security-officer', 'agreement', 'simulate', draft);
    expect(found).toMatchObject({ code: 0, json: { replayed: 1, unchanged: 0 } });
    const turned = { from: 'permit', to: 'deny', code: 'ticket_missing', term: 'remote-service' };
    expect(found.json.changes).toMatchObject([{ what: 'grant', id: grant, ...turned }]);
  });

  it('rests on a yes of before, which two persons gave within bounds, and then nobody is asked again', async () => {
    const until = new Date(Date.now() + 6 * 3_600_000).toISOString();
    const bounds = ['--longest', '2h', '--uses', '5', '--gateway', PLANT_GATEWAY, '--until', until];
    const what = ['--resource', 'delta-foods.example/press-7', '--actions', 'ssh', '--purpose', 'repair'];
    const who = ['--subject', 'alpine-presses.example/person:technician', '--agreement', agreement.id];
    const key = ['--passphrase-file', passphraseOf(world.buyer, 'shift-lead')];
    const say = (...more: readonly string[]) =>
      as('shift-lead', 'grant', 'standing', ...who, ...what, ...bounds, ...key, ...more);
    expect(await say('--subject', 'technician')).toMatchObject({ code: 2 });
    expect(await say('--gateway', 'no-gateway')).toMatchObject({ code: 1, json: { code: 'counted_elsewhere' } });
    const proposed = await say();
    expect(proposed).toMatchObject({ code: 0, json: { complete: false, approvers: ['shift-lead'] } });
    const standing = String(proposed.json.id);
    const ticket = ['--ticket', 'INC-4713', '--for', '1h', '--standing-approval', standing];
    expect(await request(...ticket)).toMatchObject({ code: 1, json: { code: 'approvals_missing' } });
    const yes = ['--passphrase-file', passphraseOf(world.buyer, 'plant-engineer')];
    const second = await as('plant-engineer', 'grant', 'approve', standing, ...yes);
    expect(second).toMatchObject({ code: 0, json: { complete: true } });
    expect(second.stderr).toContain('at most 5, of all these grants together');
    const asked = await request(...ticket);
    expect(asked).toMatchObject({ code: 0, json: { complete: true, approvers: ['shift-lead', 'plant-engineer'] } });
    expect(await request(...ticket, '--for', '3h')).toMatchObject({ code: 1, json: { code: 'standing_exceeded' } });
  });

  it('that was activated at the gateway waits in the inbox until somebody else has signed that he looked', async () => {
    const session = anActivatedUse(world, agreement, 'shift-lead');
    const owed = async (person: string) => (await as(person, 'inbox')).json.reviews;
    const late = { session, activatedBy: 'shift-lead', due: expect.any(Number) };
    expect(await owed('shift-lead')).toMatchObject([{ ...late, mine: false }]);
    const what = ['--company', world.buyer.dir, '--statement', 'seen', '--finding', 'in-order', '--json'];
    const review = (person: string) => {
      const by = ['--person', person, '--passphrase-file', passphraseOf(world.buyer, person)];
      return interlock.run('audit', 'review', agreement.id, session, ...by, ...what);
    };
    expect(await review('shift-lead')).toMatchObject({ code: 2 });
    expect(await owed('plant-engineer')).toMatchObject([{ ...late, mine: true }]);
    expect(await review('plant-engineer')).toMatchObject({ code: 0, json: { session, activatedBy: 'shift-lead' } });
    expect(await owed('plant-engineer')).toEqual([]);
  });

  it('is denied with a reason', async () => {
    const asked = await request('--ticket', 'INC-4712', '--for', '30min');
    world.broker.before = ({ path }) => (path.endsWith('/denial') ? { body: { accepted: true } } : undefined);
    const denied = await as('shift-lead', 'grant', 'deny', String(asked.json.id), '--reason', 'not tonight');
    expect(denied).toMatchObject({ code: 0, json: { denied: true } });
  });

  it('loses what it depends on where the security officer withdraws an acceptance', async () => {
    const acceptance = digestOf('an acceptance');
    const withdraw = (person: string) =>
      as(person, ...['agreement', 'withdraw', world.buyer.dir, agreement.id, acceptance, '--reason', 'a test']);
    expect(await withdraw('shift-lead')).toMatchObject({ code: 1, json: { code: 'role_needed' } });
    const target = { kind: 'annex', id: acceptance };
    expect(await withdraw('security-officer')).toMatchObject({ code: 0, json: { act: { document: { target } } } });
  });

  it('is asked for no more where the security officer took its part of the agreement away', async () => {
    const less = ['agreement', 'narrow', world.buyer.dir, agreement.id, '--reason', 'a test'];
    expect(await as('security-officer', ...less)).toMatchObject({ code: 2 });
    const clause = 'term clause-of-nobody';
    const unknown = await as('security-officer', ...less, '--clause', 'clause-of-nobody');
    expect(unknown).toMatchObject({ code: 1, json: { code: 'not_narrower', clause } });
    expect(await as('technician', ...less, '--clause', 'remote-service')).toMatchObject({ json: { ok: false } });
    const done = await as('security-officer', ...less, '--clause', 'remote-service');
    const narrows = { version: digestOf(agreement), strike: { resources: [], clauses: ['remote-service'] } };
    expect(done).toMatchObject({ code: 0, json: { act: { document: { verb: 'narrow', narrows } } } });
    expect(world.broker.acts.at(-1)?.document).toMatchObject({ verb: 'narrow' });
  });

  it('loses a key that got old or may be in other hands, with the day from which it counts no more', async () => {
    const key = thumbprintOf(publicJwkOf(newPrivateKey()));
    const verb = ['grant', 'revoke-own', `key:${key}`, '--agreement', agreement.id, '--reason', 'a test'];
    const day = '2026-01-01T00:00:00Z';
    for (const how of ['retired', 'compromised']) {
      const target = { kind: 'key', id: key, ended: { how, since: Date.parse(day) } };
      const done = await as('security-officer', ...verb, `--${how}`, day);
      expect(done).toMatchObject({ code: 0, json: { act: { document: { verb: 'revoke', target } } } });
      // The broker has it too: nobody else would know.
      expect(world.broker.acts.at(-1)?.document.target).toEqual(target);
    }
    expect(await as('security-officer', ...verb, '--retired', day, '--compromised', day)).toMatchObject({ code: 2 });
  });

  it('is taken away by the security officer, and the cut is handed to the gateway with the broker dead', async () => {
    const gateway = layout(world.buyer.dir).gateway(PLANT_GATEWAY);
    await programs.start('edge-gateway', { GATEWAY_FOLDER: gateway });
    const out = join(interlock.folder, 'act.json');
    const cut = ['grant', 'revoke', grant, '--agreement', agreement.id, '--reason', 'a test', '--out', out];
    expect(await as('technician', ...cut)).toMatchObject({ code: 1, json: { code: 'role_needed' } });
    await world.broker.stop();
    const done = await as('security-officer', ...cut);
    expect(done).toMatchObject({ code: 0, json: { act: { document: { verb: 'revoke', target: { id: grant } } } } });
    expect(JSON.parse(readFileSync(out, 'utf8')).documents.entities).toHaveLength(1);
    const handed = await interlock.run('gateway', 'hand', gateway, out, '--json');
    // This gateway was never told of the agreement, so the act is about nothing it holds; it says so and stays up.
    expect(handed.json).toMatchObject({ ok: false, code: 'not_a_party' });
    // An order to stop is about the gateway itself, and needs nothing that it holds.
    const stop = [PLANT_GATEWAY, '--agreement', agreement.id, '--reason', 'a test', '--hand', gateway];
    const order = ['gateway', 'lockout', ...stop];
    expect(await as('technician', ...order)).toMatchObject({ code: 1, json: { code: 'role_needed' } });
    expect(await as('security-officer', ...order)).toMatchObject({ code: 0, json: { handed: true } });
    expect((await interlock.run('gateway', 'state', gateway, '--json')).json).toMatchObject({ locked: true });
    expect(await interlock.run('gateway', 'unlock', gateway, '--json')).toMatchObject({ code: 0 });
  });
});

describe("the plant's hand", () => {
  it('locks a gateway, sees it locked, and lifts it', async () => {
    const gateway = layout(world.buyer.dir).gateway(PLANT_GATEWAY);
    const hand = (verb: string, ...more: readonly string[]) =>
      interlock.run('gateway', verb, gateway, ...more, '--json');
    expect((await hand('state')).json).toMatchObject({ gateway: 'delta-foods.example/plant-gateway', locked: false });
    expect(await hand('lockout', '--reason', 'maintenance')).toMatchObject({ code: 0, json: { locked: true } });
    expect((await hand('state')).json).toMatchObject({ locked: true });
    expect(await hand('unlock')).toMatchObject({ code: 0, json: { locked: false } });
    const who = ['press-7', '--company', world.buyer.dir, '--person', 'shift-lead', '--passphrase-file'];
    const wrong = interlock.privateFile('wrong', 'not the passphrase at all');
    expect((await hand('signal', ...who, wrong)).json).toMatchObject({ code: 'wrong_passphrase' });
    // This gateway holds no agreement yet, so nobody asked for that fact.
    const said = await hand('signal', ...who, passphraseOf(world.buyer, 'shift-lead'));
    expect(said.json).toMatchObject({ code: 'not_a_party' });
    expect(await hand('state', '--port', '9')).toMatchObject({ code: 1 });
    const garbage = interlock.privateFile('garbage.json', '{"act":1}');
    expect(await hand('hand', garbage)).toMatchObject({ code: 2 });
  });
});
