import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lockDataFolder } from './data-folder-lock.js';
import { processIdentity, stillRuns } from './process-identity.js';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'interlock-spec-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function sleeper(): { pid: number; identity: string } {
  const child = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
  return { pid: child.pid ?? 0, identity: processIdentity(child.pid ?? 0) ?? '' };
}

describe('one process per data folder', () => {
  it('a second start is refused and told who holds the folder; after release it is let in', async () => {
    const first = await lockDataFolder(dir);
    await expect(lockDataFolder(dir)).rejects.toThrow(new RegExp(`in use by process ${process.pid}`));
    first.release();
    const second = await lockDataFolder(dir);
    second.release();
  });

  it('two folders side by side do not hinder each other', async () => {
    const locks = await Promise.all([lockDataFolder(join(dir, 'a')), lockDataFolder(join(dir, 'b'))]);
    expect(locks.map((lock) => lock.dir)).toEqual([join(dir, 'a'), join(dir, 'b')]);
  });

  it.each([
    '{"pid":2147483647,"identity":"1.x"}',
    '{"pid":1,"identity":"0.another-boot"}',
    '',
    'garbage',
    '{}',
    'null',
  ])('a lock that nobody living holds does not stop anybody: %s', async (content) => {
    writeFileSync(join(dir, 'lock.7'), content);
    const lock = await lockDataFolder(dir);
    expect(readdirSync(dir).filter((name) => name.startsWith('lock.'))).toEqual(['lock.8']);
    lock.release();
  });

  it('of many that find the same dead holder, one gets the folder', async () => {
    writeFileSync(join(dir, 'lock.1'), '{"pid":2147483647,"identity":"1.x"}');
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataFolder(dir)));
    expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  });

  it('ends what a killed start left running, and nothing that merely got its pid', async () => {
    const [left, innocent] = [sleeper(), sleeper()];
    appendFileSync(join(dir, 'running'), `${left.pid} ${left.identity} TERM postgres\n`);
    appendFileSync(join(dir, 'running'), `${innocent.pid} 1${innocent.identity} TERM relay\n`);
    const lock = await lockDataFolder(dir);
    expect(lock.ended).toEqual([`postgres (${left.pid})`]);
    expect(stillRuns(left.pid, left.identity)).toBe(false);
    expect(stillRuns(innocent.pid, innocent.identity)).toBe(true);
    process.kill(innocent.pid, 'SIGKILL');
    lock.release();
  });
});
