import { readFileSync } from 'node:fs';
import { type Launched, launch } from '@interlock/trial';
import { comesTrue } from '../comes-true.js';
import { alive, procText, recorded } from './processes.js';

/**
 * Ends one service of a running trial's broker as an operator ends it, calls `meanwhile`, and starts the same program with the same settings again. The
 * answer is the caller's to stop; the trial only reports that the first one ended.
 */
export async function restarted(dataFolder: string, name: string, meanwhile: () => Promise<void>): Promise<Launched> {
  const before = recorded(dataFolder).get(name);
  if (!before) throw new Error(`the trial runs no ${name}`);
  const [program = '', ...args] = procText(before.pid, 'cmdline').split('\0').slice(0, -1);
  const env = Object.fromEntries(
    procText(before.pid, 'environ')
      .split('\0')
      .filter(Boolean)
      .map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]),
  );
  const status = readFileSync(`/proc/${before.pid}/status`, 'utf8');
  const [uid, gid] = ['Uid', 'Gid'].map((which) => Number(new RegExp(`^${which}:\\s+(\\d+)`, 'm').exec(status)?.[1]));
  process.kill(before.pid, 'SIGTERM');
  await comesTrue(() => alive([before]).length === 0, 30_000);
  await meanwhile();
  const runAs = process.getuid?.() === 0 && uid !== undefined && gid !== undefined ? { uid, gid } : undefined;
  return launch({ name, program, args, env, runAs, ready: { line: /^\{"ready":/ }, readyWithinMs: 60_000 });
}
