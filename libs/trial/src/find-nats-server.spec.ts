import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openCacheFolder } from './cache-folder.js';
import { findNatsServer } from './find-nats-server.js';
import { acceptsNatsServer } from './nats-server-version.js';

let dir: string;
let progress: string[];
const onProgress = (line: string) => void progress.push(line);

function program(path: string, version: string): string {
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o755 });
  writeFileSync(path, `#!/bin/sh\necho "nats-server: v${version}"\n`);
  chmodSync(path, 0o755);
  return path;
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'interlock-spec-'));
  progress = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the version of a nats-server', () => {
  it.each(['2.14.3', '2.14.10', '2.15.1', '2.12.12', '2.12.20', '3.0.0'])('%s may run', (version) => {
    expect(acceptsNatsServer(version)).toBe(true);
  });
  it.each(['2.14.2', '2.13.9', '2.12.11', '2.9.10', '1.99.99', '', 'latest', '2.15', '2.15.1-rc.1'])(
    '%s may not',
    (version) => expect(acceptsNatsServer(version)).toBe(false),
  );
});

describe('where a nats-server is found', () => {
  it('the configured program is taken, or refused with what to do; nothing else is tried', async () => {
    const good = program(join(dir, 'good'), '2.15.1');
    const old = program(join(dir, 'old'), '2.10.27');
    await expect(findNatsServer(dir, onProgress, { configured: good })).resolves.toBe(good);
    await expect(findNatsServer(dir, onProgress, { configured: old })).rejects.toThrow(/2\.10\.27.*2\.14\.3 or later/);
    await expect(findNatsServer(dir, onProgress, { configured: join(dir, 'none') })).rejects.toThrow(/Install/);
  });

  it('one on PATH is taken if its version is accepted, else passed over aloud for the cached one', async () => {
    const good = program(join(dir, 'bin', 'nats-server'), '2.14.3');
    await expect(findNatsServer(dir, onProgress, { searchPath: join(dir, 'bin') })).resolves.toBe(good);
    program(good, '2.9.10');
    const cached = program(join(dir, 'cache', 'nats-server', 'nats-server'), '2.15.1');
    const cache = join(dir, 'cache');
    await expect(findNatsServer(cache, onProgress, { searchPath: join(dir, 'bin') })).resolves.toBe(cached);
    expect(progress).toEqual([expect.stringContaining('passed over: version 2.9.10')]);
  });

  it('a machine without such an archive gets an error that says what to do', async () => {
    const choice = { searchPath: join(dir, 'bin'), etcApt: join(dir, 'etc') };
    await expect(findNatsServer(join(dir, 'cache'), onProgress, choice)).rejects.toThrow(/INTERLOCK_NATS_SERVER/);
  });

  it('an archive that nobody signed is refused by the package manager', async () => {
    mkdirSync(join(dir, 'archive', 'debian', 'dists', 'sid', 'main', 'binary-amd64'), { recursive: true });
    writeFileSync(join(dir, 'archive', 'debian', 'dists', 'sid', 'Release'), 'Suite: sid\nCodename: sid\n');
    writeFileSync(join(dir, 'archive', 'debian', 'dists', 'sid', 'main', 'binary-amd64', 'Packages'), '');
    mkdirSync(join(dir, 'etc'));
    writeFileSync(join(dir, 'etc', 'sources.list'), `deb file:${join(dir, 'archive', 'debian')} sid main\n`);
    const choice = { searchPath: join(dir, 'bin'), etcApt: join(dir, 'etc') };
    await expect(findNatsServer(join(dir, 'cache'), onProgress, choice)).rejects.toThrow(/not signed/);
  }, 60_000);
});

describe('the folder programs are run from', () => {
  it('is made with mode 0755 and not taken if others could have put programs into it', () => {
    const mine = join(dir, 'mine');
    expect(openCacheFolder(mine)).toBe(mine);
    chmodSync(mine, 0o777);
    expect(() => openCacheFolder(mine)).toThrow(/written by others/);
    symlinkSync(mine, join(dir, 'link'));
    expect(() => openCacheFolder(join(dir, 'link'))).toThrow(/not a folder/);
  });
});
