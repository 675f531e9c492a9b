import { allow, type Decision, refuse } from '../decision.js';
import type { Instant } from '../instant.js';
import type { ResourceRef } from '../names.js';
import { type EventRefusal, type MachineEvent, plausibleTime, type Reading } from './machine-event.js';

/** A metric of a decoded payload (Sparkplug 3.0, 6.4.6). Aliases and times are decimal texts: they are 64 bit wide. */
export interface SparkplugMetric {
  readonly name: string | null;
  readonly alias: string | null;
  /** Milliseconds since the epoch. */
  readonly timestamp: number | null;
  readonly value: string | number | boolean | null;
}

export interface SparkplugPayload {
  readonly timestamp: number | null;
  /** 0 to 255; null where the message type has none. */
  readonly seq: number | null;
  readonly metrics: readonly SparkplugMetric[];
}

export type SparkplugRefusal =
  | EventRefusal
  | 'command_refused'
  | 'alias_without_birth'
  | 'birth_missing'
  | 'sequence_broken';

/** What the birth certificates of one edge node said: the names behind aliases, for the node (`''`) and for each device. */
export interface BirthState {
  /** The sequence number that must come next; null before a birth and after a loss. */
  readonly next: number | null;
  readonly births: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

export const NO_BIRTH: BirthState = { next: null, births: new Map() };

export interface SparkplugTopic {
  readonly group: string;
  readonly type: 'NBIRTH' | 'NDEATH' | 'DBIRTH' | 'DDEATH' | 'NDATA' | 'DDATA';
  readonly node: string;
  /** Empty for the edge node itself. */
  readonly device: string;
}

const TYPES = new Set(['NBIRTH', 'NDEATH', 'DBIRTH', 'DDEATH', 'NDATA', 'DDATA']);
const COMMANDS = new Set(['NCMD', 'DCMD', 'STATE']);
const MOST_ALIASES = 10_000;
const MOST_DEVICES = 1_000;
/** Metrics with which a host commands a node; a birth names them, and their values are no telemetry. */
const CONTROLS = /^(Node|Device) Control\//;

/**
 * Reads `spBv1.0/group/type/node[/device]`. Commands, also the one that asks for a rebirth, are refused here whatever they hold: a right to collect
 * data opens no way back to the machine.
 */
export function readSparkplugTopic(topic: string): Decision<SparkplugTopic, SparkplugRefusal> {
  const [space, group, type, node, device = '', ...rest] = topic.length <= 512 ? topic.split('/') : [];
  if (space !== 'spBv1.0' || !group || !type || rest.length > 0) return refuse('event_malformed', { clause: 'topic' });
  if (COMMANDS.has(type) || group === 'STATE') return refuse('command_refused', { clause: type });
  if (!TYPES.has(type) || !node || type.startsWith('D') !== (device !== ''))
    return refuse('event_malformed', { clause: 'topic' });
  return allow({ group, type: type as SparkplugTopic['type'], node, device });
}

export interface SparkplugStep {
  readonly state: BirthState;
  readonly read: Decision<MachineEvent | undefined, SparkplugRefusal>;
}

/**
 * Takes one message of one edge node. Aliases mean what the last birth said; after a lost message nothing is believed until the node is
 * born again.
 * A metric that is refused for its content does not undo the order of its message.
 */
export function readSparkplug(
  state: BirthState,
  topic: SparkplugTopic,
  payload: SparkplugPayload,
  machine: ResourceRef,
  now: Instant,
): SparkplugStep {
  if (topic.type === 'NDEATH') return { state: NO_BIRTH, read: allow(undefined) };
  const ordered = inOrder(state, topic, payload.seq);
  if (!ordered.allowed) return { state: NO_BIRTH, read: ordered };
  const advanced: BirthState = { ...state, next: ((payload.seq ?? 0) + 1) % 256 };
  if (topic.type === 'DDEATH')
    return { state: { ...advanced, births: without(state.births, topic.device) }, read: allow(undefined) };
  const born = topic.type.endsWith('BIRTH') ? birthOf(advanced, topic, payload) : allow(advanced);
  if (!born.allowed) return { state: NO_BIRTH, read: born };
  return { state: born.value, read: eventOf(born.value, topic, payload, machine, now) };
}

function inOrder(
  state: BirthState,
  { type }: SparkplugTopic,
  seq: number | null,
): Decision<undefined, 'birth_missing' | 'sequence_broken' | 'event_malformed'> {
  if (seq === null || !Number.isInteger(seq) || seq < 0 || seq > 255)
    return refuse('event_malformed', { clause: 'seq' });
  if (type === 'NBIRTH') return allow(undefined);
  if (state.next === null) return refuse('birth_missing', { clause: type });
  return seq === state.next ? allow(undefined) : refuse('sequence_broken', { clause: `seq ${seq}` });
}

function birthOf(
  state: BirthState,
  topic: SparkplugTopic,
  { metrics }: SparkplugPayload,
): Decision<BirthState, 'event_malformed' | 'event_too_large'> {
  const names = new Map<string, string>();
  for (const { name, alias } of metrics) {
    if (!name) return refuse('event_malformed', { clause: 'metric name' });
    if (alias === null) continue;
    // One alias for two names would let one metric's values leave as another's.
    if (names.has(alias)) return refuse('event_malformed', { clause: `alias ${alias}` });
    names.set(alias, name);
  }
  const births = new Map(topic.type === 'NBIRTH' ? [] : state.births);
  births.set(topic.device, names);
  if (names.size > MOST_ALIASES || births.size > MOST_DEVICES) return refuse('event_too_large', { clause: topic.type });
  return allow({ ...state, births });
}

function eventOf(
  state: BirthState,
  topic: SparkplugTopic,
  payload: SparkplugPayload,
  machine: ResourceRef,
  now: Instant,
): Decision<MachineEvent | undefined, SparkplugRefusal> {
  const names = state.births.get(topic.device);
  if (!names) return refuse('birth_missing', { clause: topic.device });
  const readings: Reading[] = [];
  for (const metric of payload.metrics) {
    const key = metric.name || (metric.alias === null ? undefined : names.get(metric.alias));
    if (!key) return refuse('alias_without_birth', { clause: `alias ${metric.alias ?? '?'}` });
    if (CONTROLS.test(key) || key === 'bdSeq') continue;
    const at = instantText(metric.timestamp ?? payload.timestamp, now);
    if (!at.allowed) return at;
    readings.push({ at: at.value, key, value: metric.value === null ? 'UNAVAILABLE' : String(metric.value) });
  }
  if (readings.length === 0) return allow(undefined);
  const { group, type, node, device } = topic;
  const source = `//${machine.owner}/${machine.id}`;
  const id = `${group}/${node}/${device}/${type}/${payload.timestamp ?? ''}/${payload.seq ?? ''}`;
  return allow({ source, id, machine, readings, labels: [], claimedRegion: null });
}

function instantText(at: number | null, now: Instant): Decision<string, 'time_implausible'> {
  if (at === null) return allow('');
  const text = Number.isSafeInteger(at) && at >= 0 && at < 8.64e15 ? new Date(at).toISOString() : String(at);
  const plausible = plausibleTime(text, now);
  return plausible.allowed ? allow(text) : plausible;
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  const left = new Map(map);
  left.delete(key);
  return left;
}
