import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiled } from './compiled.js';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of standard output as JSON. */
  readonly json: Record<string, unknown>;
}

/** The compiled command line in a folder of its own, run as a program: what a person starts. */
export interface Interlock {
  /** For files of the test. */
  readonly folder: string;
  readonly program: string;
  run(...args: readonly string[]): Promise<Ran>;
  /** A file that only its owner can read. */
  privateFile(name: string, content: string): string;
  remove(): void;
}

export async function compiledInterlock(): Promise<Interlock> {
  const folder = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
  const program = await compiled('apps/cli/src/main.ts', folder, 'main');
  return {
    folder,
    program,
    run: (...args) => runProgram(program, args, folder),
    privateFile: (name, content) => {
      const file = join(folder, name);
      writeFileSync(file, content, { mode: 0o600 });
      return file;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function runProgram(program: string, args: readonly string[], home: string): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: '/usr/bin:/bin', HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr, json: lastLine(stdout) }));
  });
}

function lastLine(stdout: string): Record<string, unknown> {
  try {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
  } catch {
    return {};
  }
}
