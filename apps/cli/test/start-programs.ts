import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { CompanyPlace } from '../src/up/start-companies.js';
import { bundled } from './bundled.js';

export interface RunningProgram {
  /** The object of its ready line. */
  readonly ready: Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** Programs of the tree, started as a company would start them. */
export function companyPrograms() {
  const running: RunningProgram[] = [];
  const start = async (app: string, env: Readonly<Record<string, string>>, ...args: readonly string[]) => {
    const one = await startNode(bundled(app), args, env);
    running.push(one);
    return one;
  };
  return {
    start,
    startIdentityProvider: ({ dir, issuer, company }: CompanyPlace) =>
      start(
        'demo-peers',
        {
          OIDC_PORT: new URL(issuer).port,
          OIDC_NAME: company.name,
          OIDC_ACCOUNTS_FILE: join(dir, 'identity-provider', 'accounts.json'),
          OIDC_CLIENTS_FILE: join(dir, 'identity-provider', 'clients.json'),
        },
        'oidc',
      ),
    startAgent: (place: CompanyPlace, brokerOrigin: string) =>
      start('company-agent', {
        AGENT_FOLDER: place.dir,
        AGENT_PORT: new URL(place.agentOrigin).port,
        AGENT_ORIGIN: place.agentOrigin,
        BROKER_ORIGIN: brokerOrigin,
      }),
    stopAll: () => Promise.all(running.splice(0).map((one) => one.stop())),
  };
}

async function startNode(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<RunningProgram> {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: '/usr/bin:/bin', NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => (said = (said + String(chunk)).slice(-2_000)));
  const ready = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => line.startsWith('{"ready"') && resolve(line));
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`ended with ${code} before it was ready: ${said}`)));
  });
  return { ready: JSON.parse(ready) as Record<string, unknown>, stop: () => stopped(child) };
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await closed;
  clearTimeout(late);
}
