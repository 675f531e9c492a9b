import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { accessSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import ssh2, { type Client, type ClientChannel, type ConnectConfig, type ParsedKey } from 'ssh2';
import type { RunningRole } from '../running-role.js';
import { newHostKey } from './new-host-key.js';
import { startPress } from './start-press.js';

const password = randomBytes(18).toString('hex');
const key = newHostKey();
const stranger = newHostKey();
let folder: string;
let press: RunningRole;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'press-ssh-'));
  const settings = join(folder, 'settings.json');
  await writeFile(settings, JSON.stringify({ user: 'service', password, authorizedKeys: [key.public] }));
  press = await startPress(
    [],
    { PRESS_FOLDER: join(folder, 'own'), PRESS_SETTINGS_FILE: settings, PRESS_TELEMETRY_INTERVAL_MS: '20' },
    () => {},
  );
});
afterAll(async () => {
  await press.close();
  await rm(folder, { recursive: true });
});

const parsed = (text: string): ParsedKey => {
  const read = ssh2.utils.parseKey(text);
  if (read instanceof Error) throw read;
  return read;
};
const logIn = async (over: Partial<ConnectConfig> = {}): Promise<Client> => {
  const client = new ssh2.Client();
  const ready = once(client, 'ready');
  client.connect({
    host: '127.0.0.1',
    port: Number(press.ready.ssh),
    username: 'service',
    hostVerifier: (offered: Buffer) => press.ready.hostKey === `ssh-ed25519 ${offered.toString('base64')}`,
    ...(over.privateKey || over.password ? {} : { password }),
    ...over,
  });
  await ready;
  return client;
};
const exec = (client: Client, command: string): Promise<ClientChannel> =>
  new Promise((done, failed) => client.exec(command, (error, channel) => (error ? failed(error) : done(channel))));
const shell = (client: Client, terminal: boolean): Promise<ClientChannel> =>
  new Promise((done, failed) =>
    client.shell(terminal ? {} : false, (error, channel) => (error ? failed(error) : done(channel))),
  );
/** Listens inside the callback: answer, exit code and close may all be in the packet that opened the channel. */
const run = (client: Client, command: string) =>
  new Promise<{ out: string; err: string; code: number | undefined }>((done, failed) => {
    client.exec(command, (error, channel) => {
      if (error) return failed(error);
      const heard = { out: '', err: '', code: undefined as number | undefined };
      channel.on('data', (chunk: Buffer) => {
        heard.out += chunk;
      });
      channel.stderr.on('data', (chunk: Buffer) => {
        heard.err += chunk;
      });
      channel.on('exit', (code: number) => {
        heard.code = code;
      });
      channel.on('close', () => done(heard));
    });
  });
/** Reads until the text has been shown, and returns everything shown so far. */
const readUntil = (channel: ClientChannel, wanted: string): Promise<string> =>
  new Promise((done, failed) => {
    let shown = '';
    const hear = (chunk: Buffer) => {
      shown += chunk;
      if (!shown.includes(wanted)) return;
      channel.off('data', hear);
      done(shown);
    };
    channel.on('data', hear);
    channel.once('close', () => failed(new Error(`closed after: ${shown}`)));
  });

describe('a command over SSH', () => {
  it('is answered from the live machine, by key and by password', async () => {
    for (const by of [{ privateKey: key.private }, { password }]) {
      const client = await logIn(by);
      expect(await run(client, 'hostname')).toEqual({ out: 'press-7\n', err: '', code: 0 });
      expect((await run(client, 'uptime')).out).toMatch(/^up 1 h 0 min, \d+ cycles\n$/);
      expect((await run(client, '  Show   Program ')).out).toMatch(
        /^program BRACKET-4711.MIN\nexecution (ACTIVE|READY)\n$/,
      );
      expect((await run(client, 'status')).out).toMatch(/machine press-7[\s\S]*ram [\d.]+ mm[\s\S]*oil \d\d\.\d C/);
      client.end();
    }
  });

  it('that is unknown, or meant for a real shell, does nothing and says what there is', async () => {
    const client = await logIn();
    for (const command of ['reboot', 'hostname; cat /etc/passwd', '$(id)']) {
      const { out, err, code } = await run(client, command);
      expect({ out, code }).toEqual({ out: '', code: 127 });
      expect(err).toContain('uptime, status');
    }
    client.end();
  });

  it('streams telemetry until it is closed', async () => {
    const client = await logIn();
    const channel = await exec(client, 'tail telemetry');
    await readUntil(channel, 'ram_position');
    channel.close();
    await once(channel, 'close');
    expect((await run(client, 'hostname')).code).toBe(0);
    client.end();
  });
});

describe('the interactive console', () => {
  it('prompts, echoes, answers, streams until Ctrl-C and ends on exit', async () => {
    const client = await logIn();
    const channel = await shell(client, true);
    await readUntil(channel, 'press-7> ');
    channel.write('hostnamex\u007f\r');
    expect(await readUntil(channel, 'press-7\r\npress-7> ')).toBe('hostnamex\b \b\r\npress-7\r\npress-7> ');
    channel.write('tail telemetry\r');
    await readUntil(channel, 'energy');
    channel.write('\u0003');
    await readUntil(channel, 'press-7> ');
    channel.write('exit\r');
    const [code] = await once(channel, 'exit');
    expect(code).toBe(0);
    client.end();
  });

  it('without a terminal does not echo, and ends with its input', async () => {
    const client = await logIn();
    const channel = await shell(client, false);
    let out = '';
    channel.on('data', (chunk: Buffer) => {
      out += chunk;
    });
    channel.end('hostname\nuptime\n');
    await once(channel, 'close');
    expect(out).toMatch(/^press-7 console, type help\npress-7> press-7\npress-7> up .* cycles\npress-7> $/);
    client.end();
  });

  it('that is open is over the moment the connection is cut', async () => {
    const client = await logIn();
    client.on('error', () => {});
    const channel = await shell(client, true);
    await readUntil(channel, 'press-7> ');
    channel.write('tail telemetry\r');
    await readUntil(channel, 'energy');
    const closed = once(channel, 'close');
    client.destroy();
    await closed;
    expect((await run(await logIn(), 'hostname')).code).toBe(0);
  });

  it('survives a flood of keys that nobody reads', async () => {
    const client = await logIn();
    const channel = await shell(client, true);
    channel.pause();
    for (let i = 0; i < 200; i += 1) channel.write('status\r'.repeat(500));
    client.destroy();
    expect((await run(await logIn(), 'hostname')).code).toBe(0);
  });
});

describe('a stranger', () => {
  it.each([
    ['a wrong password', { password: `${password}x` }],
    ['an empty password', { password: ' ' }],
    ['another user', { username: 'root' }],
    ["another user with the user's key", { username: 'root', privateKey: key.private }],
    ['another key', { privateKey: stranger.private }],
  ])('with %s stays outside', async (_what, over) => {
    await expect(logIn(over)).rejects.toThrow(/authentication methods failed/);
  });

  it("who shows the user's public key but cannot sign with it stays outside", async () => {
    const known = parsed(key.public);
    const own = parsed(stranger.private);
    class Impostor extends ssh2.BaseAgent<ParsedKey> {
      getIdentities(done: (error: undefined, keys: ParsedKey[]) => void) {
        done(undefined, [known]);
      }
      override sign(_key: unknown, data: Buffer, options: unknown, done?: unknown) {
        const answer = (done ?? options) as (error: undefined, signature: Buffer) => void;
        answer(undefined, own.sign(data) as unknown as Buffer);
      }
    }
    const agent = new Impostor() as unknown as ConnectConfig['agent'] & object;
    const asked = { username: 'service', authHandler: [{ type: 'agent', username: 'service', agent }] };
    await expect(logIn(asked as Partial<ConnectConfig>)).rejects.toThrow(/authentication methods failed/);
  });

  it('is cut off after six tries on one connection', async () => {
    const client = new ssh2.Client();
    client.on('error', () => {});
    let tries = 0;
    client.connect({
      host: '127.0.0.1',
      port: Number(press.ready.ssh),
      username: 'service',
      authHandler: (_left, _partial, next) => {
        tries += 1;
        next({ type: 'password', username: 'service', password: String(tries) });
      },
    });
    await once(client, 'close');
    // The seventh may be on its way when the door closes.
    expect(tries).toBeLessThanOrEqual(7);
  });

  it('who is in reaches nothing through the press: no forwarding, no files', async () => {
    const client = await logIn();
    const forward = new Promise<unknown>((done) =>
      client.forwardOut('127.0.0.1', 1, '127.0.0.1', Number(press.ready.telemetry), (error) => done(error)),
    );
    expect(await forward).toBeInstanceOf(Error);
    const listening = new Promise<unknown>((done) => client.forwardIn('127.0.0.1', 0, (error) => done(error)));
    expect(await listening).toBeInstanceOf(Error);
    expect(await new Promise<unknown>((done) => client.sftp((error) => done(error)))).toBeInstanceOf(Error);
    client.end();
  });

  it('who sends garbage, before or inside the protocol, is disconnected and harms nobody', async () => {
    for (const bytes of [
      randomBytes(100_000),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from('SSH-2.0-x\r\n\u0000\u0000\u0000\u0001'),
    ]) {
      const socket = connect(Number(press.ready.ssh), '127.0.0.1').resume();
      socket.on('error', () => {});
      socket.end(bytes);
      await once(socket, 'close');
    }
    const reset = connect(Number(press.ready.ssh), '127.0.0.1');
    await once(reset, 'connect');
    reset.resetAndDestroy();
    expect((await run(await logIn(), 'hostname')).code).toBe(0);
  });
});

const openSsh = (process.env.PATH ?? '').split(delimiter).some((path) => {
  try {
    accessSync(join(path, 'ssh'));
    return true;
  } catch {
    return false;
  }
});
/** OpenSSH is of the distribution, and not every machine has it. */
const withOpenSsh = openSsh ? it : it.skip;

withOpenSsh('an OpenSSH client runs a command with its key and a pinned host key', async () => {
  const identity = join(folder, 'id');
  await writeFile(identity, key.private, { mode: 0o600 });
  await writeFile(join(folder, 'known_hosts'), `[127.0.0.1]:${press.ready.ssh} ${press.ready.hostKey}\n`);
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    'IdentitiesOnly=yes',
    `UserKnownHostsFile=${join(folder, 'known_hosts')}`,
  ];
  const { stdout } = await promisify(execFile)('ssh', [
    ...['-F', 'none', '-i', identity, '-p', String(press.ready.ssh)],
    ...options.flatMap((option) => ['-o', option]),
    'service@127.0.0.1',
    'status',
  ]);
  expect(stdout).toContain('machine press-7');
});
