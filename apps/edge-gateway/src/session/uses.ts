import { join } from 'node:path';
import { grantId } from '@interlock/contracts';
import { type Approvable, type GrantId, usedUp, usesOf } from '@interlock/domain';
import { appendLines, readLines } from '../lines-on-disk.js';

/** How often each right with a bounded number of sessions was used here; it survives a restart. */
export interface Uses {
  /** The right of a chain that has no use left, if there is one. */
  spent(rights: readonly Approvable[]): GrantId | undefined;
  /** Counts one session for every bounded right of the chain. False where that cannot be written: then nothing may open. */
  take(rights: readonly Approvable[]): boolean;
}

export function countUses(folder: string): Uses {
  const file = join(folder, 'uses');
  const used = new Map<GrantId, number>();
  const count = (right: GrantId) => used.set(right, (used.get(right) ?? 0) + 1);
  // A torn last line is a session that never began: its use was not on disk, so it was not let in.
  for (const line of readLines(file)) {
    const right = grantId.safeParse(line);
    if (right.success) count(right.data);
  }
  return {
    spent: (rights) => usedUp(rights, (right) => used.get(right) ?? 0),
    take(rights) {
      const bounded = rights.filter((right) => usesOf(right) !== null).map((right) => right.id);
      if (bounded.length === 0) return true;
      // Counted before it is written: a disk that fails costs a use, and never gives one away.
      for (const right of bounded) count(right);
      return appendLines(file, bounded);
    },
  };
}
