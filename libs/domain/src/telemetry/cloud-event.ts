import { allow, type Decision, refuse } from '../decision.js';
import type { DataTerm } from '../documents/agreement.js';
import type { Instant } from '../instant.js';
import {
  type EventLabel,
  type EventRefusal,
  isEventName,
  isObject,
  type MachineEvent,
  machineNamedBy,
  plausibleTime,
  readingsOf,
} from './machine-event.js';

/** Attribute names of CloudEvents 1.0: lower-case letters and digits, and at most twenty of them. */
const ATTRIBUTE = /^[a-z0-9]{1,20}$/;
const NEEDED = ['specversion', 'id', 'source', 'type'] as const;
/** Says where the data shall be kept or served; what counts is the agreement. */
const REGION_CLAIMS = ['fedoriginregion', 'feddestregion', 'region', 'dataregion'] as const;
const SMALLEST_INTEGER = -(2 ** 31);
const LARGEST_INTEGER = 2 ** 31 - 1;

/**
 * Reads one event of CloudEvents 1.0 in its JSON format, as parsed. Its `source` names the machine. One whose data is
 * elsewhere (`dataref`) is refused; what its labels demand is judged where its agreement is known (`labelNotAgreed`).
 */
export function readCloudEvent(value: unknown, now: Instant): Decision<MachineEvent, EventRefusal> {
  if (!isObject(value)) return refuse('event_malformed', { clause: 'event' });
  const fault = attributeFault(value);
  if (fault) return refuse('event_malformed', { clause: fault });
  const { source, id, time } = value;
  const machine = machineNamedBy(source as string);
  if (!machine) return refuse('source_malformed', { clause: (source as string).slice(0, 80) });
  const at = typeof time === 'string' ? plausibleTime(time, now) : undefined;
  if (at && !at.allowed) return at;
  if (Object.hasOwn(value, 'dataref')) return refuse('reference_not_carried', { clause: 'dataref' });
  const data = dataOf(value);
  if (!data.allowed) return data;
  const readings = readingsOf(data.value, typeof time === 'string' ? time : '');
  if (!readings.allowed) return readings;
  const ahead = readings.value.find((one) => one.at !== '' && one.at !== time && !plausibleTime(one.at, now).allowed);
  if (ahead) return refuse('time_implausible', { clause: ahead.at.slice(0, 40) });
  return allow({
    source: source as string,
    id: id as string,
    machine,
    readings: readings.value,
    labels: labelsOf(value),
    claimedRegion: claimedRegion(value),
  });
}

function attributeFault(event: Readonly<Record<string, unknown>>): string | undefined {
  const missing = NEEDED.find((name) => !isEventName(event[name]));
  if (missing) return missing;
  if (event.specversion !== '1.0') return 'specversion';
  for (const [name, value] of Object.entries(event)) {
    if (name === 'data' || name === 'data_base64') continue;
    if (!ATTRIBUTE.test(name)) return name.slice(0, 40);
    if (!isAttributeValue(value)) return name;
  }
  if (Object.hasOwn(event, 'time') && event.time !== null && typeof event.time !== 'string') return 'time';
  return undefined;
}

const isAttributeValue = (value: unknown): boolean =>
  value === null ||
  typeof value === 'boolean' ||
  (typeof value === 'string' && value.length <= 4_096 && !/\p{Cc}/u.test(value)) ||
  (Number.isInteger(value) && (value as number) >= SMALLEST_INTEGER && (value as number) <= LARGEST_INTEGER);

const LABELS = ['dataclassification', 'dataregulation', 'datacategory'] as const;

/** Each label apart: a list of regulations stands in one attribute, separated by commas. */
const labelsOf = (event: Readonly<Record<string, unknown>>): readonly EventLabel[] =>
  LABELS.flatMap((attribute) => {
    const value = event[attribute];
    if (value === undefined || value === null) return [];
    const labels = typeof value === 'string' ? value.split(',') : [''];
    return labels.map((label) => ({ attribute, label: label.trim().slice(0, 80) }));
  });

/**
 * The first label whose demands cannot be met because the agreement does not know it. An intermediary that does not know a label must reject the
 * event (CloudEvents data classification extension); it must not guess.
 */
export function labelNotAgreed(labels: readonly EventLabel[], term: DataTerm): EventLabel | undefined {
  const categories = new Set<string>(term.keys.map((key) => key.category));
  const agreed = new Set<string>(term.labels ?? []);
  return labels.find(({ attribute, label }) =>
    attribute === 'datacategory' ? !categories.has(label) && !agreed.has(label) : !agreed.has(label),
  );
}

function dataOf(event: Readonly<Record<string, unknown>>): Decision<unknown, EventRefusal> {
  const type = event.datacontenttype ?? 'application/json';
  const inJson = typeof type === 'string' && /^application\/([a-z0-9.+-]+\+)?json\s*(;.*)?$/i.test(type);
  // Bytes would have to be decoded and scanned before anybody could say what is in them.
  if (!inJson || Object.hasOwn(event, 'data_base64'))
    return refuse('encoding_unsupported', { clause: inJson ? 'data_base64' : 'datacontenttype' });
  return Object.hasOwn(event, 'data') ? allow(event.data) : refuse('event_malformed', { clause: 'data' });
}

function claimedRegion(event: Readonly<Record<string, unknown>>): string | null {
  const claim = REGION_CLAIMS.map((name) => event[name]).find((value) => typeof value === 'string');
  return typeof claim === 'string' ? claim.slice(0, 80) : null;
}
