import { type AccountFeed, askOwnService, readAccountFeed } from '@interlock/company-side';
import { z } from 'zod';
import type { Agent } from '../agent.js';
import type { EventFault } from './take-event.js';

const answer = z.looseObject({
  sets: z.record(z.string(), z.string()).default({}),
  moreAvailable: z.boolean().optional(),
});

const EVERY = 5_000;
const MOST = 100;
/** A hundred signed events are some 200 KiB. */
const BOUNDS = { within: 5_000, longest: 1_000_000 };

type Take = (signals: NonNullable<AccountFeed['signals']>, token: string) => Promise<EventFault | undefined>;

/** Fetches events from where the provider keeps them (RFC 8936), for a company whose agent nobody outside can reach. */
export function pollEvents(agent: Agent, take: Take): { once(): Promise<void>; close(): void } {
  let [ack, setErrs]: [string[], Record<string, EventFault>] = [[], {}];
  let running: Promise<void> | undefined;
  const round = async (): Promise<void> => {
    const feed = readAccountFeed(agent.dir);
    const { signals, pollToken } = feed ?? {};
    if (!signals?.poll) return;
    for (let more = true; more; ) {
      const told = { maxEvents: MOST, returnImmediately: true, ack, setErrs };
      const asked = await askOwnService({ at: signals.poll, token: pollToken }, told, BOUNDS);
      const { sets, moreAvailable = false } = answer.parse(asked);
      [ack, setErrs] = [[], {}];
      for (const [jti, token] of Object.entries(sets).slice(0, MOST)) {
        const fault = await take(signals, token);
        // Acknowledged with the next request, after it has taken effect: a crash between brings it again, and it is known then.
        if (fault) setErrs[jti] = fault;
        else ack.push(jti);
      }
      more = moreAvailable || ack.length > 0 || Object.keys(setErrs).length > 0;
    }
  };
  const once = (): Promise<void> => {
    running ??= round()
      .catch((error: unknown) => agent.log.warn({ event: 'account.poll' }, 'no events from the provider', error))
      .finally(() => {
        running = undefined;
      });
    return running;
  };
  const timer = setInterval(() => void once(), EVERY);
  return { once, close: () => clearInterval(timer) };
}
