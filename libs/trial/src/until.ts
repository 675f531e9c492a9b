import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again every few milliseconds until the answer is yes.
 *
 * @param withinMs how long to ask, in milliseconds
 * @returns false if the time was up first
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
  everyMs = 20,
): Promise<boolean> {
  const end = performance.now() + withinMs;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() >= end) return false;
    await pause(everyMs);
  }
}
