import type { Instant } from '@interlock/domain';

/** Counts tries by name inside a window of time. */
export interface Attempts {
  /** Counts one try; false when there were too many. */
  mayTry(name: string, now: Instant): boolean;
  succeeded(name: string): void;
}

const MOST_NAMES = 10_000;

/** At most `most` tries per `window` milliseconds and name. Memory is bounded: the oldest names are forgotten first. */
export function countAttempts(most: number, window: number): Attempts {
  const tries = new Map<string, number[]>();
  return {
    mayTry: (name, now) => {
      const recent = (tries.get(name) ?? []).filter((at) => at > now - window);
      tries.delete(name);
      tries.set(name, [...recent, now].slice(-most - 1));
      if (tries.size > MOST_NAMES) tries.delete(tries.keys().next().value ?? '');
      return recent.length < most;
    },
    succeeded: (name) => void tries.delete(name),
  };
}
