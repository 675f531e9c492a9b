import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { procText } from './processes.js';

/** Which user runs a process. */
export const userOf = (pid: number): number => Number(/^Uid:\s+(\d+)/m.exec(procText(pid, 'status'))?.[1] ?? 0);

/** Asks a process of that user which files it can open; as the folder itself is closed to it, it is told every path. */
export function filesOpenTo(uid: number, companies: string): string[] {
  const script = `
    const fs = require('node:fs');
    const open = (path) => { try { fs.closeSync(fs.openSync(path)); return true; } catch { return false; } };
    console.log(JSON.stringify(JSON.parse(fs.readFileSync(0, 'utf8')).filter(open)));`;
  const paths = readdirSync(companies, { recursive: true }).map((name) => join(companies, String(name)));
  const { stdout } = spawnSync(process.execPath, ['-e', script], {
    uid,
    gid: uid,
    cwd: '/',
    env: {},
    input: JSON.stringify([companies, ...paths]),
    encoding: 'utf8',
  });
  return JSON.parse(stdout) as string[];
}
