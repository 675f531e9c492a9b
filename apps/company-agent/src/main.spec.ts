import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { initCompany, layout } from '@interlock/company-side';
import type { OrganisationId } from '@interlock/domain';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { bundleAgent } from '../test/bundle.js';
import { FakeBroker } from '../test/fake-broker.js';
import { freePort, until } from '../test/world.js';

const ORGANISATION = 'delta-foods.example' as OrganisationId;
jest.setTimeout(60_000);

let root: string;
let program: string;
let env: Record<string, string>;
const broker = new FakeBroker();
const started: ChildProcess[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'agent-process-'));
  program = bundleAgent(join(root, 'agent.mjs'));
  const port = await freePort();
  const brokerOrigin = await broker.start();
  env = {
    AGENT_FOLDER: join(root, 'company'),
    AGENT_PORT: String(port),
    AGENT_ORIGIN: `http://127.0.0.1:${port}`,
    BROKER_ORIGIN: brokerOrigin,
    INTERLOCK_PARENT_PIPE: '1',
  };
  await initCompany(join(root, 'company'), {
    organisation: ORGANISATION,
    name: 'Delta Foods',
    jurisdiction: 'NL',
    agentOrigin: env.AGENT_ORIGIN ?? '',
    brokerOrigin,
    identityProvider: { issuer: 'http://127.0.0.1:9', clientId: 'company-agent' },
    now: Date.now(),
  });
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await broker.stop();
  rmSync(root, { recursive: true, force: true });
});

/** Starts the process; resolves with its ready line, or with what it said when it ended instead. */
async function start(
  settings: Record<string, string>,
): Promise<{ child: ChildProcess; ready?: object; said: string; code: number | null }> {
  const child = spawn(process.execPath, [program], { env: { PATH: process.env.PATH, ...settings } });
  started.push(child);
  let said = '';
  child.stderr?.on('data', (data) => (said += String(data)));
  const ended = once(child, 'exit').then(([code]) => ({ child, said, code: code as number | null }));
  const ready = new Promise<{ child: ChildProcess; ready: object; said: string; code: null }>((done) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', (line) =>
      done({ child, ready: JSON.parse(line) as object, said, code: null }),
    );
  });
  return Promise.race([ready, ended]);
}

describe('the agent’s process', () => {
  it('says when it is ready, publishes its company, refuses a second writer, and ends with its parent', async () => {
    const first = await start({ ...env, METRICS_PORT: '0' });
    const told = { ready: 'company-agent', port: Number(env.AGENT_PORT), organisation: ORGANISATION };
    expect(first.ready).toEqual({ ...told, metrics: expect.any(Number) });
    await until(() => broker.entities.size === 1 && broker.certificates.size === 1);
    const { metrics } = first.ready as { metrics: number };
    await until(async () => (await fetch(`http://127.0.0.1:${metrics}/ready`)).ok);
    expect(await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text()).toContain(
      'interlock_broker_up{service="company-agent"} 1',
    );
    const second = await start({ ...env, AGENT_PORT: '0' });
    expect(second).toMatchObject({ code: 1, said: expect.stringContaining(`in use by process ${first.child.pid}`) });
    first.child.stdin?.end();
    expect(await once(first.child, 'exit')).toEqual([0, null]);
  });

  it('starts again after it was killed, and never reads the offline keys', async () => {
    const killed = await start(env);
    killed.child.kill('SIGKILL');
    await once(killed.child, 'exit');
    const offline = layout(env.AGENT_FOLDER ?? '').offline;
    for (const name of readdirSync(offline)) rmSync(join(offline, name));
    const again = await start(env);
    expect(again.ready).toMatchObject({ organisation: ORGANISATION });
    again.child.kill('SIGTERM');
    expect(await once(again.child, 'exit')).toEqual([0, null]);
  });

  it('names every missing or wrong setting at once', async () => {
    const none = await start({});
    expect(none.code).toBe(2);
    for (const name of ['AGENT_FOLDER', 'AGENT_PORT', 'AGENT_ORIGIN', 'BROKER_ORIGIN'])
      expect(none.said).toContain(name);
    const wrong = await start({ ...env, AGENT_TIME_ZONE: 'Middle/Earth', AGENT_PORT: 'x' });
    expect(wrong.said).toContain('AGENT_TIME_ZONE is not acceptable');
    const elsewhere = await start({ ...env, AGENT_ORIGIN: 'http://127.0.0.1:1' });
    expect(elsewhere).toMatchObject({ code: 1, said: expect.stringContaining('AGENT_ORIGIN is not the one') });
    const nowhere = await start({ ...env, AGENT_FOLDER: join(root, 'nothing') });
    expect(nowhere).toMatchObject({ code: 1, said: expect.stringContaining('interlock agent init') });
  });
});
