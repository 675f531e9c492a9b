import {
  allow,
  type Decision,
  type EventRefusal,
  type Instant,
  isObject,
  LARGEST_EVENT,
  LONGEST_LINE,
  type MachineEvent,
  type OpcUaRefusal,
  observedIn,
  parseLocalId,
  parseOrganisationId,
  parseShdrLine,
  type ResourceRef,
  readCloudEvent,
  readOpcUaPubSub,
  refuse,
  SHDR_START,
} from '@interlock/domain';
import { z } from 'zod';

/** What was pushed over HTTP. Names of headers are in lower case. */
export interface Push {
  /** Path below the door: `/v1/events`, or `/v1/machines/<owner>/<machine>/<format>`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Decompressed, and at most `LARGEST_EVENT` bytes. */
  readonly body: Uint8Array;
}

export type PushRefusal = EventRefusal | OpcUaRefusal | 'format_unknown' | 'not_json';

/** One event of a push, under the name its sender knows it by; where it could not be read, why. */
export interface ReadEvent {
  readonly source: string;
  readonly id: string;
  readonly read: Decision<MachineEvent, PushRefusal>;
}

/** What the door answers for each event of a push, in its order. */
export const pushAnswer = z.strictObject({
  events: z.array(
    z.strictObject({
      source: z.string(),
      id: z.string(),
      /** `accepted`, `repeated`, or the code of a refusal. */
      code: z.string(),
      /** What the sender can change; only with a refusal. */
      change: z.string().optional(),
    }),
  ),
});
export type PushAnswer = z.infer<typeof pushAnswer>;

/** A stable name for content that brings none of its own. */
export type ContentName = (text: string) => string;

const MACHINE_PATH = /^\/v1\/machines\/([^/]+)\/([^/]+)\/(opcua-pubsub|shdr)$/;
const MOST_EVENTS = 1_000;

/**
 * Reads a push: CloudEvents 1.0 (structured, batch or binary mode of the HTTP binding, section 3), OPC UA PubSub JSON or adapter lines. Refused as a
 * whole where nobody could say which event is meant; otherwise each event has its own outcome.
 */
export function readPush(push: Push, name: ContentName, now: Instant): Decision<readonly ReadEvent[], PushRefusal> {
  if (push.body.length > LARGEST_EVENT) return refuse('event_too_large');
  const text = decode(push.body);
  if (text === undefined) return refuse('encoding_unsupported', { clause: 'UTF-8' });
  if (push.path === '/v1/events') return cloudEvents(push.headers, text, now);
  const [, owner, machine, format] = MACHINE_PATH.exec(push.path) ?? [];
  const resource = machineOf(owner, machine);
  if (!resource) return refuse('source_malformed', { clause: 'path' });
  return format === 'shdr' ? adapterLines(text, resource, name) : opcUa(text, resource, now);
}

function cloudEvents(
  headers: Push['headers'],
  text: string,
  now: Instant,
): Decision<readonly ReadEvent[], PushRefusal> {
  const [type = ''] = (headers['content-type'] ?? '').toLowerCase().split(';');
  const parsed = json(text);
  switch (type.trim()) {
    case 'application/cloudevents+json':
      return parsed === undefined ? refuse('not_json') : allow([namedEvent(parsed.value, now)]);
    case 'application/cloudevents-batch+json':
      return batch(parsed, now);
    default:
      if (headers['ce-specversion'] === undefined) return refuse('format_unknown', { clause: type.slice(0, 80) });
      return allow([namedEvent(inOneObject(headers, parsed?.value, type), now)]);
  }
}

function batch(parsed: { value: unknown } | undefined, now: Instant): Decision<readonly ReadEvent[], PushRefusal> {
  if (parsed === undefined) return refuse('not_json');
  if (!Array.isArray(parsed.value)) return refuse('event_malformed', { clause: 'batch' });
  if (parsed.value.length > MOST_EVENTS)
    return refuse('event_too_large', { clause: `more than ${MOST_EVENTS} events` });
  return allow(parsed.value.map((one) => namedEvent(one, now)));
}

function namedEvent(value: unknown, now: Instant): ReadEvent {
  const { source, id } = isObject(value) ? value : {};
  const said = (text: unknown) => (typeof text === 'string' ? text.slice(0, 200) : '');
  return { source: said(source), id: said(id), read: readCloudEvent(value, now) };
}

/** Binary mode: the attributes are headers, the body is the data. What is no JSON stays a text, and is refused by its content type. */
function inOneObject(headers: Push['headers'], data: unknown, type: string): Record<string, unknown> {
  const attributes = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith('ce-') && value !== undefined ? [[name.slice(3), unescaped(value)] as const] : [],
  );
  return {
    ...Object.fromEntries(attributes),
    datacontenttype: type || 'application/json',
    ...(data !== undefined && { data }),
  };
}

/** Header values are percent-encoded UTF-8 (HTTP binding 3.1.3.2). */
function unescaped(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function opcUa(text: string, machine: ResourceRef, now: Instant): Decision<readonly ReadEvent[], PushRefusal> {
  const parsed = json(text);
  if (parsed === undefined) return refuse('not_json');
  const read = readOpcUaPubSub(parsed.value, machine, now);
  return read.allowed ? allow(read.value.map((event) => ({ ...event, read: allow(event) }))) : read;
}

/** Each line is an event, named by what it says and how often it was said before: the same file a second time has the same names. */
function adapterLines(
  text: string,
  machine: ResourceRef,
  name: ContentName,
): Decision<readonly ReadEvent[], PushRefusal> {
  const source = `//${machine.owner}/${machine.id}`;
  const said = new Map<string, number>();
  let state = SHDR_START;
  const events: ReadEvent[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.length > LONGEST_LINE) return refuse('event_too_large', { clause: 'line' });
    const step = parseShdrLine(line, state);
    state = step.state;
    const times = (said.get(line) ?? 0) + 1;
    said.set(line, times);
    const id = `${name(line)}.${times}`;
    if (!step.parsed.allowed) {
      const { code } = step.parsed.refusal;
      events.push({ source, id, read: refuse('event_malformed', { clause: code }) });
      continue;
    }
    const readings = observedIn(step.parsed.value);
    if (readings.length === 0) continue;
    events.push({ source, id, read: allow({ source, id, machine, readings, labels: [], claimedRegion: null }) });
  }
  return allow(events);
}

function machineOf(owner: string | undefined, machine: string | undefined): ResourceRef | undefined {
  const organisation = parseOrganisationId(unescaped(owner ?? ''));
  const id = parseLocalId(unescaped(machine ?? ''));
  return organisation && id ? { owner: organisation, id } : undefined;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function json(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
