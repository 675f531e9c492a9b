import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '@interlock/company-side';

/** The plant's own switch: a local, persisted state that nobody outside the plant can lift. */
export interface Lockout {
  isSet(): boolean;
  /** Holds from this call on. Throws where the disk did not take it: then it holds until the gateway ends, and the plant must know. */
  set(reason: string): void;
  lift(): void;
}

/** The file always has this length, so that setting needs no space on a disk that is full. */
const LENGTH = 1_024;
const OPEN = 'open';

/** Reads the lock-out state from the gateway's folder. A file that says anything but `open` counts as locked: unknown is no. */
export function lockout(folder: string): Lockout {
  const file = join(folder, 'lockout');
  if (!existsSync(file)) writeDurably(file, OPEN.padEnd(LENGTH));
  let locked = readFileSync(file, 'utf8').trim() !== OPEN;
  return {
    isSet: () => locked,
    set: (reason) => {
      // In memory first: the sessions stay closed whether or not the disk takes it.
      locked = true;
      overwrite(file, JSON.stringify({ locked: true, reason: reason.slice(0, LENGTH / 8) }));
    },
    lift: () => {
      overwrite(file, OPEN);
      locked = false;
    },
  };
}

/**
 * Closes everything in one step and holds it. The wires go first: a full disk must not keep one alive. `onDisk` is false where a restart
 * would forget the lock-out.
 */
export function closeAndHold(
  lockout: Lockout,
  closeAll: () => number,
  reason: string,
): { readonly closed: number; readonly onDisk: boolean } {
  const closed = closeAll();
  try {
    lockout.set(reason);
    return { closed, onDisk: true };
  } catch {
    return { closed, onDisk: false };
  }
}

/** In place and to the disk. A power cut inside leaves something else than `open`, which is locked. */
function overwrite(file: string, text: string): void {
  const descriptor = openSync(file, 'r+');
  try {
    writeSync(descriptor, Buffer.from(text.padEnd(LENGTH)).subarray(0, LENGTH), 0, LENGTH, 0);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
