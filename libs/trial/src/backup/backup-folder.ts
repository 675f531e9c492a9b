import { createHash } from 'node:crypto';
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { copyDatabaseOut } from './copy-out.js';
import { type BackupManifest, MANIFEST, manifest, tableFile } from './manifest.js';

/** One folder of the broker's keys. */
export interface KeyFolder {
  /** Under which it lies in the backup. */
  readonly set: string;
  readonly folder: string;
  /** Which files of it; all, where it is left out. */
  readonly only?: (path: string) => boolean;
}

/**
 * Backs the broker up into a new folder, readable by its owner alone. The folder appears whole or not at all.
 * Whoever holds it can deny and can read what the broker reads; it holds no key of any company, so it can allow nothing.
 *
 * @throws if `out` exists, or the database cannot be read as a whole
 */
export async function backUp(
  adminUrl: string,
  keys: readonly KeyFolder[],
  out: string,
  progress: (what: string) => void,
): Promise<BackupManifest> {
  if (existsSync(out)) throw new Error(`${out} exists; a backup is a new folder`);
  const draft = `${out}.partial`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  const database = await copyDatabaseOut(adminUrl, draft, progress);
  const copied: BackupManifest['keys'] = [];
  for (const { set, folder, only = () => true } of keys) {
    for (const path of filesIn(folder).filter(only)) {
      const name = `${set}/${path}`;
      mkdirSync(dirname(join(draft, 'keys', name)), { recursive: true, mode: 0o700 });
      copyFileSync(join(folder, path), join(draft, 'keys', name));
      copied.push({ path: name, sha256: await digestOfFile(join(draft, 'keys', name)) });
    }
  }
  const made: BackupManifest = manifest.parse({ v: 1, ...database, keys: copied });
  writeFileSync(join(draft, MANIFEST), `${JSON.stringify(made, null, 1)}\n`, { mode: 0o600, flush: true });
  renameSync(draft, out);
  return made;
}

/**
 * Reads a backup's manifest and holds every file against its digest, before anything is done with one.
 *
 * @throws with the file that is missing or was altered
 */
export async function readBackup(folder: string): Promise<BackupManifest> {
  const file = join(folder, MANIFEST);
  if (!existsSync(file)) throw new Error(`${folder} is no backup: it has no ${MANIFEST}`);
  const read = manifest.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!read.success) throw new Error(`${file} is not of a form this release reads: ${z.prettifyError(read.error)}`);
  const files = [
    ...read.data.tables.map((table) => ({ path: tableFile(table), sha256: table.sha256 })),
    ...read.data.keys.map(({ path, sha256 }) => ({ path: `keys/${path}`, sha256 })),
  ];
  for (const { path, sha256 } of files) {
    if (!existsSync(join(folder, path))) throw new Error(`${path} of the backup is missing`);
    if ((await digestOfFile(join(folder, path))) !== sha256) throw new Error(`${path} of the backup was altered`);
  }
  return read.data;
}

/**
 * Lays the keys of one set where they belong. What is there already stays where it is the same.
 *
 * @throws if another key is there: which of the two is right is not ours to guess
 */
export function layKeys(backupFolder: string, backup: BackupManifest, set: string, folder: string): readonly string[] {
  const own = backup.keys.filter(({ path }) => path.startsWith(`${set}/`));
  const pairs = own.map(({ path }) => ({
    from: join(backupFolder, 'keys', path),
    to: join(folder, path.slice(set.length + 1)),
  }));
  for (const { from, to } of pairs) {
    if (existsSync(to) && !readFileSync(to).equals(readFileSync(from))) {
      throw new Error(`${to} is there and is another than in the backup. Move it away, or restore elsewhere`);
    }
  }
  for (const { from, to } of pairs) {
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    if (!existsSync(to)) copyFileSync(from, to);
  }
  return pairs.map(({ to }) => to);
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();

async function digestOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
