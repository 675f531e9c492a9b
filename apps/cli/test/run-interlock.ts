import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundled } from './bundled.js';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of standard output as JSON. */
  readonly json: Record<string, unknown>;
}

/** A verb that stays until it is told to end, or ends by itself. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** The next line of standard output. */
  line(): Promise<string>;
  readonly ended: Promise<Ran>;
}

/** The command line in a folder of its own, run as a program: what a person starts. */
export interface Interlock {
  /** For files of the test. */
  readonly folder: string;
  readonly program: string;
  run(...args: readonly string[]): Promise<Ran>;
  /** The same, for a verb that stays. */
  start(...args: readonly string[]): Running;
  /** A file that only its owner can read. */
  privateFile(name: string, content: string): string;
  remove(): void;
}

export function bundledInterlock(): Interlock {
  const folder = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
  const program = bundled('cli');
  return {
    folder,
    program,
    run: (...args) => {
      const running = startProgram(program, args, folder);
      running.child.stdin.end();
      return running.ended;
    },
    start: (...args) => startProgram(program, args, folder),
    privateFile: (name, content) => {
      const file = join(folder, name);
      writeFileSync(file, content, { mode: 0o600 });
      return file;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function startProgram(program: string, args: readonly string[], home: string): Running {
  const child = spawn(process.execPath, [program, ...args], { env: { PATH: '/usr/bin:/bin', HOME: home } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  child.stdin.on('error', () => undefined);
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr, json: lastLine(stdout) }));
  });
  let read = 0;
  const line = async (): Promise<string> => {
    while (!stdout.includes('\n', read)) {
      const more = await Promise.race([once(child.stdout, 'data').then(() => undefined), ended]);
      if (more && !stdout.includes('\n', read)) throw new Error(`ended with ${more.code}: ${more.stderr}`);
    }
    const end = stdout.indexOf('\n', read);
    const found = stdout.slice(read, end);
    read = end + 1;
    return found;
  };
  return { child, line, ended };
}

function lastLine(stdout: string): Record<string, unknown> {
  try {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
  } catch {
    return {};
  }
}
