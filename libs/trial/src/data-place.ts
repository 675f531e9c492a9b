import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { passable } from './reachable.js';
import type { RunAs } from './run-as.js';

/**
 * The folder where a server that runs as another user can keep its data: `dir` itself where that user can walk to it,
 * else a private folder in the cache, named in `dir/elsewhere`. Removing `dir` means starting afresh either way.
 *
 * @returns a folder with mode 0700 that belongs to the server's user
 */
export function dataPlace(dir: string, runAs: RunAs | undefined, cacheDir: string): string {
  mkdirSync(dirname(dir), { recursive: true, mode: 0o711 });
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (runAs === undefined) return dir;
  if (passable(dirname(realpathSync(dir)))) return own(dir, runAs);
  sweep(cacheDir);
  const origin = realpathSync(dir);
  const far = join(cacheDir, `data-${createHash('sha256').update(origin).digest('hex').slice(0, 24)}`);
  mkdirSync(far, { recursive: true, mode: 0o700 });
  writeFileSync(`${far}.origin`, `${origin}\n`, { mode: 0o600 });
  writeFileSync(join(dir, 'elsewhere'), `${far}\n`);
  return own(far, runAs);
}

/** Removes the data of folders that are gone, or were removed and made anew. */
function sweep(cacheDir: string): void {
  for (const name of readdirSync(cacheDir).filter((entry) => entry.endsWith('.origin'))) {
    const far = join(cacheDir, name.slice(0, -'.origin'.length));
    const pointer = join(readFileSync(join(cacheDir, name), 'utf8').trim(), 'elsewhere');
    if (existsSync(pointer) && readFileSync(pointer, 'utf8').trim() === far) continue;
    rmSync(far, { recursive: true, force: true });
    rmSync(join(cacheDir, name), { force: true });
  }
}

function own(folder: string, { uid, gid }: RunAs): string {
  chownSync(folder, uid, gid);
  chmodSync(folder, 0o700);
  return folder;
}
