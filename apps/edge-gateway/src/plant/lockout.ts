import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '@interlock/company-side';

/** The plant's own switch: a local, persisted state that nobody outside the plant can lift. */
export interface Lockout {
  isSet(): boolean;
  set(reason: string): void;
  lift(): void;
}

/** Reads the lock-out state from the gateway's folder. A file that cannot be read counts as locked: unknown is no. */
export function lockout(folder: string): Lockout {
  const file = join(folder, 'lockout.json');
  let locked = existsSync(file);
  return {
    isSet: () => locked,
    set: (reason) => {
      // In memory first: the sessions are closed whether or not the disk takes the file.
      locked = true;
      writeDurably(file, JSON.stringify({ locked: true, reason }));
    },
    lift: () => {
      rmSync(file, { force: true });
      locked = false;
    },
  };
}
