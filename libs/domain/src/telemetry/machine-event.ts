import { allow, type Decision, refuse } from '../decision.js';
import type { Instant } from '../instant.js';
import { parseLocalId, parseOrganisationId, type ResourceRef } from '../names.js';

/** One value a machine gave for one key, as text. `at` is when it occurred, as the machine wrote it; empty where it did not say. */
export interface Reading {
  readonly at: string;
  readonly key: string;
  readonly value: string;
}

/** What an adapter says beside the level of a condition. */
export interface ConditionDetail {
  readonly nativeCode: string;
  readonly nativeSeverity: string;
  readonly qualifier: string;
  readonly text: string;
}

/** A reading as it was picked up or pushed. `condition` is there only where the value is the level of a condition. */
export interface Observed extends Reading {
  readonly condition?: ConditionDetail | null;
}

/** A demand on whoever carries the event: its `dataclassification`, `dataregulation` or `datacategory`. */
export interface EventLabel {
  readonly attribute: 'dataclassification' | 'dataregulation' | 'datacategory';
  readonly label: string;
}

/**
 * What was said about one machine at once, whatever it was carried in. `source` and `id` together name it for ever: the same pair a second
 * time is the same event.
 */
export interface MachineEvent {
  readonly source: string;
  readonly id: string;
  readonly machine: ResourceRef;
  readonly readings: readonly Observed[];
  readonly labels: readonly EventLabel[];
  /** A region that the event claims for itself. It is a finding and never an instruction. */
  readonly claimedRegion: string | null;
}

/** Why an event is not taken; each sentence in the table of refusals says what the sender can change. */
export type EventRefusal =
  | 'event_malformed'
  | 'event_too_large'
  | 'event_too_deep'
  | 'source_malformed'
  | 'label_unknown'
  | 'time_implausible'
  | 'encoding_unsupported'
  | 'reference_not_carried';

/** Bytes of one event that every intermediary of CloudEvents carries (CloudEvents 1.0, Size Limits). */
export const LARGEST_EVENT = 65_536;
/** Objects inside objects; telemetry of machines has three or four. */
export const DEEPEST = 16;
const MOST_READINGS = 2_000;
const LONGEST_KEY = 200;
const LONGEST_VALUE = 10_000;
const LONGEST_LIST = 6;
const LONGEST_NAME = 1_024;

const SOURCE = /^(?:(?:[a-z][a-z0-9+.-]{0,31}:)?\/\/)?([^/?#]+)\/([^?#]+)$/;

/** The machine that a `source` names: `//owner/machine`, with or without a scheme. */
export function machineNamedBy(source: string): ResourceRef | undefined {
  const [, organisation, local] = (source.length <= LONGEST_NAME && SOURCE.exec(source)) || [];
  const owner = parseOrganisationId(organisation ?? '');
  const id = parseLocalId(local ?? '');
  return owner && id ? { owner, id } : undefined;
}

/** A name an event may have: printable, not empty, bounded. */
export const isEventName = (text: unknown): text is string =>
  typeof text === 'string' && text.length > 0 && text.length <= LONGEST_NAME && !/\p{Cc}/u.test(text);

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;

/** Milliseconds of an RFC 3339 time; undefined for anything else, and for days that no calendar has. */
export function occurrence(text: string): Instant | undefined {
  const parts = RFC3339.exec(text);
  if (!parts) return undefined;
  const [, year, month, day] = parts.map(Number);
  const last = new Date(Date.UTC(year ?? 0, month ?? 0, 0)).getUTCDate();
  if (!day || day > last) return undefined;
  const at = Date.parse(text.replace(':60', ':59').toUpperCase());
  return Number.isNaN(at) ? undefined : at;
}

/** No machine that speaks over a network recorded anything before this. */
const FIRST_PLAUSIBLE = Date.UTC(1990, 0, 1);
const DAY = 86_400_000;

/**
 * Whether an event may have occurred then. Recordings run backwards and arrive years late, so the past is open; a time more than a day
 * ahead is a clock that nobody set.
 */
export function plausibleTime(text: string, now: Instant): Decision<Instant, 'time_implausible'> {
  const at = occurrence(text);
  return at !== undefined && at >= FIRST_PLAUSIBLE && at <= now + DAY
    ? allow(at)
    : refuse('time_implausible', { clause: text.slice(0, 40) });
}

/**
 * Turns the members of a JSON value to readings: `{"axis":{"x":1}}` is `axis.x`. Numbers, strings and booleans are values, null is a value the
 * machine does not know, a short list of numbers is a position. An object `{"observations":[{"at","key","value"}]}` gives its own times.
 */
export function readingsOf(data: unknown, at: string): Decision<readonly Reading[], EventRefusal> {
  const listed = observationsIn(data);
  const readings: Reading[] = [];
  const refusal = listed
    ? listed.map((one) => takeListed(one, at, readings)).find((code) => code !== undefined)
    : takeMember('', data, { at, depth: 0, readings });
  if (refusal) return refuse(refusal);
  return readings.length > 0 ? allow(readings) : refuse('event_malformed', { clause: 'data' });
}

interface Taking {
  readonly at: string;
  readonly depth: number;
  readonly readings: Reading[];
}

function observationsIn(data: unknown): readonly unknown[] | undefined {
  if (!isObject(data) || !Array.isArray(data.observations)) return undefined;
  return Object.keys(data).length === 1 ? (data.observations as unknown[]) : undefined;
}

function takeListed(one: unknown, at: string, readings: Reading[]): EventRefusal | undefined {
  if (!isObject(one) || typeof one.key !== 'string' || !Object.hasOwn(one, 'value')) return 'event_malformed';
  const own = one.at ?? at;
  if (typeof own !== 'string' || (own !== '' && occurrence(own) === undefined)) return 'time_implausible';
  return takeMember(one.key, one.value, { at: own, depth: 1, readings });
}

function takeMember(key: string, value: unknown, taking: Taking): EventRefusal | undefined {
  const text = textOf(value);
  if (text !== undefined) return push(key, text, taking);
  if (taking.depth >= DEEPEST) return 'event_too_deep';
  if (typeof value !== 'object' || value === null) return 'event_malformed';
  for (const [name, inner] of Object.entries(value)) {
    const fault = takeMember(key === '' ? name : `${key}.${name}`, inner, { ...taking, depth: taking.depth + 1 });
    if (fault) return fault;
  }
  return undefined;
}

function push(key: string, value: string, { at, readings }: Taking): EventRefusal | undefined {
  if (key === '' || key.length > LONGEST_KEY) return 'event_malformed';
  if (value.length > LONGEST_VALUE || readings.length >= MOST_READINGS) return 'event_too_large';
  readings.push({ at, key, value });
  return undefined;
}

/** The value as the text that minimisation reads; undefined where it has parts of its own. */
function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return 'UNAVAILABLE';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'UNAVAILABLE';
  const isPosition =
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= LONGEST_LIST &&
    value.every((one) => typeof one === 'number');
  return isPosition ? value.join(' ') : undefined;
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
