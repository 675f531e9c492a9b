import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { robotBrowser } from '@interlock/company-side';
import { SERVICES } from '@interlock/contracts';
import { freePort, type Launched } from '@interlock/trial';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import ssh2 from 'ssh2';
import { newHostKey } from '../../../apps/demo-peers/src/press/new-host-key.js';
import { comesTrue } from '../comes-true.js';
import { pageOf } from '../page-of.js';
import { interlockUp, STARTS_WITHIN, type Up } from '../trial/interlock-up.js';
import { naming } from '../trial/processes.js';
import { restarted } from '../trial/restarted.js';
import { type NewcomerShell, newcomerShell } from './newcomer-shell.js';
import { linesOf } from './readme-lines.js';

const LINES = linesOf('README.md', 'a company of your own');
const COMMANDS = LINES.filter((line) => line.startsWith('npx interlock '));

const folder = mkdtempSync(join(tmpdir(), 'interlock-newcomer-'));
let up: Up;
let shell: NewcomerShell;
let port: number;
/** Parts of the broker that were started again. */
const again: Launched[] = [];
/** The person who sits before the browser. */
let person = 'technician';

/** What a person does whom `--open` brought to an address: logs in with his own password, and confirms. */
const browser = createServer(async (request, response) => {
  const to = new URL(request.url ?? '', 'http://robot').searchParams.get('to') ?? '';
  const accounts = JSON.parse(readFileSync(join(folder, 'acme/identity-provider/accounts.json'), 'utf8')) as {
    sub: string;
    password: string;
  }[];
  const password = accounts.find((one) => one.sub === person)?.password ?? '';
  const robot = robotBrowser();
  const consent = await robot.logIn(to, { login: person, password });
  await robot.submit(consent, {}, '/login/confirm');
  response.end();
});

/** The newcomer's own SSH server: it says who it is, and runs what it is told. */
const server = new ssh2.Server({ hostKeys: [newHostKey().private], ident: 'lathe' }, (client) => {
  client.on('error', () => undefined);
  client.on('authentication', (context) => context.accept());
  client.on('session', (accept) =>
    accept().on('exec', (run, _reject, { command }) => {
      const channel = run();
      channel.write(`lathe ran ${command}\n`);
      channel.exit(0);
      channel.end();
    }),
  );
});
const listening = (one: Pick<Server, 'address' | 'listen'>): Promise<number> =>
  new Promise((resolve) => void one.listen(0, '127.0.0.1', () => resolve((one.address() as AddressInfo).port)));

beforeAll(async () => {
  up = await interlockUp({ dir: join(folder, 'trial'), args: ['--through', '1'] });
  symlinkSync(join(folder, 'trial'), join(folder, '.interlock'));
  await up.says(/The trial stays up until Ctrl-C/);
  const [ssh, robot] = [await listening(server), await listening(browser)];
  port = await freePort();
  shell = newcomerShell(folder, { SSH: `127.0.0.1:${ssh}`, PORT: String(port) }, `http://127.0.0.1:${robot}/`);
}, STARTS_WITHIN + 10_000);

afterAll(async () => {
  shell?.end();
  await Promise.all(again.map((one) => one.stop()));
  up?.send('SIGTERM');
  await up?.ended();
  for (const one of [server, browser]) one.close();
  await comesTrue(async () => naming(folder).length === 0, 60_000);
  rmSync(folder, { recursive: true, force: true });
}, 70_000);

/** W3C Trace Context: the id of everything that the newcomer's person asked for. */
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

const greeting = (port: number): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(''));
    socket.once('data', (chunk) => {
      resolve(String(chunk));
      socket.destroy();
    });
    socket.once('close', () => resolve(''));
  });

/** Who is inside and stays there: one SSH connection, in which one command after the other is run. */
async function staysInside(at: number) {
  const client = new ssh2.Client();
  let over = false;
  client.on('close', () => (over = true)).on('error', () => (over = true));
  await new Promise<void>((resolve, reject) =>
    client
      .once('ready', resolve)
      .once('error', reject)
      .connect({ host: '127.0.0.1', port: at, username: 'you', password: 'any' }),
  );
  const run = (command: string): Promise<string> =>
    new Promise((resolve, reject) =>
      client.exec(command, (fault, channel) => {
        if (fault) return reject(fault);
        let said = '';
        channel.on('data', (chunk: Buffer) => (said += String(chunk))).once('close', () => resolve(said));
      }),
    );
  return { run, over: () => over, end: () => client.end() };
}

interface Company {
  readonly brokerOrigin: string;
}

interface Told {
  readonly rows?: readonly { readonly record: { readonly kind: string; readonly source: string } }[];
}

const line = (words: string): string => {
  const found = LINES.find((one) => one.includes(words));
  if (!found) throw new Error(`the README has no line with "${words}"`);
  return found;
};

describe('a company that is not in the demo', () => {
  it('needs at most ten commands', () => {
    expect(COMMANDS.length).toBeLessThanOrEqual(10);
    expect(COMMANDS.length).toBe(LINES.length - 2);
  });

  it('enrols, pins, signs, and reaches its own server through its own gateway, by the lines of the README', async () => {
    for (const one of LINES.slice(0, 5)) await shell.type(one);
    shell.leave(line('agent run'));
    shell.leave(line('gateway run'));
    await comesTrue(
      async () => /"ready":"company-agent"[\s\S]*/.test(shell.said()) && /"ready":"edge-gateway"/.test(shell.said()),
      60_000,
    );
    // What the line leaves out is the narrowest: without the broker all ends at once. Here the lease counts, for the restart below.
    await shell.type(`${line('agreement new')} --offline static`);
    const proposed = await shell.type(line('agreement propose'));
    await shell.type(`AGREEMENT=${/agr_[a-z0-9]+/.exec(proposed)?.[0] ?? ''}`);
    // From here to the open port each verb names this trace, as an operator would who looks into a complaint.
    await shell.type(`export TRACEPARENT=00-${TRACE}-00f067aa0ba902b7-01`);
    const asked = await shell.type(line('grant request'));
    await shell.type(`GRANT=${/grt_[a-z0-9]+/.exec(asked)?.[0] ?? ''}`);
    person = 'owner';
    await shell.type(line('grant approve'));
    person = 'technician';
    shell.leave(line('connect'));
    await shell.type('unset TRACEPARENT');
    await comesTrue(async () => (await greeting(port)) !== '', 60_000);
    expect(await greeting(port)).toBe('SSH-2.0-lathe\r\n');
  }, 240_000);

  // It is of the distribution, and not every machine has it: the name of what was left out stands in the report.
  const withOpenSsh = spawnSync('ssh', ['-V']).status === 0 ? it : it.skip;
  withOpenSsh(
    'has a command run there by the OpenSSH client, at the port that the last line opened',
    async () => {
      const options = ['BatchMode=yes', 'UserKnownHostsFile=/dev/null', 'StrictHostKeyChecking=no', 'LogLevel=ERROR'];
      const given = options.map((option) => `-o ${option}`).join(' ');
      expect(await shell.type(`ssh -n -F none ${given} -p $PORT you@127.0.0.1 uptime`)).toContain('lathe ran uptime');
    },
    60_000,
  );

  it('keeps its session, and one SSH connection in it, over a rolling restart of every service of the broker, which its lease allows', async () => {
    const inside = await staysInside(port);
    const session = async () =>
      /live sessions: (ses_\w+)/.exec(
        await shell.type(linesOf('docs/getting-started/plant.md', 'plant')[0] ?? ''),
      )?.[1];
    const before = await session();
    for (const name of SERVICES) {
      const answers = async () => expect(await inside.run(`a look while ${name} is away`)).toContain(name);
      again.push(await restarted(join(folder, 'trial'), name, answers));
      await answers();
    }
    // What was kept is the same session, and both sides' word for it comes by services that are all new.
    expect([inside.over(), await session()]).toEqual([false, before]);
    inside.end();
  }, 120_000);

  it('is asked who touched the machine, and an auditor verifies the answer with the root alone', async () => {
    const shown = await shell.type('npx interlock agent show acme --json');
    await shell.type(`ROOT=${/"root":"([\w-]{43})"/.exec(shown)?.[1] ?? ''}`);
    const [who = '', query = '', copy = '', verify = ''] = linesOf('docs/getting-started/auditor.md', 'auditor');
    // The gateway hands its records over every few seconds, and the company's witness cosigns the log after that.
    await comesTrue(async () => {
      const told = await shell.type(who);
      return told.includes('technician uses') && told.includes('approved by owner');
    }, 60_000);
    await shell.type(query);
    await shell.type(copy);
    expect(await shell.type(verify)).toMatch(/verified: \d+ records of agr_\w+, cosigned by acme\.example/);
  }, 120_000);

  it('finds under one trace id what was asked over HTTP, said on the bus, and written by the gateway itself', async () => {
    const written = async () => {
      const told = await shell.type(`npx interlock audit query --company acme --correlation ${TRACE} --json`);
      const { rows = [] } = JSON.parse(told.split('\n').findLast((one) => one.startsWith('{')) ?? '{}') as Told;
      return rows.map(({ record }) => `${record.kind} by ${record.source}`);
    };
    // The agent asked the API, the API a service over the bus, the ticket told the gateway; each of the three wrote.
    const wanted = ['grant.requested by broker/grants', 'session.admitted by broker/grants'];
    const own = 'session.opened by acme.example/gate';
    await comesTrue(async () => {
      const found = await written();
      return [...wanted, own].every((one) => found.includes(one));
    }, 60_000);
    const other = await shell.type(`npx interlock audit query --company acme --correlation ${'0'.repeat(31)}1 --json`);
    expect(other).not.toContain('session.opened');
  }, 90_000);

  it('asks and publishes with curl and one signature for each request, by the lines of the page of the API', async () => {
    const { brokerOrigin } = JSON.parse(readFileSync(join(folder, 'acme/company.json'), 'utf8')) as Company;
    await shell.type(`API=${brokerOrigin}`);
    const told = [];
    for (const one of linesOf('apps/federation-api/README.md', 'curl')) told.push(await shell.type(one));
    const [, , page = '', unproven = '', agreements = '', , published = '', events = ''] = told;
    expect(page).toContain('Who can mend it');
    expect(JSON.parse(unproven)).toMatchObject({
      code: 'caller_unknown',
      type: `${brokerOrigin}/errors/caller_unknown`,
    });
    expect(JSON.parse(agreements)).toMatchObject({ agreements: [{ status: 'active' }] });
    expect(JSON.parse(published)).toEqual({ accepted: true });
    expect(JSON.parse(events).rows).toHaveLength(2);
  }, 60_000);

  it('answers an auditor who has a login and no folder, and nobody whom the company did not make one', async () => {
    const [file = '', who = ''] = linesOf('docs/getting-started/auditor.md', 'auditor with a login');
    await shell.type(file);
    person = 'owner';
    expect(await shell.type(who)).toContain('approved by owner');
    person = 'technician';
    expect(await shell.type(`${who} 2>&1 || true`)).toMatch(/role_needed \(auditor\)/);
  }, 60_000);

  it('closes everything at its own gateway, sees that on its page, and lifts it there, by the lines of the page for a plant', async () => {
    const [state = '', lockout = '', unlock = ''] = linesOf('docs/getting-started/plant.md', 'plant');
    expect(await shell.type(state)).toMatch(/live sessions: ses_/);
    expect(await shell.type(lockout)).toContain('locked; 1 live session(s)');
    await comesTrue(async () => (await greeting(port)) === '', 20_000);
    const shows = (words: RegExp) =>
      comesTrue(async () => words.test(await pageOf(join(folder, 'acme'), 'owner', '/live')), 60_000);
    await shows(/acme\.example\/gate<[\s\S]*?locked out</);
    expect(await shell.type(unlock)).toContain('lifted');
    await shows(/acme\.example\/gate<[\s\S]*?not locked</);
  }, 150_000);

  it('offers a plant an agreement, which the plant signs, and asks for its machine, by the lines of the page for a vendor', async () => {
    const lines = linesOf('docs/getting-started/vendor.md', 'vendor');
    const [show = '', pin = '', draft = '', propose = '', sign = '', request = '', next = '', amend = '', diff = ''] =
      lines;
    for (const one of [show, pin, draft]) await shell.type(one);
    const proposed = await shell.type(propose);
    await shell.type(`WITH_DELTA=${/agr_[a-z0-9]+/.exec(proposed)?.[0] ?? ''}`);
    await shell.type(`DIGEST=${/sha256:[\w-]+/.exec(proposed)?.[0] ?? ''}`);
    expect(await shell.type(sign)).toMatch(/signed agr_\w+ version 1: active/);
    expect(await shell.type(request)).toMatch(/grt_[a-z0-9]+/);
    for (const one of [next, amend]) await shell.type(one);
    expect(await shell.type(diff)).toContain('changed term remote-service: narrower');
  }, 90_000);

  it('shows the operator that the broker is ready, and backs it up while it runs, by the lines of the page for an operator', async () => {
    const [broker = '', ready = '', description = '', backup = ''] = linesOf(
      'docs/getting-started/operator.md',
      'operator',
    );
    await shell.type(broker);
    expect(await shell.type(ready)).toContain('"ready":true');
    await shell.type(description);
    await shell.type(backup);
    expect(existsSync(join(folder, 'broker-backup/backup.json'))).toBe(true);
    expect(JSON.parse(readFileSync(join(folder, 'openapi.json'), 'utf8'))).toMatchObject({ openapi: '3.1.1' });
  }, 60_000);
});
