import type { Instant } from '@interlock/domain';

/** An instant for people: UTC, to the second. */
export const utc = (at: Instant): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** A span of milliseconds in words, down to the second where it is short. */
export function spanWords(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  const [days, hours, rest] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60), minutes % 60];
  const parts = [days && `${days} d`, hours && `${hours} h`, rest && `${rest} min`].filter(Boolean);
  return parts.join(' ');
}

/** How long until an instant, or since when it is over. */
export const untilWords = (at: Instant, now: Instant): string =>
  at > now ? `ends ${utc(at)} (in ${spanWords(at - now)})` : `ended ${utc(at)}`;

/** A fingerprint in groups of four, as it is read out on the telephone. Spaces do not matter where it is typed. */
export const readOut = (fingerprint: string): string => fingerprint.match(/.{1,4}/g)?.join(' ') ?? fingerprint;

/** Until when something is asked for, to follow what is missing; empty where no time is set. */
export const dueWords = (due: number | null): string => (due === null ? '' : `, asked for until ${utc(due)}`);
