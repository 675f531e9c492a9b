import { describe, expect, it } from '@jest/globals';
import { type LaunchSpec, launch } from './launch.js';
import { processIdentity } from './process-identity.js';

function node(script: string, rest: Partial<LaunchSpec> = {}): LaunchSpec {
  return { name: 'part', program: process.execPath, args: ['-e', script], ...rest };
}

const STAYS = 'setInterval(() => {}, 1000);';

describe('starting a process', () => {
  it('returns when the line is there, and the process knows nothing but what it was told', async () => {
    const script = `console.log('ready', Object.keys(process.env).sort().join()); ${STAYS}`;
    const part = await launch(node(script, { env: { ONLY: '1' }, ready: { line: /^ready/ } }));
    expect(part.readyLine).toMatch(/^ready (PWD,)?ONLY|^ready ONLY/);
    expect(part.readyLine).not.toContain('HOME');
    await expect(part.stop()).resolves.toEqual({ code: null, signal: 'SIGTERM' });
    expect(processIdentity(part.pid)).toBeUndefined();
  });

  it('returns when a question is answered with yes, however often it failed before', async () => {
    let asked = 0;
    const probe = async () => {
      asked += 1;
      if (asked === 1) throw new Error('nobody listens yet');
      return asked > 2;
    };
    const part = await launch(node(STAYS, { ready: { probe } }));
    expect(asked).toBe(3);
    await part.stop();
  });

  it('fails with its last words if it ends first', async () => {
    const script = `console.error('port 1 is taken'); process.exitCode = 3;`;
    const started = launch(node(script, { ready: { line: /never/ } }));
    await expect(started).rejects.toThrow(/exit code 3[\s\S]*port 1 is taken/);
  });

  it('fails if it is not ready in time, and leaves nothing behind', async () => {
    let pid = 0;
    const onLog = (line: string) => {
      pid = Number(line);
    };
    const script = `console.log(process.pid); ${STAYS}`;
    const started = launch(node(script, { ready: { line: /never/ }, readyWithinMs: 500, onLog }));
    await expect(started).rejects.toThrow(/not ready within 500 ms/);
    expect(pid).toBeGreaterThan(1);
    expect(processIdentity(pid)).toBeUndefined();
  });

  it('a process that does not listen when asked to end is ended with its children', async () => {
    const script = `
      process.on('SIGTERM', () => {});
      const child = require('node:child_process').spawn('sleep', ['60'], { stdio: 'ignore' });
      console.log('child', child.pid); ${STAYS}`;
    const part = await launch(node(script, { ready: { line: /^child/ }, stopWithinMs: 100 }));
    const grandchild = Number(part.readyLine?.split(' ')[1]);
    await expect(part.stop()).resolves.toEqual({ code: null, signal: 'SIGKILL' });
    expect(processIdentity(grandchild)).toBeUndefined();
  });

  it('a program that does not exist, and a name that is no word, are refused', async () => {
    await expect(launch({ name: 'part', program: '/nowhere/x', args: [], ready: { line: /^never/ } })).rejects.toThrow(
      /not found|No such file|exit code 12[67]/,
    );
    await expect(launch({ name: 'two words', program: 'true', args: [] })).rejects.toThrow(/one word/);
  });
});
