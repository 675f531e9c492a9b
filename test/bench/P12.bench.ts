// P12: what it costs to own: memory and processes of the whole trial and of a bare broker, settings that must be set, commands and keys of a partner.
// Memory is the proportional set size (Pss), so that what processes share is counted once; beside it, one bare Node process of the same run.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICES } from '@interlock/contracts';
import { family, procText, recorded, type SeenProcess } from '../scenarios/trial/processes.js';

const STARTS_WITHIN_MS = 120_000;
/** What a bare production broker runs: its services, one PostgreSQL, the internal bus and one region's. */
const BROKER = [...SERVICES, 'postgres', 'bus', 'region-eu-1', 'region-us-1'];

const mib = (processes: readonly { readonly pid: number }[]): number =>
  Math.round(
    processes.reduce(
      (sum, { pid }) => sum + Number(/^Pss:\s+(\d+) kB/m.exec(procText(pid, 'smaps_rollup'))?.[1] ?? 0) / 1024,
      0,
    ),
  );

/** A service that is told nothing names every setting that it must be told. */
function mandatorySettings(): readonly string[] {
  const named = SERVICES.flatMap((service) => {
    const { stderr } = spawnSync(process.execPath, [`dist/apps/${service}/main.js`], {
      env: { PATH: process.env.PATH ?? '' },
      encoding: 'utf8',
      timeout: 20_000,
    });
    return [...stderr.matchAll(/\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b/g)].map((match) => match[1] ?? '');
  });
  return [...new Set(named)].sort();
}

/** The lines that the README gives a company that is not in the demo. */
function partnerCommands(): number {
  const readme = readFileSync('README.md', 'utf8');
  const told = /<!-- a company of your own -->([\s\S]*?)<!-- \/a company of your own -->/.exec(readme)?.[1] ?? '';
  return told.split('\n').filter((line) => /^(npx )?interlock /.test(line)).length;
}

const bareNode = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['-e', "console.log('up');process.stdin.resume()"], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.once('error', reject);
    child.stdout.once('data', () => {
      const size = mib([{ pid: child.pid ?? 0 }]);
      child.kill();
      resolve(size);
    });
  });

const began = performance.now();
const data = mkdtempSync(join(tmpdir(), 'interlock-p12-'));
const up = spawn(process.execPath, ['dist/apps/cli/main.js', 'up', '--through', '1', '--data', data], {
  stdio: ['ignore', 'pipe', 'pipe'],
});
try {
  let said = '';
  const late = setTimeout(() => up.kill('SIGINT'), STARTS_WITHIN_MS);
  for (const stream of [up.stdout, up.stderr]) stream.on('data', (chunk: Buffer) => (said += String(chunk)));
  while (!said.includes('stays up')) {
    if (up.exitCode !== null) throw new Error(`the trial did not start: ${said.slice(-600)}`);
    await Promise.race([once(up.stdout, 'data'), once(up.stderr, 'data'), once(up, 'exit')]);
  }
  clearTimeout(late);
  const all = family(up.pid ?? 0);
  const known = recorded(data);
  const broker = BROKER.flatMap((name) => known.get(name) ?? []).flatMap(({ pid }): SeenProcess[] => family(pid));
  const settings = mandatorySettings();
  const keys = ['offline', 'keys'].flatMap((place) => readdirSync(join(data, 'companies', 'buyer', place)));
  const figures = {
    trialMiB: mib(all),
    trialProcesses: known.size,
    bareBrokerMiB: mib(broker),
    mandatorySettings: settings.length,
    partnerCommands: partnerCommands(),
    partnerKeys: keys.filter((name) => name.endsWith('.pem')).length,
  };
  const conditions = { memory: 'Pss', settings, processesWithWorkers: all.length, brokerProcesses: broker.length };
  const peers = { bareNodeMiB: await bareNode() };
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(JSON.stringify({ id: 'P12', figures, conditions, peers, seconds }));
} finally {
  const ended = up.exitCode === null ? once(up, 'exit') : undefined;
  up.kill('SIGINT');
  await ended;
  rmSync(data, { recursive: true, force: true });
}
