import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';

let folder = '';
let bundle = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interlock-relay-'));
  bundle = join(folder, 'relay.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, '../src/main.ts')],
    outfile: bundle,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@interlock/source'],
    logLevel: 'error',
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function start(env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [bundle], { env, stdio: ['pipe', 'pipe', 'pipe'] });
}

describe('the relay as a process', () => {
  it('is one small file that says when it is ready, answers, and ends with its parent', async () => {
    expect((await stat(bundle)).size).toBeLessThan(1_500_000);
    const relay = start({ RELAY_REGION: 'eu-central', INTERLOCK_PARENT_PIPE: '1' });
    const [line] = await once(createInterface({ input: relay.stdout! }), 'line');
    const ready = JSON.parse(line);
    expect(ready).toEqual({ ready: 'relay', port: expect.any(Number), region: 'eu-central' });
    const socket = connect(ready.port, '127.0.0.1');
    socket.write('hello\n');
    const [answer] = await once(socket, 'data');
    expect(JSON.parse(answer.toString()).code).toBe('relay_request_malformed');
    relay.stdin!.end();
    const [code] = await once(relay, 'exit');
    expect(code).toBe(0);
  });

  it('refuses to start on a setting it cannot read, naming it', async () => {
    const relay = start({ RELAY_PORT: 'ssh' });
    let said = '';
    relay.stderr!.on('data', (chunk) => (said += chunk));
    const [code] = await once(relay, 'close');
    expect(code).toBe(2);
    expect(said).toContain('RELAY_PORT');
    expect(said).toContain('RELAY_REGION is missing');
  });
});
