import { annexesOf, type HeldPapers, withdrawnAt } from '../annex/held.js';
import type { Agreement } from '../documents/agreement.js';
import type { HeldAnnex, PlantCalendar } from '../documents/annex.js';
import type { Grant } from '../documents/right.js';
import { type Instant, type Interval, within } from '../instant.js';
import type { OrganisationId } from '../names.js';

/**
 * Whether the windows of a recurring grant cannot be those of its rule: each has the length the rule says, in order, and no two meet. That they
 * are exactly those of the rule is for the approver's own company to find out before it signs; no clock of a plant is known here.
 */
export function strayWindows({ recurrence, windows }: Grant): boolean {
  if (!recurrence) return false;
  const length = recurrence.seconds * 1000;
  return windows.some(({ from, to }, at) => to - from !== length || from < (windows[at - 1]?.to ?? from));
}

/**
 * The calendar of a company that counts: the newest it signed and did not withdraw. Of two of one number nobody can say which came first, so
 * what either says is closed is closed.
 */
export function calendarOf(
  owner: OrganisationId,
  agreement: Agreement,
  { annexes, acts }: HeldPapers,
): readonly HeldAnnex<PlantCalendar>[] {
  const own = annexesOf(annexes, 'plant-calendar').filter(
    ({ annex, digest }) => annex.organisation === owner && withdrawnAt(digest, agreement, acts) === undefined,
  );
  const newest = Math.max(...own.map(({ annex }) => annex.sequence));
  return own.filter(({ annex }) => annex.sequence === newest);
}

/**
 * What the plant's calendar leaves of a window of a recurring grant around `now`; undefined where the plant is closed. A single window was
 * approved for that very time, which may be a shutdown, so no calendar touches it.
 */
export function openInCalendar(
  { recurrence }: Pick<Grant, 'recurrence'>,
  owner: OrganisationId,
  agreement: Agreement,
  papers: HeldPapers,
  window: Interval,
  now: Instant,
): Interval | undefined {
  if (!recurrence || papers.annexes.length === 0) return window;
  const closed = calendarOf(owner, agreement, papers).flatMap(({ annex }) => annex.closed);
  if (within(closed, now)) return undefined;
  const next = closed.filter(({ from }) => from > now).map(({ from }) => from);
  return { from: window.from, to: Math.min(window.to, ...next) };
}
