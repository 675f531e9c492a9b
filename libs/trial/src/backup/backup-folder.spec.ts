import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { layKeys, readBackup } from './backup-folder.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const TABLE = 'tables/audit.entry.copy';
const KEY = 'keys/broker/log.pem';

let folder: string;
let to: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'interlock-backup-'));
  to = join(folder, 'laid');
  for (const [path, text] of [
    [TABLE, 'rows'],
    [KEY, 'key'],
  ] as const) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  said({});
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes the list of contents, with something of it otherwise. */
function said(over: object): void {
  const table = { schema: 'audit', table: 'entry', columns: ['idx'], rows: 1, sha256: sha256('rows') };
  const keys = [{ path: 'broker/log.pem', sha256: sha256('key') }];
  const whole = { v: 1, takenAt: '2026-11-22T12:00:00Z', migrations: {}, tables: [table], sequences: [], keys };
  writeFileSync(join(folder, 'backup.json'), JSON.stringify({ ...whole, ...over }));
}

describe('a backup', () => {
  it('is read where each file is the one that was written', async () => {
    expect(await readBackup(folder)).toMatchObject({
      tables: [{ table: 'entry' }],
      keys: [{ path: 'broker/log.pem' }],
    });
  });

  it.each([TABLE, KEY])('is none where one byte of %s is another', async (file) => {
    writeFileSync(join(folder, file), 'Xows');
    await expect(readBackup(folder)).rejects.toThrow(`${file} of the backup was altered`);
  });

  it('is none without one of its files, and without its list of contents', async () => {
    rmSync(join(folder, KEY));
    await expect(readBackup(folder)).rejects.toThrow(`${KEY} of the backup is missing`);
    rmSync(join(folder, 'backup.json'));
    await expect(readBackup(folder)).rejects.toThrow('it has no backup.json');
  });

  it.each(['../out.pem', 'broker/../../out.pem', '/etc/out.pem', './log.pem'])(
    'that names the file %s outside of itself is not read',
    async (path) => {
      said({ keys: [{ path, sha256: sha256('key') }] });
      await expect(readBackup(folder)).rejects.toThrow('is not of a form this release reads');
    },
  );
});

describe('the keys of a backup', () => {
  it('are laid where none are, and stay where they are the same', async () => {
    const backup = await readBackup(folder);
    for (const _time of [1, 2]) expect(layKeys(folder, backup, 'broker', to)).toEqual([join(to, 'log.pem')]);
    expect(readFileSync(join(to, 'log.pem'), 'utf8')).toBe('key');
    expect(layKeys(folder, backup, 'other', join(folder, 'none'))).toEqual([]);
  });

  it('take the place of no other key, and none of them is laid then', async () => {
    const backup = await readBackup(folder);
    mkdirSync(to);
    writeFileSync(join(to, 'log.pem'), 'another');
    const more = { ...backup, keys: [{ path: 'broker/first.pem', sha256: sha256('key') }, ...backup.keys] };
    writeFileSync(join(folder, 'keys/broker/first.pem'), 'key');
    expect(() => layKeys(folder, more, 'broker', to)).toThrow('is there and is another than in the backup');
    expect(readFileSync(join(to, 'log.pem'), 'utf8')).toBe('another');
    expect(existsSync(join(to, 'first.pem'))).toBe(false);
  });
});
