import { allow, type Decision, refuse } from '../decision.js';
import type { Instant } from '../instant.js';
import type { ResourceRef } from '../names.js';
import {
  type EventRefusal,
  isEventName,
  isObject,
  type MachineEvent,
  plausibleTime,
  type Reading,
  readingsOf,
} from './machine-event.js';

export type OpcUaRefusal = EventRefusal | 'samples_mode';

type Json = Readonly<Record<string, unknown>>;

const DATA_VALUE = new Set([
  'Value',
  'StatusCode',
  'Status',
  'SourceTimestamp',
  'SourcePicoseconds',
  'ServerTimestamp',
  'ServerPicoseconds',
]);
const MESSAGE_TYPES = new Set(['ua-keyframe', 'ua-deltaframe', 'ua-event', 'ua-condition']);
const MOST_MESSAGES = 1_000;

/**
 * Reads the JSON of an OPC UA PubSub publisher (OPC 10000-14, 7.2.5): one NetworkMessage or a list of them. Each DataSetMessage becomes one event
 * of the machine (mapping of the CloudEvents OPC UA extension); metadata and keep alives become none. Both the strict and the compatible
 * spellings are read; the older samples mode, which is no PubSub, is refused by name.
 */
export function readOpcUaPubSub(
  value: unknown,
  machine: ResourceRef,
  now: Instant,
): Decision<readonly MachineEvent[], OpcUaRefusal> {
  const events: MachineEvent[] = [];
  for (const message of Array.isArray(value) ? (value as unknown[]) : [value]) {
    const read = networkMessage(message, machine, now);
    if (!read.allowed) return read;
    events.push(...read.value);
    if (events.length > MOST_MESSAGES) return refuse('event_too_large', { clause: 'Messages' });
  }
  return allow(events);
}

function networkMessage(
  message: unknown,
  machine: ResourceRef,
  now: Instant,
): Decision<readonly MachineEvent[], OpcUaRefusal> {
  if (!isObject(message)) return refuse('event_malformed', { clause: 'NetworkMessage' });
  if (Object.hasOwn(message, 'NodeId') && !Object.hasOwn(message, 'MessageType')) return refuse('samples_mode');
  const { MessageType: type, MessageId: id, Messages: messages } = message;
  if (!isEventName(id)) return refuse('event_malformed', { clause: 'MessageId' });
  if (type === 'ua-metadata') return allow([]);
  if (type !== 'ua-data') return refuse('event_malformed', { clause: 'MessageType' });
  const inner: readonly unknown[] = Array.isArray(messages) ? messages : isObject(messages) ? [messages] : [];
  const events: MachineEvent[] = [];
  for (const [at, one] of inner.entries()) {
    const event = dataSetMessage(one, `${id}/${at}`, machine, now);
    if (!event.allowed) return event;
    if (event.value) events.push(event.value);
  }
  return inner.length > 0 ? allow(events) : refuse('event_malformed', { clause: 'Messages' });
}

function dataSetMessage(
  message: unknown,
  place: string,
  machine: ResourceRef,
  now: Instant,
): Decision<MachineEvent | undefined, OpcUaRefusal> {
  if (!isObject(message)) return refuse('event_malformed', { clause: `Messages ${place}` });
  const type = message.MessageType ?? 'ua-keyframe';
  if (type === 'ua-keepalive') return allow(undefined);
  if (typeof type !== 'string' || !MESSAGE_TYPES.has(type)) return refuse('event_malformed', { clause: 'MessageType' });
  if (!isObject(message.Payload)) return refuse('event_malformed', { clause: 'Payload' });
  const payload = Object.fromEntries(Object.entries(message.Payload).map(([name, field]) => [name, plain(field)]));
  const said = [message.Timestamp, payload.Time, payload.ReceiveTime].find((one) => typeof one === 'string');
  const time = typeof said === 'string' ? said : '';
  const when = time === '' ? undefined : plausibleTime(time, now);
  if (when && !when.allowed) return when;
  const readings = fieldsOf(payload, time, now);
  if (!readings.allowed) return readings;
  // A publisher counts its messages from one again after a start: time or EventId keeps two apart.
  const { DataSetWriterName: name, DataSetWriterId: writer, SequenceNumber: number } = message;
  const id = [place, name ?? writer, number, payload.EventId ?? time].map(word).join('/');
  const source = `//${machine.owner}/${machine.id}`;
  if (!isEventName(id)) return refuse('event_malformed', { clause: 'MessageId' });
  return allow({ source, id, machine, readings: readings.value, labels: [], claimedRegion: null });
}

/** Of the reversible encoding `{"Type","Body"}` only the body counts. */
function plain(field: unknown): unknown {
  if (!isObject(field)) return field;
  const names = Object.keys(field);
  const reversible = names.includes('Body') && names.every((name) => name === 'Type' || name === 'Body');
  return reversible ? plain(field.Body) : field;
}

function fieldsOf(payload: Json, time: string, now: Instant): Decision<readonly Reading[], OpcUaRefusal> {
  const readings: Reading[] = [];
  for (const [name, field] of Object.entries(payload)) {
    const value = isDataValue(field) ? qualityValue(field) : plain(field);
    const own = isDataValue(field) && typeof field.SourceTimestamp === 'string' ? field.SourceTimestamp : time;
    const when = own === '' ? undefined : plausibleTime(own, now);
    if (when && !when.allowed) return when;
    // An empty structure says nothing; refusing the message for it would lose its other fields.
    if (isObject(value) && Object.keys(value).length === 0) continue;
    const read = readingsOf({ [name]: value }, own);
    if (!read.allowed) return read;
    readings.push(...read.value);
  }
  return readings.length > 0 ? allow(readings) : refuse('event_malformed', { clause: 'Payload' });
}

const isDataValue = (field: unknown): field is Json =>
  isObject(field) && Object.keys(field).length > 0 && Object.keys(field).every((name) => DATA_VALUE.has(name));

/** A value of bad quality is none: passed on as a number it would be believed. */
function qualityValue(field: Json): unknown {
  const status = field.StatusCode ?? field.Status;
  const code = isObject(status) ? (status.Code ?? 0) : status;
  const bad = typeof code === 'number' && code >>> 30 >= 2;
  return bad ? null : plain(field.Value);
}

const word = (part: unknown): string => (typeof part === 'string' || typeof part === 'number' ? String(part) : '');
