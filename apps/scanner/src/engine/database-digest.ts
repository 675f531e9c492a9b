import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '@interlock/domain';

interface Known {
  readonly print: string;
  readonly digest: Digest;
}

/**
 * What tells one signature database from another: SHA-256 over names and contents of its files, in the order of their names. Read again only
 * when name, size or time of a file has changed.
 */
export class DatabaseDigest {
  private known: Known | undefined;

  constructor(private readonly folder: string) {}

  /** Nothing where the folder cannot be read or holds no file: a verdict without it is not clean. */
  now(): Digest | undefined {
    try {
      const names = readdirSync(this.folder).sort();
      const print = names.map((name) => `${name} ${stamp(join(this.folder, name))}`).join('\n');
      if (this.known?.print !== print) this.known = { print, digest: digestOf(this.folder, names) };
      return names.length === 0 ? undefined : this.known?.digest;
    } catch {
      return undefined;
    }
  }
}

function stamp(file: string): string {
  const { size, mtimeMs, ino } = statSync(file);
  return `${size} ${mtimeMs} ${ino}`;
}

function digestOf(folder: string, names: readonly string[]): Digest {
  const whole = createHash('sha256');
  for (const name of names) {
    whole.update(
      `${name}\0${createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex')}\n`,
    );
  }
  return `sha256:${whole.digest('base64url')}` as Digest;
}
