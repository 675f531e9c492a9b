import { pathToFileURL } from 'node:url';
import { ConfigurationError } from '@interlock/contracts';
import { z } from 'zod';
import type { StrokeReading } from '../analytics/advise.js';
import type { Log } from '../running-role.js';
import type { LivePress, VendorAdvice } from './live-press.js';

/**
 * What a module given as PRESS_CALL_ANALYTICS exports under the name `callAnalytics`: it carries the last strokes to the vendor's analytics,
 * as the press itself and without a human, and brings the answer back. A throw is "no answer"; the press goes on either way.
 */
export type CallAnalytics = (
  strokes: readonly StrokeReading[],
  context: { readonly machine: string; readonly signal: AbortSignal },
) => Promise<unknown>;

/** The answer comes from another company and is shown on a console: short, printable, nothing else. */
const Answer = z.object({
  remainingStrokes: z.number().int().min(0).nullable(),
  advice: z
    .string()
    .max(500)
    .regex(/^[^\p{C}]*$/u),
});

/** Loads the hook, or refuses to start where the module cannot be used. */
export async function loadCallAnalytics(file: string): Promise<CallAnalytics> {
  const fault = (what: string) => new ConfigurationError([`PRESS_CALL_ANALYTICS ${file}: ${what}`]);
  const module: unknown = await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw fault(error instanceof Error ? error.message : 'cannot be loaded');
  });
  const hook = (module as Record<string, unknown>).callAnalytics;
  if (typeof hook !== 'function') throw fault('exports no function callAnalytics');
  return hook as CallAnalytics;
}

export interface CallSchedule {
  readonly everyMs: number;
  readonly now: () => number;
}

/** Calls at once and then every period, one call at a time; a call that outlasts its period is aborted. Returns the way to stop. */
export function callEvery(hook: CallAnalytics, press: LivePress, { everyMs, now }: CallSchedule, log: Log): () => void {
  let running: AbortController | undefined;
  const call = async () => {
    // A hook that does not listen to its signal keeps its turn: calls never pile up.
    if (running) return running.abort();
    const mine = new AbortController();
    running = mine;
    press.runTo(now());
    const advice = await adviceOf(hook, press, mine.signal, log);
    running = undefined;
    if (mine.signal.aborted || !advice) return;
    press.advice = advice;
    log('vendor advice', { remainingStrokes: advice.remainingStrokes ?? -1 });
  };
  const timer = setInterval(() => void call(), everyMs);
  void call();
  return () => {
    clearInterval(timer);
    running?.abort();
  };
}

async function adviceOf(
  hook: CallAnalytics,
  press: LivePress,
  signal: AbortSignal,
  log: Log,
): Promise<VendorAdvice | undefined> {
  try {
    const answer = Answer.safeParse(await hook(press.strokes, { machine: press.settings.machine, signal }));
    if (answer.success) return answer.data;
    log('vendor advice refused', { reason: 'the answer is not an advice' });
  } catch (error) {
    log('vendor analytics not reached', { reason: error instanceof Error ? error.message : 'unknown' });
  }
  return undefined;
}
