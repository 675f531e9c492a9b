import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { endProcess } from './end-process.js';
import { processIdentity, stillRuns } from './process-identity.js';
import { until } from './until.js';

describe('which process a pid means', () => {
  it('is the same answer each time for a living process, another one for another process, none for a dead one', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const pid = child.pid ?? 0;
    const identity = processIdentity(pid);
    expect(identity).toMatch(/^\d+\.[0-9a-f-]{36}$/);
    expect(processIdentity(pid)).toBe(identity);
    expect(processIdentity(process.pid)).not.toBe(identity);
    child.kill('SIGKILL');
    expect(await until(() => processIdentity(pid) === undefined, 5000)).toBe(true);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 31 - 1])('%p is no process', (pid) => {
    expect(processIdentity(pid)).toBeUndefined();
  });

  it('is answered by ps where the kernel shows nothing', () => {
    const empty = mkdtempSync(join(tmpdir(), 'interlock-spec-'));
    expect(processIdentity(process.pid, empty)).toMatch(/^\w{3}_\w{3}_\d+_\d\d:\d\d:\d\d_\d{4}$/);
    expect(processIdentity(2 ** 31 - 1, empty)).toBeUndefined();
    rmSync(empty, { recursive: true });
  });

  it('a process that got the pid of another one is not ended in its place', async () => {
    const innocent = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
    const pid = innocent.pid ?? 0;
    const identity = processIdentity(pid) ?? '';
    await endProcess({ pid, identity: `1${identity}` }, 'SIGKILL', 50);
    expect(stillRuns(pid, identity)).toBe(true);
    await endProcess({ pid, identity }, 'SIGKILL', 5000);
    expect(stillRuns(pid, identity)).toBe(false);
  });
});
