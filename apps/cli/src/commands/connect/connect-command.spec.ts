import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Server } from 'node:net';
import { promisify } from 'node:util';
import {
  acceptSession,
  addGateway,
  type GatewaySession,
  layout,
  makeLeaf,
  newId,
  newNonce,
  readKeyFile,
} from '@interlock/company-side';
import { allow, type Grant, type LocalId, type Receipt, type Signed } from '@interlock/domain';
import {
  digestOf,
  keySigner,
  newPrivateKey,
  peekLoginProof,
  privateKeyToPem,
  publicJwkOf,
  signed,
  thumbprintOf,
} from '@interlock/proof';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import ssh2 from 'ssh2';
import { agreedByBoth } from '../../../test/agreed-by-both.js';
import { compiled } from '../../../test/compiled.js';
import { gatewayWithoutBroker } from '../../../test/gateway-without-broker.js';
import { grantedByBoth, keyOf } from '../../../test/granted-by-both.js';
import { bundledInterlock, type Interlock } from '../../../test/run-interlock.js';
import { companyPrograms } from '../../../test/start-programs.js';
import { publish, type TwoCompanies, twoCompanies } from '../../../test/two-companies.js';
import { PLANT_GATEWAY, PRESS } from '../../up/demo-companies.js';

// Each verb, agent and provider is a program of its own to start, on a machine that may be busy.
jest.setTimeout(120_000);

const id = (text: string) => text as LocalId;
const HOUR = 3_600_000;
let interlock: Interlock;
let world: TwoCompanies;
let programs: ReturnType<typeof companyPrograms>;
let robot: string;
let machine: Server;
let listeningAt: () => number;
let grant: Signed<Grant>;
let relay: { host: string; port: number };
let gateway: GatewaySession | undefined;
/** Whom the broker names as the gateway. */
let named: LocalId;

beforeAll(async () => {
  interlock = bundledInterlock();
  world = await twoCompanies(interlock.folder);
  programs = companyPrograms();
  robot = await compiled('apps/cli/test/robot.ts', interlock.folder, 'robot');
  await provision();
  grant = await grantedByBoth(world, await agreedByBoth(world));
  world.broker.grants.set(grant.document.id, { signed: grant, status: 'active' });
  const started = await programs.start('relay', { RELAY_REGION: 'eu-1' });
  relay = { host: '127.0.0.1', port: Number(started.ready.port) };
  await programs.startIdentityProvider(world.vendor);
  await programs.startAgent(world.vendor, world.brokerOrigin);
  machine = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => socket.destroy()).pipe(socket));
  machine.listen(0, '127.0.0.1');
  await once(machine, 'listening');
  listeningAt = echoPort;
  world.broker.before = ({ path, body }) => {
    if (path !== 'POST /v1/sessions') return undefined;
    const { loginProof } = body as { loginProof?: string };
    return { body: admit(String(loginProof)) };
  };
});
afterEach(() => {
  gateway?.close('test_over');
  named = PLANT_GATEWAY;
  listeningAt = echoPort;
});
afterAll(async () => {
  machine?.close();
  await programs?.stopAll();
  await world?.broker.stop();
  interlock?.remove();
});

async function provision(): Promise<void> {
  named = PLANT_GATEWAY;
  await addGateway(world.buyer.dir, {
    id: PLANT_GATEWAY,
    ...{ resources: [PRESS], targets: [], relays: [], regions: [] },
    broker: { origin: world.brokerOrigin, ticketKey: publicJwkOf(newPrivateKey()) },
    now: Date.now(),
  });
  publish(world.broker, world.buyer.dir);
}

/** About one in 200 that the library makes cannot be read by its own reader. */
function aHostKey(): string {
  const { private: made } = ssh2.utils.generateKeyPairSync('ed25519');
  return ssh2.utils.parseKey(made) instanceof Error ? aHostKey() : made;
}

const echoPort = () => (machine.address() as AddressInfo).port;

/** What a broker answers to an admitted session, with a gateway that already goes to the relay. */
function admit(loginProof: string): object {
  const [session, rendezvous] = [newId('ses'), `${newNonce()}`];
  void meet(session, rendezvous, loginProof);
  const all = [...world.broker.published.values()];
  const chain = {
    entities: all.flatMap((one) => one.entities),
    certificates: all.flatMap((one) => one.certificates),
    agreement: [...world.broker.agreements.values()][0]?.[0]?.signed,
    grant,
  };
  const by = { organisation: world.buyer.company.organisation, id: named };
  return { session, ticket: 'a ticket', rendezvous, relay, gateway: by, chain };
}

async function meet(session: string, rendezvous: string, loginProof: string): Promise<void> {
  const organisation = world.buyer.company.organisation;
  const key = readKeyFile(layout(world.buyer.dir).gateway(PLANT_GATEWAY), 'key');
  const { jkt } = peekLoginProof(loginProof) ?? {};
  if (!jkt) throw new Error('a connector without a login proof');
  const receipt: Receipt = {
    ...{ typ: 'receipt', v: 1, moment: 'opening', by: 'gateway', session: session as Receipt['session'] },
    ...{
      grant: digestOf(grant.document),
      agreement: grant.document.agreement,
      jkt,
      code: null,
      bytes: 0,
      at: Date.now(),
    },
    subject: { organisation: world.vendor.company.organisation, kind: 'person', id: id('technician') },
    resource: { owner: organisation, id: PRESS },
    gateway: { organisation, id: PLANT_GATEWAY },
  };
  const opening = await signed(receipt, keySigner(organisation, key), Date.now());
  gateway = acceptSession({
    ...{ relay, rendezvous, tls: await makeLeaf(key, Date.now()), expectedPeer: jkt },
    onHello: async () =>
      allow({
        endsAt: Date.now() + HOUR,
        approvedBy: ['shift-lead'],
        receipt: { ...opening, signatures: [...opening.signatures] },
      }),
    onOpen: async () => allow({ host: '127.0.0.1', port: listeningAt() }),
  });
}

const connect = (...more: readonly string[]) =>
  interlock.start(
    ...['connect', grant.document.id, 'press-7/ssh', '--company', world.vendor.dir],
    ...['--login-command', robotCommand(), ...more],
  );
const robotCommand = () =>
  `${process.execPath} ${robot} technician ${interlock.privateFile('password', world.vendor.password('technician'))}`;

async function echoed(port: number, text: string): Promise<string> {
  const socket = dial(port, '127.0.0.1');
  socket.end(text);
  let got = '';
  for await (const chunk of socket) got += String(chunk);
  return got;
}

describe('interlock connect', () => {
  it('makes the machine a local port, says who approved, and why the session ended', async () => {
    const running = connect('--json');
    const ready = JSON.parse(await running.line());
    expect(ready).toMatchObject({ ready: true, approvedBy: ['shift-lead'] });
    expect(await echoed(ready.port, 'hello, press')).toBe('hello, press');
    gateway?.close('taken_away');
    const ended = await running.ended;
    expect(ended).toMatchObject({ code: 1, json: { ok: true, ended: 'taken_away', chosen: false } });
    expect(ended.stderr).toContain('approved by shift-lead');
  });

  it('is the stream itself for an SSH client', async () => {
    const running = connect('--stdio');
    running.child.stdin.end('through standard input');
    const ended = await running.ended;
    expect(ended).toMatchObject({ code: 0, stdout: 'through standard input' });
    expect(ended.stderr).toContain('You ended the session');
  });

  // It is of the distribution, and not every machine has it: the name of what was left out stands in the report.
  const withOpenSsh = spawnSync('ssh', ['-V']).status === 0 ? it : it.skip;
  withOpenSsh('is the ProxyCommand of the OpenSSH client of the distribution', async () => {
    const press = new ssh2.Server({ hostKeys: [aHostKey()] }, (client) => {
      // The client leaves as soon as it has its exit code.
      client.on('error', () => undefined);
      client.on('authentication', (context) => context.accept());
      client.on('session', (accept) =>
        accept().on('exec', (acceptExec, _reject, { command }) => {
          const channel = acceptExec();
          channel.write(`${command}: 41 days\n`);
          channel.exit(3);
          channel.end();
        }),
      );
    });
    await new Promise<void>((resolve) => press.listen(0, '127.0.0.1', resolve));
    listeningAt = () => (press.address() as AddressInfo).port;
    const through = [
      ...[process.execPath, interlock.program, 'connect', grant.document.id, 'press-7/ssh', '--stdio'],
      ...['--company', world.vendor.dir, '--home', interlock.folder, '--login-command', `"${robotCommand()}"`],
    ].join(' ');
    const options = [`ProxyCommand=${through}`, 'UserKnownHostsFile=/dev/null', 'StrictHostKeyChecking=no'];
    const given = [...options, 'BatchMode=yes'].flatMap((option) => ['-o', option]);
    const ran = promisify(execFile)('ssh', ['-F', '/dev/null', ...given, 'service@press-7', 'uptime']);
    // The machine's own exit code comes back too.
    const ended = await ran.catch((fault: unknown) => fault);
    press.close();
    expect(ended).toMatchObject({ code: 3, stdout: 'uptime: 41 days\n' });
  });

  it('ends cleanly when it is interrupted', async () => {
    const running = connect('--json');
    await running.line();
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 0, json: { ended: 'ended_by_subject', chosen: true } });
  });

  it('meets no gateway that the owner did not certify, whatever the broker says', async () => {
    named = id('another-gateway');
    expect(await connect('--json').ended).toMatchObject({ code: 1, json: { ok: false, code: 'not_a_gateway' } });
  });

  it('enters a dormant grant that an approver activated at a gateway that never reached a broker', async () => {
    const { buyer, vendor } = world;
    const agreement = await agreedByBoth(world, { offline: { mode: 'local', leaseSeconds: 1_800 } });
    const key = newPrivateKey();
    interlock.privateFile('laptop.pem', privateKeyToPem(key));
    const subjectKeys = [thumbprintOf(publicJwkOf(key))];
    const dormant = { subjectKeys, approverKeys: [keyOf(buyer, 'shift-lead').kid], seconds: 600, uses: 1 };
    const held = await grantedByBoth(world, agreement, { dormant });
    const ports = { relay: relay.port, machine: echoPort() };
    const { folder } = await gatewayWithoutBroker(world, programs, agreement, ports);
    const [file, pass] = [interlock.privateFile('grant.json', JSON.stringify(held)), `${interlock.folder}/pass.json`];
    const passphrase = interlock.privateFile('pass', buyer.passphrase('shift-lead'));
    const activated = await interlock.run(
      ...['gateway', 'activate', folder, file, '--company', buyer.dir, '--person', 'shift-lead', '--out', pass],
      ...['--reason', 'the line is cut', '--passphrase-file', passphrase, '--json'],
    );
    expect(activated).toMatchObject({ code: 0, json: { activated: true } });
    const running = interlock.start(
      ...['connect', held.document.id, 'press-7/ssh', '--company', vendor.dir, '--stdio'],
      ...['--activated', pass, '--key', `${interlock.folder}/laptop.pem`],
    );
    running.child.stdin.end('with everything else out of reach');
    expect(await running.ended).toMatchObject({ code: 0, stdout: 'with everything else out of reach' });
  });

  it('works from the file that the company gave for a computer', async () => {
    const file = `${interlock.folder}/connector.json`;
    expect(await interlock.run('agent', 'connector-file', world.vendor.dir, file)).toMatchObject({ code: 0 });
    const args = ['connect', grant.document.id, 'press-7/ssh', '--connector', file, '--login-command', robotCommand()];
    const running = interlock.start(...args, '--json');
    expect(JSON.parse(await running.line())).toMatchObject({ ready: true });
    gateway?.close('window_over');
    expect(await running.ended).toMatchObject({ json: { ended: 'window_over' } });
  });
});
