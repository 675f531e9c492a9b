import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import {
  BrokerUnavailable,
  type Handing,
  handOver,
  type Journal,
  layout,
  openJournal,
  postTo,
  type Taken,
  webhookHeaders,
} from '@interlock/company-side';
import type { Agent } from '../agent.js';
import { inRounds } from '../in-rounds.js';
import { type Found, type News, SOURCES } from './news.js';
import type { Webhook } from './webhook-of.js';

/** What finds no room is told all the same, and again after a restart. */
const LIMITS = { maxBytes: 64_000_000, reservedBytes: 0 };

interface Waiting {
  readonly news: News;
  /** Its place in the journal; none where the disk did not take it. */
  readonly sequence?: number;
}

export interface NewsTeller {
  /** Something may be new. */
  look(): void;
  close(): Promise<void>;
}

/**
 * Tells the company its news at its own address: signed, in order, one at a time, for as long as it takes. What was found is on the disk before
 * it goes out and is struck off after it was taken, so killed anywhere, at most the last one comes twice, under the same `webhook-id`.
 */
export async function tellNews(agent: Agent, webhook: Webhook): Promise<NewsTeller> {
  const journal = await openJournal(join(layout(agent.dir).state, 'webhook'), LIMITS);
  const { told, waiting } = await readBack(journal);
  const stop = new AbortController();
  const failed = (error: unknown) => agent.log.error({ event: 'webhook.failed' }, 'news could not be told', error);
  const handing = inRounds(() => handOver(handingOf(agent, webhook, { journal, waiting, stop: stop.signal })));
  const deliver = () => void handing().catch(failed);
  const keep = async (found: Found) => {
    if (told.has(found.id)) return;
    const news = { ...found, at: agent.now() };
    const kept = await journal.append(news);
    told.add(news.id);
    // A full disk keeps no news back.
    waiting.push({ news, ...(kept.allowed && { sequence: kept.value.sequence }) });
  };
  const search = inRounds(async () => {
    for (const source of SOURCES) {
      try {
        for (const found of await source(agent, (id) => told.has(id))) await keep(found);
      } catch (error) {
        if (!(error instanceof BrokerUnavailable)) failed(error);
      }
      deliver();
    }
  });
  deliver();
  return {
    look: () => void (stop.signal.aborted || search()),
    close: () => {
      stop.abort();
      return journal.close();
    },
  };
}

interface Desk {
  readonly journal: Journal;
  readonly waiting: Waiting[];
  readonly stop: AbortSignal;
}

const handingOf = (agent: Agent, webhook: Webhook, { journal, waiting, stop }: Desk): Handing<Waiting> => ({
  next: (most) => waiting.slice(0, most),
  take: ([one]) => post(agent, webhook, one),
  taken: () => {
    const sequence = waiting.shift()?.sequence;
    // After the end another process may own the folder; it tells this one again.
    if (sequence !== undefined && !stop.aborted) journal.markDelivered(sequence);
  },
  onWaiting: (detail, milliseconds) =>
    agent.log.warn({ event: 'webhook.waiting', detail, milliseconds }, 'the webhook took nothing'),
  most: 1,
  rest: (milliseconds) => rest(milliseconds, undefined, { signal: stop }).catch(() => undefined),
  stop,
});

/** What was told before, and what of it was not taken. Only this module writes in its journal. */
async function readBack(journal: Journal): Promise<{ told: Set<string>; waiting: Waiting[] }> {
  const told = new Set<string>();
  const waiting: Waiting[] = [];
  for await (const { entry, sequence } of journal.readFrom(1)) {
    const news = entry as News;
    told.add(news.id);
    if (sequence > journal.delivered) waiting.push({ news, sequence });
  }
  return { told, waiting };
}

/** `type`, `timestamp` and `data` are the payload that Standard Webhooks 1.0.0 recommends. */
function post(agent: Agent, { to, key, tls }: Webhook, waiting: Waiting | undefined): Promise<Taken> {
  if (!waiting) throw new RangeError('there is nothing to tell');
  const { id, type, at, data } = waiting.news;
  const body = Buffer.from(JSON.stringify({ type, timestamp: new Date(at).toISOString(), data }));
  const headers = webhookHeaders(key, { id, body }, agent.now());
  return postTo(to, tls, body, { 'content-type': 'application/json', ...headers });
}
