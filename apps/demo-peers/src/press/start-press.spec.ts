import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseShdrLine, SHDR_START } from '@interlock/domain';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import ssh2 from 'ssh2';
import type { RunningRole } from '../running-role.js';
import { startPress } from './start-press.js';

const quiet = () => {};
let folder: string;
let press: RunningRole;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'press-'));
  const settingsFile = join(folder, 'settings.json');
  await writeFile(settingsFile, JSON.stringify({ user: 'service', password: randomBytes(18).toString('hex') }));
  env = { PRESS_FOLDER: join(folder, 'own'), PRESS_SETTINGS_FILE: settingsFile, PRESS_TELEMETRY_INTERVAL_MS: '20' };
  press = await startPress([], env, quiet);
});
afterAll(async () => {
  await press.close();
  await rm(folder, { recursive: true });
});

const readTelemetry = (port: unknown): { socket: Socket; lines: AsyncIterableIterator<string> } => {
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', quiet);
  return { socket, lines: createInterface({ input: socket })[Symbol.asyncIterator]() };
};
const observationsOf = (line: string): Map<string, string> => {
  const { parsed } = parseShdrLine(line, SHDR_START);
  if (!parsed.allowed || parsed.value.kind !== 'observations') throw new Error(line);
  return new Map(parsed.value.observations.map(({ key, value }) => [key, value]));
};

describe('the telemetry adapter', () => {
  it('sends everything it knows first, names of people and computers included, and then what changes', async () => {
    const { socket, lines } = readTelemetry(press.ready.telemetry);
    const first = observationsOf((await lines.next()).value);
    expect([...first.keys()]).toEqual(
      expect.arrayContaining(['avail', 'pexecution', 'press_force', 'cycle_count', 'energy']),
    );
    expect(first.get('MachineOperator')).toBe('operator-17');
    expect(first.get('OperatingSystemAll')).toContain('Machine Name = LINE3-PRESS7;User Name = operator-17;');
    expect((await lines.next()).value).toMatch(/\|system\|NORMAL\|\|\|\|$/);
    expect((await lines.next()).value).toMatch(/\|oil_cond\|NORMAL\|\|\|\|$/);
    const changed = observationsOf((await lines.next()).value);
    expect(changed.has('energy') || changed.has('ram_position')).toBe(true);
    expect(changed.has('MachineOperator')).toBe(false);
    socket.destroy();
  });

  it('answers a ping, and ignores other lines', async () => {
    const { socket, lines } = readTelemetry(press.ready.telemetry);
    socket.write('GET / HTTP/1.1\r\n\r\n* PI');
    socket.write('NG\r\n');
    for await (const line of lines) if (line === '* PONG 10000') break;
    socket.destroy();
  });

  it('closes a reader that sends bytes without a line end, and serves the next', async () => {
    const { socket } = readTelemetry(press.ready.telemetry);
    socket.write(randomBytes(50_000).map((byte) => (byte === 10 ? 0 : byte)));
    await once(socket, 'close');
    const next = readTelemetry(press.ready.telemetry);
    expect((await next.lines.next()).value).toContain('|avail|AVAILABLE');
    next.socket.destroy();
  });
});

describe('the press', () => {
  it('keeps its host key in its folder, readable by its owner alone, and refuses one that others can read', async () => {
    const keyFile = join(env.PRESS_FOLDER ?? '', 'ssh_host_ed25519_key');
    expect((await stat(keyFile)).mode & 0o077).toBe(0);
    const again = await startPress([], env, quiet);
    expect(again.ready.hostKey).toBe(press.ready.hostKey);
    await again.close();
    const key = ssh2.utils.parseKey(await readFile(keyFile));
    expect(key instanceof Error ? '' : `${key.type} ${key.getPublicSSH().toString('base64')}`).toBe(
      press.ready.hostKey,
    );
    const open = join(folder, 'open');
    await (await startPress([], { ...env, PRESS_FOLDER: open }, quiet)).close();
    const { chmod } = await import('node:fs/promises');
    await chmod(join(open, 'ssh_host_ed25519_key'), 0o644);
    await expect(startPress([], { ...env, PRESS_FOLDER: open }, quiet)).rejects.toThrow(/chmod 600/);
  });

  it.each([
    ['nothing at all', {}, [], /PRESS_FOLDER is missing[\s\S]*PRESS_SETTINGS_FILE is missing/],
    ['a port that is none', { PRESS_SSH_PORT: '70000' }, [], /PRESS_SSH_PORT/],
    ['an unknown word', {}, ['--telemetri', 'x'], /usage/],
    ['a recording that is not there', {}, ['--telemetry', '/does/not/exist'], /not a readable file/],
    ['a hook that is not there', { PRESS_CALL_ANALYTICS: '/does/not/exist.mjs' }, [], /PRESS_CALL_ANALYTICS/],
  ])('does not start with %s, and says why', async (what, over, args, message) => {
    const given = what === 'nothing at all' ? {} : { ...env, ...over };
    await expect(startPress(args, given, quiet)).rejects.toThrow(message);
  });

  it('does not start with settings nobody could log in with, and prints no value', async () => {
    const file = join(folder, 'bad.json');
    const start = async (settings: object) => {
      await writeFile(file, JSON.stringify(settings));
      return startPress([], { ...env, PRESS_SETTINGS_FILE: file }, quiet);
    };
    await expect(start({ user: 'service' })).rejects.toThrow(/nobody could log in/);
    await expect(start({ user: 'a b', password: 'short', root: true })).rejects.toThrow(
      /user[\s\S]*password[\s\S]*root/,
    );
    await expect(start({ user: 'a b', password: 'short' })).rejects.not.toThrow(/short[^e]/);
    await expect(start({ user: 'service', authorizedKeys: ['nonsense'] })).rejects.toThrow(/authorizedKeys.0/);
  });

  it('gives its ports back when one of them is taken', async () => {
    const taken = { ...env, PRESS_TELEMETRY_PORT: String(press.ready.telemetry) };
    await expect(startPress([], taken, quiet)).rejects.toThrow(/EADDRINUSE/);
  });
});

describe('the call to the vendor', () => {
  const calling = async (name: string, module: string) => {
    const file = join(folder, `${name}.mjs`);
    await writeFile(file, module);
    const events: string[] = [];
    const heard = new Map<string, () => void>();
    const role = await startPress(
      [],
      { ...env, PRESS_CALL_ANALYTICS: file, PRESS_CALL_ANALYTICS_SECONDS: '0.1' },
      (event) => {
        events.push(event);
        heard.get(event)?.();
      },
    );
    const until = (event: string) =>
      events.includes(event) ? Promise.resolve() : new Promise<void>((done) => heard.set(event, done));
    return { role, until, events };
  };

  it('is made without a human, with the last strokes', async () => {
    const { role, until } = await calling(
      'good',
      `export const callAnalytics = async (strokes, { machine, signal }) => {
         if (strokes.length !== 120 || machine !== 'press-7' || signal.aborted) throw new Error('wrong call');
         return { remainingStrokes: 42, advice: 'cool the oil', limit: 75 };
       };`,
    );
    await until('vendor advice');
    await role.close();
  });

  it.each([
    [
      'throws',
      `export const callAnalytics = async () => { throw new Error('no way'); };`,
      'vendor analytics not reached',
    ],
    [
      'answers with terminal codes',
      `export const callAnalytics = async () => ({ remainingStrokes: 1, advice: '\\u001b[2J' });`,
      'vendor advice refused',
    ],
    ['answers nothing', 'export const callAnalytics = () => undefined;', 'vendor advice refused'],
  ])('that %s leaves the press running', async (what, module, event) => {
    const { role, until } = await calling(what.replaceAll(' ', '-'), module);
    await until(event);
    const { socket, lines } = readTelemetry(role.ready.telemetry);
    expect((await lines.next()).value).toContain('|avail|AVAILABLE');
    socket.destroy();
    await role.close();
  });
});
