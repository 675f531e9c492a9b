import { type Journal, type Log, openJournal } from '@interlock/company-side';
import { type Instant, RefusedCallers, sourcePrefix } from '@interlock/domain';

/** A refusal at this agent, as it is written down: a login that failed, a role that was not there, a form that was not ours. */
export interface RefusedEntry {
  readonly kind: 'refused';
  /** When the minute began. */
  readonly at: Instant;
  /** The person who was logged in, by his name here, or the network that somebody unknown came from. */
  readonly by: string;
  readonly route: string;
  readonly code: string;
  readonly count: number;
}

export interface RefusedHere {
  count(refused: {
    readonly person?: string;
    readonly address: string;
    readonly route: string;
    readonly code: string;
  }): void;
  close(): Promise<void>;
}

/** Anybody can be refused, so what is written of it has a space of its own: when it is full the oldest goes, and nothing else waits for it. */
const MOST_BYTES = 8_000_000;
const RESERVED = 64_000;
const FILE_BYTES = 1_000_000;
const EVERY = 5_000;

/**
 * Refusals of this agent as evidence of its company, hash-chained like all of it: one entry for each caller, route, code and minute, at most a
 * hundred a minute told apart. A crash loses what was counted since the last full minute.
 */
export async function openRefusedHere(dir: string, now: () => Instant, log: Log): Promise<RefusedHere> {
  const limits = { maxBytes: MOST_BYTES, reservedBytes: RESERVED, segmentBytes: FILE_BYTES };
  const journal = await openJournal(dir, limits);
  const counted = new RefusedCallers();
  const write = async (all: boolean) => {
    for (const { at, source, count } of all ? counted.takeAll() : counted.takeOver(now())) {
      const [by = source, route = '', code = ''] = source.split('\t');
      await keep(journal, { kind: 'refused', at, by, route, code, count }, log);
    }
  };
  const timer = setInterval(() => void write(false), EVERY);
  timer.unref();
  return {
    count: ({ person, address, route, code }) =>
      counted.countAs(
        [person === undefined ? sourcePrefix(address) : `person ${person}`, route, code].join('\t'),
        now(),
      ),
    close: async () => {
      clearInterval(timer);
      await write(true);
      await journal.close();
    },
  };
}

async function keep(journal: Journal, entry: RefusedEntry, log: Log): Promise<void> {
  if ((await journal.append(entry)).allowed) return;
  // Of what is full the older half goes.
  journal.markDelivered(Math.floor((journal.delivered + journal.head.sequence) / 2));
  journal.dropDelivered();
  if (!(await journal.append(entry)).allowed)
    log.error({ event: 'evidence.lost', code: entry.code, count: entry.count }, 'refusals cannot be written down');
}
