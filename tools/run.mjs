// How the tools run programs and say what they do. Plain Node: nothing is installed yet when this is needed.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';

/** The folder of this repository. */
export const ROOT = dirname(import.meta.dirname);

/** A program that an installed package brings. */
export const bin = (name) => join(ROOT, 'node_modules', '.bin', name);

/**
 * Runs a program to its end.
 *
 * @param {{ quiet?: boolean, env?: Record<string, string> }} [options] quiet: its output is only returned
 * @returns {Promise<{ code: number, output: string }>} code 1 too if it could not be started or was killed
 */
export function run(program, args, { quiet = true, env = {} } = {}) {
  return new Promise((done) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
      env: { ...process.env, ...env },
    });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => chunks.push(chunk));
    child.once('error', (error) => done({ code: 1, output: error.message }));
    child.once('close', (code) => done({ code: code ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}

/** Says what is being done, once it has taken a second, and how long it took. */
export async function timed(what, say, work) {
  const began = performance.now();
  let said = false;
  const timer = setTimeout(() => {
    said = true;
    say(`${what} ...`);
  }, 1000);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    if (said) say(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
}
