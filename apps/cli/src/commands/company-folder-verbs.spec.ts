import { once } from 'node:events';
import { chmodSync, copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { newPrivateKey, publicJwkOf } from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { bundledInterlock, type Interlock } from '../../test/run-interlock.js';

// Each verb is a program of its own to start, on a machine that may be busy.
jest.setTimeout(60_000);

let interlock: Interlock;
let vendor: string;
let buyer: string;

const init = (dir: string, organisation: string, ...more: readonly string[]) =>
  interlock.run(
    ...['agent', 'init', dir, '--organisation', organisation, '--name', 'A Company', '--jurisdiction', 'NL'],
    ...['--agent-origin', 'http://127.0.0.1:7001', '--broker-origin', 'http://127.0.0.1:7000'],
    ...['--issuer', 'http://127.0.0.1:7002', '--client-id', 'interlock-agent', '--json', ...more],
  );

beforeAll(async () => {
  interlock = bundledInterlock();
  [vendor, buyer] = [join(interlock.folder, 'vendor'), join(interlock.folder, 'buyer')];
}, 60_000);
afterAll(() => interlock.remove());

describe('interlock agent', () => {
  it('makes two companies, and shows the fingerprint in a form that can be read out', async () => {
    const [first, second] = [await init(vendor, 'alpine-presses.example'), await init(buyer, 'delta-foods.example')];
    expect([first.code, second.code]).toEqual([0, 0]);
    const shown = await interlock.run('agent', 'show', buyer);
    expect(shown.stdout.replaceAll(' ', '')).toContain(String(second.json.root));
    expect(shown.stdout).toMatch(/agent beat|agent agent/);
    expect(shown.stdout).toMatch(/\(in 23 h 59 min\)|\(in 1 d\)/);
  });

  it('never writes over a company', async () => {
    const again = await init(vendor, 'somebody-else.example');
    expect(again).toMatchObject({ code: 1, json: { ok: false } });
    expect(String(again.json.error)).toContain('already holds a company');
  });

  it('renews the entity document when told to, and every certificate with it', async () => {
    const renewed = await interlock.run('agent', 'renew', vendor, '--entity', '--json');
    expect(renewed).toMatchObject({ code: 0, json: { ok: true, entity: { sequence: 2 } } });
    const idle = await interlock.run('agent', 'renew', vendor, '--json');
    expect(idle).toMatchObject({ code: 0, json: { entity: null, certificates: [] } });
    const restored = await interlock.run('agent', 'renew', vendor, '--restored', '--json');
    expect(restored).toMatchObject({ code: 0, json: { ok: true, epoch: 2 } });
  });

  it('follows its own provider in what that says of accounts, with a token that only the folder holds', async () => {
    const follow = (...more: readonly string[]) => interlock.run('agent', 'follow-accounts', vendor, ...more, '--json');
    const signals = [
      '--issuer',
      'https://login.example',
      '--audience',
      'urn:agent',
      '--jwks',
      'https://login.example/k',
    ];
    const done = await follow(...signals);
    expect(done).toMatchObject({
      code: 0,
      json: { poll: null, push: expect.stringContaining('/shared-signals/events') },
    });
    expect(statSync(String(done.json.tokenFile)).mode & 0o077).toBe(0);
    expect(done.stdout).not.toContain(readFileSync(String(done.json.tokenFile), 'utf8'));
    expect(await follow('--issuer', 'https://login.example')).toMatchObject({ code: 2 });
  });

  it('ends everything of a company by the file that init prepared, and needs nothing else of it', async () => {
    const file = join(interlock.folder, 'a-copy-elsewhere.json');
    copyFileSync(join(vendor, 'offline', 'revoke-all.json'), file);
    const asked: { route: string; body: { entity: unknown } }[] = [];
    const broker = createServer(async (request, response) => {
      const body = await new Response(Readable.toWeb(request) as ReadableStream).json();
      asked.push({ route: `${request.method} ${request.url}`, body: body as { entity: unknown } });
      response.end('{"accepted":true}');
    }).listen(0, '127.0.0.1');
    await once(broker, 'listening');
    const origin = `http://127.0.0.1:${(broker.address() as AddressInfo).port}`;
    const revoke = (path: string, whose: string, ...more: readonly string[]) =>
      interlock.run('agent', 'revoke-all', path, '--organisation', whose, ...more, '--json');
    expect(await revoke(file, 'delta-foods.example', '--broker', origin)).toMatchObject({ code: 2 });
    expect(await revoke(file, 'alpine-presses.example')).toMatchObject({ code: 2 });
    const entities = join(vendor, 'entities', '000001.json');
    expect(await revoke(entities, 'alpine-presses.example', '--broker', origin)).toMatchObject({ code: 2 });
    expect(asked).toEqual([]);
    const done = await revoke(file, 'alpine-presses.example', '--broker', origin);
    expect(done).toMatchObject({ code: 0, json: { organisation: 'alpine-presses.example', told: [origin] } });
    expect(asked).toEqual([{ route: 'PUT /v1/entities', body: { entity: JSON.parse(readFileSync(file, 'utf8')) } }]);
    broker.close();
  });

  it('names a folder that is no company, and what makes one', async () => {
    const shown = await interlock.run('agent', 'show', interlock.folder);
    expect(shown.code).toBe(1);
    expect(shown.stderr).toContain('interlock agent init');
  });
});

describe('interlock role', () => {
  it('signs which claims make which role and who audits from outside, and shows both', async () => {
    const role = (...words: readonly string[]) => interlock.run('role', ...words, '--json');
    const rules = [{ claim: 'groups', value: 'shift-leads', role: 'approver' }];
    expect(await role('map', buyer, '--rule', 'groups=shift-leads:approver')).toMatchObject({ code: 0 });
    const until = new Date(Date.now() + 86_400_000).toISOString();
    expect(await role('auditor', buyer, 'outside-audit', '--login', 'guest-7', '--until', until)).toMatchObject({
      code: 0,
    });
    const outsideAuditors = [{ id: 'outside-audit', login: 'guest-7', organisation: null }];
    expect((await role('show', buyer)).json).toMatchObject({ ok: true, mapping: { rules, outsideAuditors } });
    expect(await role('map', buyer, '--rule', 'groups=all:king')).toMatchObject({ code: 2, json: { ok: false } });
  });
});

describe('interlock key', () => {
  it('adds a person whose key only the passphrase opens', async () => {
    const file = interlock.privateFile('passphrase', 'long enough to be a passphrase\n');
    const added = await interlock.run(
      ...['key', 'person', 'add', buyer, 'shift-lead', '--groups', 'maintenance,shift', '--purposes', 'approve'],
      ...['--passphrase-file', file, '--json'],
    );
    expect(added).toMatchObject({ code: 0, json: { ok: true, groups: ['maintenance', 'shift'] } });
    const key = readFileSync(join(String(added.json.folder), 'key.pem'), 'utf8');
    expect(key).toContain('BEGIN ENCRYPTED PRIVATE KEY');
  });

  it('bounds when the yes of a person counts, and takes the bound away', async () => {
    const hours = (...more: readonly string[]) =>
      interlock.run('key', 'person', 'hours', buyer, 'shift-lead', ...more, '--json');
    const shift = ['--every', 'FREQ=DAILY;COUNT=3', '--start', '2026-10-24T22:00:00', '--zone', 'Europe/Vienna'];
    const to = ['--to', '2027-01-01T00:00Z'];
    const from = Date.parse('2026-10-24T20:00:00Z');
    expect(await hours(...shift, '--for', '8h', ...to)).toMatchObject({
      code: 0,
      json: { hours: [{ from, to: from + 8 * 3_600_000 }, { from: from + 25 * 3_600_000 }, {}] },
    });
    expect(await hours('--always')).toMatchObject({ code: 0, json: { hours: null } });
    expect(await hours(...shift)).toMatchObject({ code: 2 });
    const engineer = ['plant-engineer', '--groups', 'maintenance', '--purposes', 'approve', '--passphrase-file'];
    const file = interlock.privateFile('passphrase-of-another', 'long enough to be a passphrase\n');
    expect(await interlock.run('key', 'person', 'add', buyer, ...engineer, file, '--json')).toMatchObject({ code: 0 });
    const away = ['--for', 'plant-engineer', '--from', '2026-12-24T00:00Z', '--until', '2027-01-02T00:00Z'];
    const stead = await interlock.run('key', 'person', 'deputy', buyer, 'shift-lead', ...away, '--json');
    expect(stead).toMatchObject({ code: 0, json: { deputises: [{ for: 'plant-engineer', resources: [] }] } });
  });

  it('takes no passphrase that others can read, that is short, or that cannot be asked for', async () => {
    const open = interlock.privateFile('open', 'long enough to be a passphrase');
    chmodSync(open, 0o644);
    const add = ['key', 'person', 'add', buyer, 'second', '--purposes', 'approve'];
    const readable = await interlock.run(...add, '--passphrase-file', open);
    expect(readable).toMatchObject({ code: 2 });
    expect(readable.stderr).toContain('chmod 600');
    const short = await interlock.run(...add, '--passphrase-file', interlock.privateFile('short', 'short'));
    expect(short).toMatchObject({ code: 2 });
    expect(short.stderr).toContain('at least 12');
    const nobody = await interlock.run(...add);
    expect(nobody).toMatchObject({ code: 2 });
    expect(nobody.stderr).toContain('--passphrase-file');
  });

  it('refuses a purpose that people do not have', async () => {
    const added = await interlock.run('key', 'person', 'add', buyer, 'third', '--purposes', 'approve,root', '--json');
    expect(added).toMatchObject({ code: 2, json: { ok: false } });
  });

  it('adds a machine with a key of its own', async () => {
    const added = await interlock.run('key', 'machine', 'add', buyer, 'press-7', '--json');
    expect(added).toMatchObject({ code: 0, json: { id: 'press-7' } });
    expect(statSync(join(String(added.json.folder), 'key.pem')).mode & 0o077).toBe(0);
  });

  it('puts a new key in the place of an old one, without a file that somebody edits', async () => {
    const file = interlock.privateFile('next-passphrase', 'another long passphrase\n');
    const rotate = (name: string, ...more: readonly string[]) =>
      interlock.run('key', 'rotate', buyer, name, ...more, '--json');
    expect(await rotate('agreement', '--compromised')).toMatchObject({
      code: 0,
      json: { ok: true, compromised: true },
    });
    const person = await rotate('person:shift-lead', '--passphrase-file', file);
    expect(person).toMatchObject({ code: 0, json: { ok: true, key: 'person:shift-lead' } });
    expect(person.json.after).not.toBe(person.json.before);
    expect(await rotate('gateway:nowhere')).toMatchObject({ code: 1, json: { code: 'unknown_key' } });
  });
});

describe('interlock partner pin', () => {
  it('pins from a file that the partner wrote, and from a fingerprint typed with spaces', async () => {
    const file = join(interlock.folder, 'vendor.pin.json');
    await interlock.run('agent', 'show', vendor, '--pin-file', file);
    expect(await interlock.run('partner', 'pin', buyer, '--file', file, '--json')).toMatchObject({
      code: 0,
      json: { organisation: 'alpine-presses.example' },
    });
    const { json } = await interlock.run('agent', 'show', buyer, '--json');
    const words = String(json.root).match(/.{1,4}/g) ?? [];
    // A word of a fingerprint may begin with a hyphen; after -- nothing is an option.
    const typed = await interlock.run('partner', 'pin', '--json', vendor, '--', 'delta-foods.example', ...words);
    expect(typed).toMatchObject({ code: 0, json: { root: json.root } });
  });

  it('pins the root that the pinned one named, and shows both', async () => {
    const file = join(interlock.folder, 'next-root.json');
    const { json } = await interlock.run('key', 'rotate', vendor, 'root', '--out', file, '--json');
    expect(await interlock.run('partner', 'pin', buyer, '--file', file, '--json')).toMatchObject({
      code: 0,
      json: { root: json.after, replaced: json.before, signedBy: json.before },
    });
  });

  it('never replaces a pin', async () => {
    const { json } = await interlock.run('agent', 'show', buyer, '--json');
    const other = await interlock.run(
      'partner',
      'pin',
      '--json',
      buyer,
      '--',
      'alpine-presses.example',
      String(json.root),
    );
    expect(other).toMatchObject({ code: 1, json: { ok: false, code: 'root_mismatch' } });
  });

  it('asks for what is missing', async () => {
    expect(await interlock.run('partner', 'pin', buyer)).toMatchObject({ code: 2 });
    expect(await interlock.run('partner', 'pin', buyer, '--file', 'nowhere.json')).toMatchObject({ code: 2 });
    expect(await interlock.run('partner', 'pin', buyer, 'delta-foods.example', 'abc', '--json')).toMatchObject({
      code: 2,
      json: { ok: false, error: expect.stringContaining('that has 43 letters, this 3') },
    });
  });
});

const FETCHED = {
  ...{ via: 'mqtt', resource: 'press-7', host: '10.1.2.9', port: 1883 },
  topics: [{ topic: 'hall/press-7/force', key: 'force' }],
};

describe('interlock gateway provision', () => {
  const provision = (...more: readonly string[]) =>
    interlock.run('gateway', 'provision', buyer, 'plant-gateway', '--json', ...more);

  it('needs the recorded keys of the broker', async () => {
    const made = await provision('--target', 'press-7/ssh=10.1.2.3:22');
    expect(made).toMatchObject({ code: 2 });
    expect(String(made.json.error)).toContain('broker-keys');
  });

  it('makes the folder of a gateway; what is left out later stays as it was', async () => {
    const key = () => publicJwkOf(newPrivateKey());
    const file = join(interlock.folder, 'broker.json');
    writeFileSync(file, JSON.stringify({ name: 'broker.example', ticketKey: key(), logKey: key() }));
    expect(await interlock.run('agent', 'broker-keys', buyer, file)).toMatchObject({ code: 0 });
    const made = await provision(
      ...['--target', 'press-7/ssh=10.1.2.3:22', '--relay', '127.0.0.1:7010', '--region', 'eu-1=127.0.0.1:7020'],
    );
    expect(made).toMatchObject({ code: 0, json: { resources: ['press-7'] } });
    const sources = interlock.privateFile('sources.json', JSON.stringify([FETCHED]));
    expect(await provision('--sources', sources)).toMatchObject({ code: 0 });
    const again = await provision('--scrub', 'OPERATOR');
    expect(again).toMatchObject({ code: 0, json: { resources: ['press-7'] } });
    const bundle = JSON.parse(readFileSync(join(String(again.json.folder), 'provisioning.json'), 'utf8'));
    expect(bundle.document).toMatchObject({
      targets: [{ resource: 'press-7', service: 'ssh', host: '10.1.2.3', port: 22 }],
      relays: [{ host: '127.0.0.1', port: 7010 }],
      regions: [{ region: 'eu-1' }],
      scrub: ['OPERATOR'],
      sources: [FETCHED],
    });
    expect(bundle.document.pins).toHaveLength(2);
  });

  it('says which form an argument has', async () => {
    for (const wrong of ['press-7=10.1.2.3:22', 'press-7/ssh', 'press-7/ssh=10.1.2.3:99999']) {
      expect(await provision('--target', wrong)).toMatchObject({ code: 2, json: { ok: false } });
    }
    const wild = { ...FETCHED, topics: [{ topic: 'hall/#', key: 'force' }] };
    const file = interlock.privateFile('wild.json', JSON.stringify([wild]));
    const made = await provision('--sources', file);
    expect(made).toMatchObject({ code: 2, json: { ok: false } });
    expect(`${made.stderr} ${String(made.json.error)}`).toContain('topic');
  });

  it('says what to do where no gateway was ever started in a folder', async () => {
    const state = await interlock.run('gateway', 'state', buyer);
    expect(state.code).toBe(2);
    expect(state.stderr).toContain('the folder of a gateway that was started');
  });
});
