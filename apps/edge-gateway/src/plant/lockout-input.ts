import { readFile } from 'node:fs/promises';

export interface LockoutInputOptions {
  /** A file that says whether the gateway may work: a GPIO line of the kernel, or one that a controller of the plant writes. */
  readonly file: string;
  /** What it says while the gateway may work. Anything else, or nothing, trips. */
  readonly released: string;
  /** Called once for every time it trips. */
  readonly onTrip: (why: string) => void;
}

export interface LockoutInput {
  readonly isTripped: () => boolean;
  stop(): void;
}

const EVERY = 50;
/** A read that takes longer is no answer. Milliseconds. */
const NO_ANSWER = 500;

/**
 * Watches the plant's own input, wired like an emergency stop: a broken wire, a missing file and a controller that does not answer all mean
 * that it was pressed. Polled, since the kernel tells nobody of a change in a GPIO line's file. Letting go of it lifts nothing.
 */
export function watchLockoutInput(options: LockoutInputOptions): LockoutInput {
  let tripped = false;
  let stopped = false;
  let asked: number | undefined;
  const heard = (said: string | undefined) => {
    asked = undefined;
    const now = said?.trim() !== options.released;
    const newly = now && !tripped;
    tripped = now;
    if (newly && !stopped) options.onTrip(said === undefined ? 'the input cannot be read' : 'the input says stop');
  };
  const look = () => {
    if (asked !== undefined && performance.now() - asked > NO_ANSWER && !tripped) {
      tripped = true;
      options.onTrip('the input does not answer');
    }
    if (asked !== undefined) return;
    asked = performance.now();
    readFile(options.file, 'utf8').then(heard, () => heard(undefined));
  };
  look();
  const timer = setInterval(look, EVERY);
  return {
    isTripped: () => tripped,
    stop: () => {
      stopped = true;
      clearInterval(timer);
    },
  };
}
