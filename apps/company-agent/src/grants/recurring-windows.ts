import { expandRecurrence, OWN_ZONES } from '@interlock/company-side/calendar';
import {
  type Agreement,
  allow,
  calendarOf,
  type Decision,
  type Digest,
  type Grant,
  type Instant,
  type Interval,
  type OrganisationId,
  type Recurrence,
  refuse,
} from '@interlock/domain';
import { heldActs } from '../acts/held-acts.js';
import type { Agent } from '../agent.js';
import { verifiedAnnexes } from '../agreements/verified-annexes.js';

/** A recurring window as somebody asks for it. */
export interface RecurrenceWish extends Pick<Recurrence, 'start' | 'zone' | 'rule' | 'seconds'> {
  /** No window begins at or after this. */
  readonly until: Instant;
}

/** The windows of a wish, by the zone database of this agent and the newest calendar of the owner that verifies here. */
export async function windowsOf(
  agent: Agent,
  { until, ...rule }: RecurrenceWish,
  agreement: Agreement,
  owner: OrganisationId,
): Promise<Decision<Required<Pick<Grant, 'windows' | 'recurrence'>>>> {
  const calendar = await readCalendar(agent, agreement, owner);
  if (!calendar.allowed) return calendar;
  const { closed, digest } = calendar.value;
  // A window that would reach beyond the agreement is none of it.
  const last = agreement.endsAt - rule.seconds * 1000 + 1;
  const windows = expandRecurrence({ ...rule, until: Math.min(until, last), closed });
  if (!windows.allowed) return windows;
  return allow({
    windows: windows.value,
    recurrence: { ...rule, zoneDatabase: OWN_ZONES.version, calendar: digest },
  });
}

/**
 * Whether the windows that this company is asked to sign are those of the rule beside them, as it expands that rule itself: by its own zone database
 * and its own newest calendar. Where either differs from what the partner used, the rule means something else to the two.
 */
export async function windowsOfRule(agent: Agent, grant: Grant, agreement: Agreement): Promise<Decision<true>> {
  const { recurrence, windows } = grant;
  const [owner, last] = [grant.resources[0]?.owner, windows.at(-1)];
  if (!recurrence || !owner || !last) return allow(true);
  const { start, zone, rule, seconds, calendar } = recurrence;
  const wish = { start, zone, rule, seconds, until: last.from + 1 };
  const own = await windowsOf(agent, wish, agreement, owner);
  if (!own.allowed) return own;
  if (own.value.recurrence?.calendar !== calendar) return refuse('recurrence_differs', { clause: 'plant-calendar' });
  return same(own.value.windows, windows) ? allow(true) : refuse('recurrence_differs', { clause: OWN_ZONES.version });
}

const same = (a: readonly Interval[], b: readonly Interval[]): boolean =>
  a.length === b.length && a.every(({ from, to }, at) => from === b[at]?.from && to === b[at]?.to);

interface Calendar {
  readonly closed: readonly Interval[];
  readonly digest: Digest | null;
}

async function readCalendar(agent: Agent, agreement: Agreement, owner: OrganisationId): Promise<Decision<Calendar>> {
  const annexes = await verifiedAnnexes(agent, agreement, ['plant-calendar']);
  if (!annexes.allowed) return annexes;
  const counting = calendarOf(owner, agreement, { annexes: annexes.value, acts: heldActs(agent, agreement) });
  if (counting.length > 1) return refuse('recurrence_differs', { clause: 'two calendars of one number' });
  return allow({ closed: counting.flatMap(({ annex }) => annex.closed), digest: counting[0]?.digest ?? null });
}
