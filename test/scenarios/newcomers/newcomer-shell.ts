import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@interlock/trial';
import { ROOT } from '../trial/interlock-up.js';

/** One shell of a newcomer: lines are typed one after the other, as they stand in the page. */
export interface NewcomerShell {
  /** Types a line and waits until it has ended; throws with what it said where it ended with a fault. */
  type(line: string, milliseconds?: number): Promise<string>;
  /** Types a line and does not wait: it goes on until the shell ends. */
  leave(line: string): void;
  said(): string;
  /** Ends the shell with everything that was started in it. */
  end(): void;
}

/**
 * Starts bash in `folder`, with nothing of this process's environment. `npx` runs the bundled command line without asking a registry;
 * `browser`, where it is given, gets each address that `--open` would show.
 */
export function newcomerShell(folder: string, more: Readonly<Record<string, string>>, browser?: string): NewcomerShell {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  program(join(bin, 'npx'), `shift; exec ${process.execPath} ${join(ROOT, 'dist/apps/cli/main.js')} "$@"`);
  if (browser) program(join(bin, 'browser'), `curl -s --get --data-urlencode "to=$1" ${browser}`);
  const child = spawn('bash', ['--norc'], {
    cwd: folder,
    detached: true,
    env: {
      PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
      HOME: folder,
      ...(browser && { BROWSER: join(bin, 'browser') }),
      ...more,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  const end = () => {
    try {
      if (child.pid) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  };
  process.once('exit', end);
  return {
    said: () => said,
    leave: (line) => void child.stdin.write(`${line.replace(/ &$/, '')} < <(sleep infinity) &\n`),
    type: async (line, milliseconds = 60_000) => {
      const [from, mark] = [said.length, randomUUID()];
      child.stdin.write(`${line}\necho "${mark} $?"\n`);
      await until(async () => said.includes(mark), milliseconds);
      const own = said.slice(from);
      const code = new RegExp(`${mark} (\\d+)`).exec(own)?.[1];
      if (code !== '0') throw new Error(`"${line}" ended with ${code ?? 'nothing'}:\n${said.slice(-4000)}`);
      return own.slice(0, own.indexOf(mark));
    },
    end,
  };
}

function program(file: string, line: string): void {
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
}
