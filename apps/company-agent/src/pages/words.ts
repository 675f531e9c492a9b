import { REFUSALS } from '@interlock/contracts';
import type { GrantKind, Instant, Refusal, ResourceRef, SubjectRef } from '@interlock/domain';

/** An instant in the company's own zone and in UTC, so that nobody has to convert what he signs. */
export function bothTimes(at: Instant, zone: string): string {
  const utc = `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (zone === 'UTC') return utc;
  const local = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(at);
  // The day is said once where it is the same in both.
  const day = utc.slice(0, 11);
  return `${local} ${zone} (${local.startsWith(day) ? utc.slice(11) : utc})`;
}

export const KINDS: Readonly<Record<GrantKind, string>> = {
  'remote-service': 'Remote service by people',
  'data-collection': 'Automated data collection',
  'machine-to-machine': 'Machine to machine, without a human',
};

export const subjectWords = ({ kind, id, organisation }: SubjectRef): string => `${kind} ${id} of ${organisation}`;
export const resourceWords = ({ id, owner }: ResourceRef): string => `${id}, owned by ${owner}`;

/** So many of something. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** A span in words, down to the minute. */
export function spanWords(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  const [days, hours, rest] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60), minutes % 60];
  const parts = [days && `${days} d`, hours && `${hours} h`, rest && `${rest} min`].filter(Boolean);
  return parts.join(' ') || 'less than a minute';
}

/** Why not, as the table of refusals says it to a person. A code of a library that has no row of its own is still a no. */
export const whyNot = ({ code }: Refusal): string =>
  Object.hasOwn(REFUSALS, code)
    ? REFUSALS[code as keyof typeof REFUSALS].title
    : 'What was fetched does not verify, so nothing is done with it';
