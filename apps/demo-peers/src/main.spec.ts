import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';

let folder: string;
let bundle: string;
let env: Record<string, string>;
const children: ChildProcessWithoutNullStreams[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-peers-'));
  bundle = join(folder, 'main.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('./main.ts', import.meta.url))],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@interlock/source'],
    external: ['*.node', 'cpu-features'],
    logLevel: 'error',
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
  });
  const password = randomBytes(18).toString('hex');
  const files = {
    'press.json': { user: 'service', password },
    'accounts.json': [{ sub: 'tech-1', name: 'Technician', email: 'tech-1@vendor.example', password }],
    'clients.json': [
      {
        client_id: 'laptop',
        redirect_uris: ['http://127.0.0.1/callback'],
        token_endpoint_auth_method: 'none',
        application_type: 'native',
      },
    ],
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(content));
  env = {
    PRESS_FOLDER: join(folder, 'press'),
    PRESS_SETTINGS_FILE: join(folder, 'press.json'),
    OIDC_ACCOUNTS_FILE: join(folder, 'accounts.json'),
    OIDC_CLIENTS_FILE: join(folder, 'clients.json'),
  };
}, 60_000);
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rm(folder, { recursive: true }));

const run = (args: readonly string[], more: Record<string, string> = {}) => {
  const child = spawn(process.execPath, [bundle, ...args], { env: { ...env, ...more }, stdio: 'pipe' });
  children.push(child);
  child.stdin.on('error', () => {});
  return child;
};
const ready = async (child: ChildProcessWithoutNullStreams): Promise<Record<string, string | number>> => {
  child.stderr.resume();
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line);
  throw new Error('ended before it was ready');
};
const ROLES = ['oidc', 'press', 'analytics'] as const;

describe.each(ROLES)('the bundle as %s', (role) => {
  it('says on one line that it is ready and where, and ends cleanly when told', async () => {
    const child = run([role]);
    const said = await ready(child);
    expect(said.ready).toBe(role);
    const port = Number(role === 'press' ? said.ssh : said.port);
    const peer = connect(port, '127.0.0.1');
    await once(peer, 'connect');
    peer.on('error', () => {});
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('ends with the parent that holds its standard input', async () => {
    const child = run([role], { INTERLOCK_PARENT_PIPE: '1' });
    await ready(child);
    child.stdin.destroy();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

describe('the bundle', () => {
  it('without a parent pipe goes on when its standard input ends', async () => {
    const child = run(['analytics']);
    const { url } = await ready(child);
    child.stdin.end();
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(child.exitCode).toBeNull();
  });

  it.each([
    ['no role', [], {}, /a role is needed: node main.js oidc\|press\|analytics/],
    ['a role that is a word of the language', ['constructor'], {}, /a role is needed/],
    ['a setting that is wrong', ['analytics'], { ANALYTICS_PORT: 'http' }, /ANALYTICS_PORT/],
    [
      'a parent pipe that is neither yes nor no',
      ['analytics'],
      { INTERLOCK_PARENT_PIPE: 'yes' },
      /INTERLOCK_PARENT_PIPE/,
    ],
    [
      'files that are missing',
      ['oidc'],
      { OIDC_ACCOUNTS_FILE: '', OIDC_CLIENTS_FILE: '' },
      /OIDC_ACCOUNTS_FILE[\s\S]*OIDC_CLIENTS_FILE/,
    ],
  ])('with %s does not start, says what to do and ends with code 2', async (_what, args, more, message) => {
    const child = run(args, more);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    expect(await once(child, 'close')).toEqual([2, null]);
    expect(said).toMatch(message);
    expect(said).not.toMatch(/\n\s+at /);
  });

  it('says which port is taken and ends with code 1', async () => {
    const { port } = await ready(run(['analytics']));
    const child = run(['analytics'], { ANALYTICS_PORT: String(port) });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(said).toContain(`EADDRINUSE: address already in use 127.0.0.1:${port}`);
  });
});
