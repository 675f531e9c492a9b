import { Agent, request } from 'node:https';
import { connect } from 'node:tls';
import { type Leaf, peerThumbprint } from '@interlock/company-side';
import { pushAnswer, REFUSALS, type RefusalCode } from '@interlock/contracts';
import { allow, type Decision, LARGEST_EVENT, refuse, type Thumbprint } from '@interlock/domain';
import { batched, type Numbered } from './batched.js';

/** A gateway's door for collectors. */
export interface EventDoor {
  readonly host: string;
  readonly port: number;
  /** Thumbprint of the gateway's own key: data goes to nobody else. */
  readonly gateway: Thumbprint;
  /** The collector's certified key; asked for at every new connection. */
  readonly leaf: () => Promise<Leaf>;
}

export interface RefusedEvent {
  readonly at: number;
  readonly code: string;
  /** What to change before it is pushed again. */
  readonly change: string | undefined;
}

export interface PushReport {
  readonly accepted: number;
  /** Taken before, under the same `source` and `id`; nothing happened again. */
  readonly repeated: number;
  readonly refused: number;
}

export interface PushOptions {
  readonly door: EventDoor;
  /** Called for each event that was not taken; the others go on. */
  readonly onRefused: (event: RefusedEvent) => void;
  /** Called after every push that was answered. */
  readonly onProgress?: (report: PushReport) => void;
  /** Called when the same push must wait and go again, with the reason. */
  readonly onWaiting?: (why: string) => void;
  /** Rests so many milliseconds, or until the signal. */
  readonly rest: (ms: number) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** An event that stands alone this long is not held back for others. Milliseconds. */
const LINGER = 100;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
const ANSWER_WITHIN = 30_000;

/**
 * Pushes CloudEvents in their order, as many together as the door takes at once (64 KiB). What the door answered `accepted` is on the gateway's
 * disk. What it could not take now (429, 503, no answer) goes again, unchanged, until it is answered: `source` and `id` make that one effect.
 *
 * Refused as a whole where the door does not know the collector, or is not the gateway. After the signal it ends with what was answered till then.
 */
export async function pushEvents(events: AsyncIterable<Numbered>, options: PushOptions): Promise<Decision<PushReport>> {
  const agent = agentFor(options.door);
  const report = { accepted: 0, repeated: 0, refused: 0 };
  const refused = (event: RefusedEvent) => {
    report.refused += 1;
    options.onRefused(event);
  };
  try {
    for await (const batch of batched(events, { bytes: LARGEST_EVENT, linger: () => options.rest(LINGER) })) {
      for (const { at } of batch.tooLarge)
        refused({ at, code: 'event_too_large', change: REFUSALS.event_too_large.title });
      const answered = batch.texts.length > 0 ? await untilAnswered(agent, batch.texts, options) : allow([]);
      if (!answered.allowed) return answered;
      if (options.signal?.aborted) break;
      for (const [n, { code, change }] of answered.value.entries()) {
        if (code === 'accepted' || code === 'repeated') report[code] += 1;
        else refused({ at: batch.numbers[n] ?? 0, code, change });
      }
      options.onProgress?.(report);
    }
    return allow(report);
  } finally {
    agent.destroy();
  }
}

type Outcomes = readonly { readonly code: string; readonly change?: string | undefined }[];

async function untilAnswered(
  agent: Agent,
  texts: readonly string[],
  options: PushOptions,
): Promise<Decision<Outcomes>> {
  const body = `[${texts.join(',')}]`;
  const taken = new Set<number>();
  for (let pause = FIRST_PAUSE; !options.signal?.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const { answered, fault } = await pushOnce(agent, options.door, body);
    if (fault instanceof WrongDoor) return refuse('unknown_key', { clause: 'door', detail: fault.message });
    if (answered) {
      const outcomes = outcomesOf(answered.body);
      const isLater = answered.status === 503 || answered.status === 429;
      if (!isLater) return outcomes.allowed ? allow(outcomes.value.map(asFirst(taken))) : outcomes;
      // Some of a push may be taken while others wait.
      if (outcomes.allowed) for (const [n, { code }] of outcomes.value.entries()) if (code === 'accepted') taken.add(n);
    }
    options.onWaiting?.(answered ? waitingWords(answered.status) : `the door does not answer (${fault?.message})`);
    await options.rest(answered ? Math.max(answered.comeAgainMs, FIRST_PAUSE) : pause);
  }
  return allow([]);
}

/** An event that went again counts as what it was when it was taken. */
const asFirst =
  (taken: ReadonlySet<number>) =>
  (one: Outcomes[number], n: number): Outcomes[number] =>
    one.code === 'repeated' && taken.has(n) ? { code: 'accepted' } : one;

const waitingWords = (status: number): string =>
  status === 429
    ? 'the door asks for a pause'
    : 'the gateway cannot keep more now: its region or its disk is not there';

/** One outcome for each event, or what was wrong with all of them. */
function outcomesOf(body: unknown): Decision<Outcomes> {
  const answered = pushAnswer.safeParse(body);
  if (answered.success) return allow(answered.data.events);
  const { code, title } = body as { code?: unknown; title?: unknown };
  if (typeof code !== 'string') throw new Error('the door answered with something that is no answer of a gateway');
  return refuse(code as RefusalCode, { ...(typeof title === 'string' && { detail: title }) });
}

interface Answered {
  readonly status: number;
  readonly comeAgainMs: number;
  readonly body: unknown;
}

/** The answer, or why there is none. */
type Tried =
  | { readonly answered: Answered; readonly fault?: never }
  | { readonly answered?: never; readonly fault: Error };

function pushOnce(agent: Agent, { host, port }: EventDoor, body: string): Promise<Tried> {
  return new Promise((resolve) => {
    const failed = (fault: Error) => resolve({ fault });
    const headers = { 'content-type': 'application/cloudevents-batch+json', 'content-length': Buffer.byteLength(body) };
    const asked = request({ host, port, path: '/v1/events', method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', failed);
      response.on('end', () => {
        try {
          const text: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
          const comeAgainMs = Number(response.headers['retry-after'] ?? 0) * 1000 || 0;
          resolve({ answered: { status: response.statusCode ?? 0, comeAgainMs, body: text } });
        } catch (cause) {
          failed(cause as Error);
        }
      });
    });
    asked.setTimeout(ANSWER_WITHIN, () => asked.destroy(new Error('no answer in time')));
    asked.on('error', failed);
    asked.end(body);
  });
}

class WrongDoor extends Error {}

/** One connection at a time, so that events keep their order; nothing is written to it before the key at its other end is the gateway's. */
function agentFor({ host, port, gateway, leaf }: EventDoor): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = (_options, connected) => {
    const open = ({ cert, key }: Leaf) => {
      // No authority is asked about the certificate: the key itself is what counts.
      const socket = connect({ host, port, cert, key, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
      socket.once('error', (fault) => connected?.(fault, socket));
      socket.once('secureConnect', () => {
        if (peerThumbprint(socket) === gateway) return connected?.(null, socket);
        socket.destroy();
        return connected?.(new WrongDoor('who answers there does not hold the key of your gateway'), socket);
      });
    };
    leaf().then(open, (fault: Error) => connected?.(fault, undefined as never));
    return undefined;
  };
  return agent;
}
