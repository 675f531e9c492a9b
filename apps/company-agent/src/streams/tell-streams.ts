import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import {
  handOver,
  layout,
  openJournal,
  postTo,
  readSignalStreams,
  type SignalStream,
  TAKEN,
} from '@interlock/company-side';
import type { LocalId } from '@interlock/domain';
import { z } from 'zod';
import type { Agent } from '../agent.js';
import { inRounds } from '../in-rounds.js';
import { eventToken, verificationToken } from './sign-event.js';
import { toTell } from './to-tell.js';

const LIMITS = { maxBytes: 64_000_000, reservedBytes: 0 };
const MOST_VERIFICATIONS = 10;
const line = z.union([
  z.strictObject({ stream: z.string(), jti: z.string(), token: z.string() }),
  z.strictObject({ gone: z.string() }),
]);

/** What a company tells others of its own subjects: kept until it was taken, whoever fetches it or is pushed it. */
export interface Streams {
  /** Something may be new. */
  look(): void;
  /** The receivers as they are set up now. */
  all(): readonly SignalStream[];
  /** The next that this receiver has not acknowledged, oldest first, and whether there are more. */
  waiting(
    stream: LocalId,
    most: number,
  ): { readonly sets: readonly (readonly [string, string])[]; readonly more: boolean };
  /** They were taken, or refused for good: they are not handed out again. */
  done(stream: LocalId, jtis: readonly string[]): Promise<void>;
  /** Puts a verification event into the stream; false where the receiver has too many of them waiting. */
  verify(stream: SignalStream, state: string | undefined): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Opens what is to be told. An event is signed once and is on the disk before it goes out; which were told is known by their names, so that a
 * restart anywhere tells nothing twice under two names and leaves nothing out.
 */
export async function tellStreams(agent: Agent): Promise<Streams> {
  const desk = await openDesk(agent);
  const all = () => readSignalStreams(agent.dir);
  const push = pusher(agent, desk);
  const search = inRounds(async () => {
    try {
      for (const stream of all()) {
        for (const { jti, txn, told } of toTell(agent, stream))
          if (!desk.knows(jti)) await desk.keep(stream.id, jti, await eventToken(agent, stream, told, jti, txn));
        push(stream);
      }
    } catch (error) {
      desk.failed(error);
    }
  });
  const look = () => void (desk.stop.aborted || search());
  look();
  return {
    ...{ look, all, done: desk.done, close: desk.close },
    waiting: (stream, most) => {
      const sets = [...desk.of(stream)].slice(0, most);
      return { sets, more: desk.of(stream).size > sets.length };
    },
    verify: async (stream, state) => {
      const asked = [...desk.of(stream.id).keys()].filter((jti) => jti.startsWith('verify-')).length;
      if (asked >= MOST_VERIFICATIONS) return false;
      const jti = `verify-${agent.newSecret()}`;
      await desk.keep(stream.id, jti, await verificationToken(agent, stream, state, jti));
      push(stream);
      return true;
    },
  };
}

/** What waits for each receiver, on the disk and here. */
async function openDesk(agent: Agent): Promise<Desk> {
  const journal = await openJournal(join(layout(agent.dir).state, 'streams'), LIMITS);
  const known = new Set<string>();
  const held = new Map<string, Map<string, string>>();
  const of = (stream: string) => {
    const one = held.get(stream) ?? new Map<string, string>();
    held.set(stream, one);
    return one;
  };
  const hold = (stream: string, jti: string, token: string) => {
    known.add(jti);
    of(stream).set(jti, token);
  };
  for await (const { entry } of journal.readFrom(1)) {
    const { data } = line.safeParse(entry);
    if (data && 'gone' in data) for (const one of held.values()) one.delete(data.gone);
    else if (data) hold(data.stream, data.jti, data.token);
  }
  const stop = new AbortController();
  return {
    of,
    knows: (jti) => known.has(jti),
    keep: async (stream, jti, token) => {
      hold(stream, jti, token);
      await journal.append({ stream, jti, token });
    },
    done: async (stream, jtis) => {
      for (const jti of jtis) if (of(stream).delete(jti)) await journal.append({ gone: jti });
    },
    stop: stop.signal,
    failed: (error) => agent.log.error({ event: 'stream.failed' }, 'events could not be told', error),
    close: () => {
      stop.abort();
      return journal.close();
    },
  };
}

interface Desk {
  readonly of: (stream: string) => Map<string, string>;
  readonly knows: (jti: string) => boolean;
  readonly keep: (stream: string, jti: string, token: string) => Promise<void>;
  readonly close: () => Promise<void>;
  readonly done: Streams['done'];
  readonly stop: AbortSignal;
  readonly failed: (error: unknown) => void;
}

/** Pushes (RFC 8935) in order, for as long as it takes; what the receiver answers 400 to is wrong for good and goes no more. */
function pusher(agent: Agent, { of, done, stop, failed }: Desk): (stream: SignalStream) => void {
  const running = new Map<string, () => Promise<void>>();
  const headers = { 'content-type': 'application/secevent+jwt', accept: 'application/json' };
  const rounds = (id: LocalId) =>
    inRounds(async () => {
      const now = () => readSignalStreams(agent.dir).find((one) => one.id === id);
      await handOver<readonly [string, string]>({
        next: () => (now()?.push ? [...of(id)].slice(0, 1) : []),
        take: async ([one]) => {
          const stream = now();
          if (!one || !stream?.push) return TAKEN;
          const bearer: Record<string, string> = stream.token ? { authorization: `Bearer ${stream.token}` } : {};
          const sent = await postTo(new URL(stream.push), {}, Buffer.from(one[1]), { ...headers, ...bearer });
          if (sent.taken || sent.status !== 400) return sent;
          agent.log.error({ event: 'stream.refused', detail: id }, 'a receiver took an event for a wrong one');
          return TAKEN;
        },
        taken: (some) =>
          void done(
            id,
            some.map(([jti]) => jti),
          ).catch(failed),
        onWaiting: (detail, milliseconds) =>
          agent.log.warn({ event: 'stream.waiting', detail, milliseconds }, 'a receiver took nothing'),
        most: 1,
        rest: (milliseconds) => rest(milliseconds, undefined, { signal: stop }).catch(() => undefined),
        stop,
      });
    });
  return ({ id, push }) => {
    if (push === null) return;
    const round = running.get(id) ?? rounds(id);
    running.set(id, round);
    void round().catch(failed);
  };
}
