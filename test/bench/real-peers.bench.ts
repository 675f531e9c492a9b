// Programs of others through the tunnel: OpenSSH's server with a shell and scp of 200 MB, a VNC server with a viewer, headless Chromium, and the bytes of
// a recorded OPC UA session, each compared with what came out at the other end; and Mosquitto, from which the gateway picks up. What cannot be had on
// this machine is left out by name.

import { execFile, execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openRemote } from '@interlock/client';
import { splice } from '@interlock/company-side';
import type { LocalId } from '@interlock/domain';
import { aRight, BUYER, type Right, VENDOR } from '@interlock/testkit/builders';
import { freePort } from '@interlock/trial';
import { anEnclave, type Enclave, target } from '../scenarios/enclave/an-enclave.js';
import { endChildren, ownProcesses, serveRole } from '../scenarios/enclave/own-processes.js';
import { findChromium } from '../scenarios/trial/find-chromium.js';
import { ROOT } from '../scenarios/trial/interlock-up.js';
import { type DistributionPrograms, distributionPrograms } from './peers/distribution-programs.js';
import { fetchedFromMosquitto } from './peers/mqtt-broker.js';
import { type OpenSshServer, openSshServer } from './peers/open-ssh.js';
import { tcpTurns } from './peers/recorded-tcp.js';
import { lookAt, remoteScreen } from './peers/remote-screen.js';
import { sshServer } from './peers/ssh-server.js';

const MB = process.argv.includes('--quick') ? 50 : 200;
const OPC_UA = join(ROOT, '../shared/data/ics-pcaps/open62541_read_service_test_data.pcap');
const SERVICES = ['ssh', 'http', 'opc.tcp', 'vnc'];
const MESSAGES = 1_000;
const id = (text: string) => text as LocalId;
const run = promisify(execFile);
const round = (value: number): number => Number(value.toFixed(2));
const folder = mkdtempSync(join(tmpdir(), 'interlock-peers-'));
const closers: (() => unknown)[] = [];

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A port on this machine behind which a session of the tunnel stands, as `interlock connect` opens one. */
async function localPort(action: string): Promise<number> {
  const remote = await openRemote({
    ...{ brokerOrigin: enclave.broker.origin, organisation: VENDOR, pins: right.who.pins, key: right.key },
    ...{ loginProof: right.loginProof, grant: right.grant.id, resource: { owner: BUYER, id: id('press-7') } },
    ...{ action: id(action), now: Date.now },
  });
  if (!remote.allowed) throw new Error(`${action}: ${remote.refusal.code}`);
  const { session } = remote.value;
  closers.push(() => session.close());
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, async (near) => {
    near.on('error', () => undefined);
    const far = await session.openStream(id(action));
    if (far.allowed) splice(near, far.value);
    else near.destroy();
  });
  return listening(server);
}

const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** The options with which OpenSSH's own programs meet the machine: nothing of this user's settings, and the one key that was made for it. */
const withKey = ({ user, identity }: Pick<OpenSshServer, 'user' | 'identity'>) => {
  const quiet = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'IdentitiesOnly=yes'];
  const options = ['-F', '/dev/null', '-i', identity, ...quiet.flatMap((one) => ['-o', one])];
  return { options, at: `${user}@127.0.0.1` };
};

async function copy(server: OpenSshServer, port: number, from: string, to: string): Promise<number> {
  const { options, at } = withKey(server);
  const began = performance.now();
  await run('scp', ['-O', ...options, '-P', String(port), from, `${at}:${to}`]);
  if (digest(from) !== digest(to)) throw new Error('scp brought other bytes than it was given');
  return MB / ((performance.now() - began) / 1_000);
}

/** A login shell with a terminal, as the technician has one: what is typed is done on the machine, and its answer comes back. */
async function shell(server: OpenSshServer, port: number): Promise<boolean> {
  const { options, at } = withKey(server);
  const asked = run('ssh', ['-tt', ...options, '-p', String(port), at], { timeout: 30_000 });
  asked.child.stdin?.write('test -t 0 && echo press-$((3 + 4))-is-a-terminal\nexit\n');
  return (await asked).stdout.includes('press-7-is-a-terminal');
}

async function scp(server: OpenSshServer) {
  const [from, to] = [join(folder, 'from'), join(folder, 'to')];
  const file = openSync(from, 'w');
  for (let at = 0; at < MB; at++) writeSync(file, randomBytes(1_000_000));
  closeSync(file);
  const port = await localPort('ssh');
  const plain = await copy(server, server.port, from, to);
  rmSync(to);
  const shells = server.own ? await shell(server, port) : undefined;
  return { tunnel: await copy(server, port, from, to), plain, shells };
}

/** What a browser without a window makes of the machine's page, script and all. */
async function browse(): Promise<boolean | undefined> {
  const chromium = findChromium();
  if (!chromium) return undefined;
  const port = await localPort('http');
  const options = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${join(folder, 'chromium')}`];
  const { stdout } = await run(chromium, [
    ...options,
    '--virtual-time-budget=5000',
    '--dump-dom',
    `http://127.0.0.1:${port}/`,
  ]);
  return stdout.includes('press force 812 kN of 300000');
}

const PAGE =
  '<!doctype html><p id="force"></p><script>fetch("/big").then((answer) => answer.text()).then((text) => { document.getElementById("force").textContent = "press force 812 kN of " + text.length; })</script>';
const httpMachine = () =>
  createHttpServer((request, response) => response.end(request.url === '/big' ? 'x'.repeat(300_000) : PAGE));

/** Speaks one side of what was recorded, turn by turn; resolves with how many bytes of the other side came as they were recorded. */
async function speak(socket: Socket, side: 'client' | 'server', turns: ReturnType<typeof tcpTurns>): Promise<number> {
  let [heard, right] = [Buffer.alloc(0), 0];
  for (const turn of turns) {
    if (turn.from === side) {
      socket.write(turn.bytes);
      continue;
    }
    while (heard.length < turn.bytes.length)
      heard = Buffer.concat([heard, ((await once(socket, 'data')) as [Buffer])[0]]);
    if (!heard.subarray(0, turn.bytes.length).equals(turn.bytes)) throw new Error('other bytes than were recorded');
    right += turn.bytes.length;
    heard = heard.subarray(turn.bytes.length);
  }
  return right;
}

const turns = existsSync(OPC_UA) ? tcpTurns(readFileSync(OPC_UA), 4_840) : [];
let answered: Promise<number> | undefined;
const opcMachine = () => createServer((socket) => (answered = speak(socket, 'server', turns)));

async function opcUa(): Promise<number | undefined> {
  if (turns.length === 0) return undefined;
  const socket = dial(await localPort('opc.tcp'), '127.0.0.1');
  const heard = await speak(socket, 'client', turns);
  const told = (await answered) ?? 0;
  socket.destroy();
  return heard + told;
}

/** The panel as a viewer shows it past the tunnel, and through it: the same picture. */
async function screen(programs: DistributionPrograms, direct: number): Promise<boolean> {
  const plain = await lookAt(programs, folder, direct);
  return plain.length > 1_000 && plain.equals(await lookAt(programs, folder, await localPort('vnc')));
}

let right: Right;
let enclave: Enclave;

async function enclaveOf(ports: Readonly<Record<string, number>>): Promise<void> {
  const resource = { owner: BUYER, id: id('press-7'), class: 'standard' as const, services: SERVICES.map(id) };
  right = await aRight({ agreement: { resources: [resource] }, grant: { actions: SERVICES.map(id) } }, Date.now());
  const { who } = right;
  enclave = await anEnclave(
    {
      ...{ owner: who.buyer, gateway: who.gateway, pins: who.pins, chain: right.chain },
      sides: [
        { company: who.vendor, agent: who.vendorAgent },
        { company: who.buyer, agent: who.buyerAgent },
      ],
      targets: Object.entries(ports).map(([service, port]) => target('press-7', service, port)),
      known: { subject: { organisation: VENDOR, kind: 'person', id: right.claims.sub }, leaf: right.leaf },
    },
    ownProcesses,
  );
}

/** Why something of the distribution is not here, or that it is. */
const there = (programs: DistributionPrograms | string, what: string): string =>
  typeof programs === 'string' ? `not on this machine: ${programs}` : what;

async function measure() {
  const began = performance.now();
  const programs = await distributionPrograms();
  const own = typeof programs === 'string' ? undefined : programs;
  const server = own
    ? await openSshServer(own, join(folder, 'ssh'), await freePort())
    : await sshServer(join(folder, 'ssh'));
  const panel = await freePort();
  if (own) closers.push((await remoteScreen(own, join(folder, 'screen'), panel)).stop);
  closers.push(server.stop);
  await enclaveOf({
    ...{ ssh: server.port, http: await listening(httpMachine()), vnc: panel },
    'opc.tcp': await listening(opcMachine()),
  });
  const copied = await scp(server);
  const [page, bytes] = [await browse(), await opcUa()];
  const same = own && (await screen(own, panel));
  const messages = own && (await fetchedFromMosquitto(own, join(folder, 'mqtt'), await freePort(), MESSAGES));
  return {
    id: 'real-peers',
    figures: {
      scpMbPerSecond: round(copied.tunnel),
      directScpMbPerSecond: round(copied.plain),
      ratio: round(copied.tunnel / copied.plain),
      opcUaBytes: bytes ?? 0,
      pagesShown: page ? 1 : 0,
      shells: copied.shells ? 1 : 0,
      screensTheSame: same ? 1 : 0,
      mqttMessages: messages ?? 0,
    },
    conditions: {
      scpMb: MB,
      digestsAgree: true,
      chromium: page === undefined ? 'not on this machine' : page,
      opcUa: bytes === undefined ? 'the recording is not here' : 'every byte of both sides as recorded',
      ssh: execFileSync('sh', ['-c', 'ssh -V 2>&1'], { encoding: 'utf8' }).trim(),
      sshServer: there(
        programs,
        "the distribution's OpenSSH server: a shell with a terminal, scp both past the tunnel and through it",
      ),
      vnc: there(programs, 'x11vnc behind the gateway, vncsnapshot in front: the same picture as past the tunnel'),
      mqtt: there(programs, `Mosquitto in the plant: ${MESSAGES} messages of QoS 1, in order`),
      processes: 'relay and gateway each in its own',
      cores: availableParallelism(),
      node: process.version,
    },
    peers: { scp: 'the same scp to the same machine past the tunnel' },
    seconds: round((performance.now() - began) / 1_000),
  };
}

const role = process.argv.indexOf('--role');
if (role > 0) await serveRole(process.argv[role + 1] ?? '');
else {
  process.once('exit', endChildren);
  const answer = await measure();
  for (const close of closers) close();
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
}
