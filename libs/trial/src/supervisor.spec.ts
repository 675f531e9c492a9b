import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type DataFolderLock, lockDataFolder } from './data-folder-lock.js';
import { Supervisor } from './supervisor.js';
import { until } from './until.js';

let dir: string;
let lock: DataFolderLock;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'interlock-spec-'));
  lock = await lockDataFolder(dir);
});
afterEach(() => {
  lock.release();
  rmSync(dir, { recursive: true, force: true });
});

function part(name: string, script = '') {
  const stays = `process.on('SIGTERM', () => { console.log('end', Date.now()); process.exit(0); });
    ${script} console.log('up ${name}'); setInterval(() => {}, 1000);`;
  return { name, program: process.execPath, args: ['-e', stays], ready: { line: /^up / } };
}

describe('the processes of one data folder', () => {
  it('each has a log file, and they are stopped in the reverse order, one after the other', async () => {
    const supervisor = new Supervisor(lock);
    for (const name of ['first', 'second', 'third']) await supervisor.start(part(name));
    expect(supervisor.processes().map(({ name }) => name)).toEqual(['first', 'second', 'third']);
    await supervisor.stopAll();
    expect(supervisor.processes()).toEqual([]);
    const logs = ['third', 'second', 'first'].map((name) => readFileSync(supervisor.logFile(name), 'utf8'));
    expect(logs[2]).toMatch(/^up first\nend \d+\n$/);
    const ends = logs.map((log) => Number(/end (\d+)/.exec(log)?.[1]));
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));
  });

  it('an end nobody asked for is reported with the last words, and nothing is restarted', async () => {
    const reported: string[] = [];
    const supervisor = new Supervisor(lock, ({ name }, words) => reported.push(`${name}: ${words}`));
    await supervisor.start(part('stays'));
    await supervisor.start(part('falls', `setTimeout(() => { console.log('no more'); process.exit(4); }, 50);`));
    const stopped = await supervisor.start(part('stopped'));
    await stopped.stop();
    expect(await until(() => reported.length > 0, 5000)).toBe(true);
    expect(reported).toEqual(['falls: no more']);
    expect(supervisor.processes().map(({ name }) => name)).toEqual(['stays']);
    await supervisor.stopAll();
    expect(reported).toHaveLength(1);
  });

  it('a part that cannot start is an error that names its log', async () => {
    const supervisor = new Supervisor(lock);
    const broken = { ...part('broken'), args: ['-e', 'throw new Error("no key")'] };
    await expect(supervisor.start(broken)).rejects.toThrow(/no key[\s\S]*logs\/broken\.log/);
  });
});
