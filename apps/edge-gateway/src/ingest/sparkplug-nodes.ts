import type { Push, ReadEvent } from '@interlock/contracts';
import {
  type BirthState,
  type Decision,
  type Instant,
  LARGEST_EVENT,
  type MachineEvent,
  NO_BIRTH,
  parseLocalId,
  parseOrganisationId,
  type ResourceRef,
  readSparkplug,
  readSparkplugTopic,
  refuse,
  type SparkplugMetric,
  type SparkplugPayload,
  type Thumbprint,
} from '@interlock/domain';
import sparkplug from 'sparkplug-payload';
import { z } from 'zod';
import type { PushOutcome } from '../flow/push-queue.js';

const codec = sparkplug.get('spBv1.0');
const PATH = /^\/v1\/machines\/([^/]+)\/([^/]+)\/sparkplug\/(.{1,512})$/;
/** Edge nodes whose births are remembered; the one that was silent longest is forgotten first. */
const MOST_NODES = 1_000;

/** 64 bit numbers come as objects of the codec; a value that is neither text, number nor truth is none we carry. */
const long = z.union([z.number(), z.looseObject({ low: z.number() })]).transform(String);
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const metric = z.object({
  name: z.string().nullish(),
  alias: long.nullish(),
  timestamp: long.nullish(),
  isNull: z.boolean().nullish(),
  value: z.unknown(),
});
const payload = z.object({
  timestamp: long.nullish(),
  seq: long.nullish(),
  metrics: z.array(metric).max(2_000).nullish(),
});

/** What came of one event of a push. */
export interface Judged {
  readonly one: Pick<ReadEvent, 'source' | 'id'>;
  readonly outcome: Decision<PushOutcome>;
}

type Judge = (event: MachineEvent) => Promise<Decision<PushOutcome>>;

/** The birth certificates of the edge nodes that push here, one message of a node after the other. Forgotten at a restart: births come again. */
export class SparkplugNodes {
  private readonly states = new Map<string, BirthState>();
  private readonly turns = new Map<string, Promise<unknown>>();

  async take(push: Push, leaf: Thumbprint, now: Instant, judge: Judge): Promise<readonly Judged[]> {
    const [, owner, machine, topic] = PATH.exec(decodeURI(push.path)) ?? [];
    const resource = machineOf(owner, machine);
    if (!resource || topic === undefined) return [refusedAs('', '', refuse('source_malformed', { clause: 'path' }))];
    const source = `//${resource.owner}/${resource.id}`;
    const read = readSparkplugTopic(topic);
    if (!read.allowed) return [refusedAs(source, topic, read)];
    // Of another presenter's node nothing is believed, also if it has the same name.
    const node = [leaf, source, read.value.group, read.value.node].join(' ');
    const turn = (this.turns.get(node) ?? Promise.resolve()).then(async (): Promise<readonly Judged[]> => {
      const decoded = decode(push.body);
      if (!decoded) return [refusedAs(source, topic, refuse('event_malformed', { clause: 'payload' }))];
      const before = this.states.get(node) ?? NO_BIRTH;
      const step = readSparkplug(before, read.value, decoded, resource, now);
      if (!step.read.allowed) {
        this.remember(node, step.state);
        return [refusedAs(source, topic, step.read)];
      }
      const outcome = step.read.value && (await judge(step.read.value));
      // What must come again comes again in its order.
      if (!outcome || outcome.allowed) this.remember(node, step.state);
      return outcome ? [{ one: { source, id: step.read.value?.id ?? topic }, outcome }] : [];
    });
    this.turns.set(node, turn);
    return turn.finally(() => {
      if (this.turns.get(node) === turn) this.turns.delete(node);
    });
  }

  private remember(node: string, state: BirthState): void {
    this.states.delete(node);
    this.states.set(node, state);
    for (const oldest of this.states.keys()) {
      if (this.states.size <= MOST_NODES) return;
      this.states.delete(oldest);
    }
  }
}

const refusedAs = (source: string, id: string, outcome: Decision<never>): Judged => ({ one: { source, id }, outcome });

function machineOf(owner = '', machine = ''): ResourceRef | undefined {
  const organisation = parseOrganisationId(owner);
  const id = parseLocalId(decodeURIComponent(machine));
  return organisation && id ? { owner: organisation, id } : undefined;
}

/** Undefined for anything that is no payload. */
function decode(bytes: Uint8Array): SparkplugPayload | undefined {
  if (bytes.length > LARGEST_EVENT || !codec) return undefined;
  try {
    const { timestamp, seq, metrics } = payload.parse(codec.decodePayload(bytes));
    return { timestamp: numberOf(timestamp), seq: numberOf(seq), metrics: (metrics ?? []).map(metricOf) };
  } catch {
    return undefined;
  }
}

function metricOf({ name, alias, timestamp, isNull, value }: z.infer<typeof metric>): SparkplugMetric {
  const plain = scalar.safeParse(value);
  const wide = long.safeParse(value);
  const text = plain.success ? plain.data : wide.success ? wide.data : null;
  return { name: name ?? null, alias: alias ?? null, timestamp: numberOf(timestamp), value: isNull ? null : text };
}

const numberOf = (text: string | null | undefined): number | null => (text ? Number(text) : null);
