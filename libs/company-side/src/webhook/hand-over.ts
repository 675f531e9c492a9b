import type { Taken } from './post.js';

export interface Handing<T> {
  /** What comes next, at most so many; nothing where there is nothing now. */
  readonly next: (most: number) => readonly T[];
  readonly take: (some: readonly T[]) => Promise<Taken>;
  /** They were taken, and are not handed over again. */
  readonly taken: (some: readonly T[]) => void;
  /** Called when they were not, with why and for how long it rests. */
  readonly onWaiting: (why: string, milliseconds: number) => void;
  readonly most: number;
  readonly rest: (milliseconds: number) => Promise<void>;
  readonly stop: AbortSignal;
}

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;

/**
 * Hands over in order, one message at a time: who takes slowly slows down who hands over. What was not taken is tried again for as long as it takes,
 * at most a minute apart or as the receiver asks; what it says is too large comes in halves. Resolves when there is nothing more, or with the signal.
 */
export async function handOver<T>(handing: Handing<T>): Promise<void> {
  let { most } = handing;
  let failures = 0;
  while (!handing.stop.aborted) {
    const some = handing.next(most);
    if (some.length === 0) return;
    const answer = await handing.take(some);
    if (answer.taken) {
      handing.taken(some);
      [failures, most] = [0, handing.most];
      continue;
    }
    if (answer.smaller && some.length > 1) {
      most = Math.ceil(some.length / 2);
      continue;
    }
    const wait = answer.waitMs ?? Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(failures, 16));
    failures += 1;
    handing.onWaiting(answer.why, wait);
    await handing.rest(wait);
  }
}
