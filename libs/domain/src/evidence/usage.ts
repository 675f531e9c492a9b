import type { FlowUsage, SessionUsage, Usage } from '../documents/usage-statement.js';
import type { Instant } from '../instant.js';
import type { EvidenceRecord } from './record.js';
import type { Period } from './report-papers.js';

interface Visit {
  opening?: EvidenceRecord;
  end?: EvidenceRecord;
}

type Growing<T> = { -readonly [Name in keyof T]: T[Name] };

/**
 * How much an agreement was used in a period, counted from the records of its log. `see` is shown every record, in any order. A visit counts in the period in
 * which it was opened; its time counts as far as it lies in the period, from the record of its opening to that of its end; its bytes count in the period
 * in which it ended. Where no record says how it ended, no time is invented: it stands under `withoutEnd`. Memory grows with sessions.
 */
export function usageIn(period: Period): { see(record: EvidenceRecord): void; result(): Usage } {
  const visits = new Map<string, Visit>();
  const flows = new Map<string, Growing<FlowUsage>>();
  return {
    see: (record) => {
      seeVisit(visits, record);
      if (record.kind === 'flow.delivered' && within(period, record.at)) seeDelivery(flows, record);
    },
    result: () => ({ sessions: sessionsOf(visits, period), flows: inOrder(flows) }),
  };
}

const within = ({ from, to }: Period, at: Instant): boolean => at >= from && at < to;

/** What one gateway says of one session. What the broker records of it is an order: that it was carried out only the gateway can say. */
function seeVisit(visits: Map<string, Visit>, record: EvidenceRecord): void {
  const { kind, session, source, at } = record;
  const opens = kind === 'session.opened' || kind === 'session.activated';
  const ends = kind === 'session.closed' || kind === 'session.cut';
  if (session === null || source.startsWith('broker/') || !(opens || ends)) return;
  const name = JSON.stringify([source, session]);
  const visit = visits.get(name) ?? {};
  if (opens && at < (visit.opening?.at ?? Number.POSITIVE_INFINITY)) visit.opening = record;
  if (ends && at > (visit.end?.at ?? Number.NEGATIVE_INFINITY)) visit.end = record;
  visits.set(name, visit);
}

function sessionsOf(visits: ReadonlyMap<string, Visit>, period: Period): SessionUsage[] {
  const lines = new Map<string, Growing<SessionUsage>>();
  for (const { opening, end } of visits.values()) {
    const record = opening ?? end;
    if (!record || !touches(period, opening, end)) continue;
    const said = { resource: record.resource, clause: opening?.clause ?? null };
    const line = lineOf(lines, said, { visits: 0, milliseconds: 0, bytes: 0, withoutEnd: 0, withoutOpening: 0 });
    if (opening && within(period, opening.at)) line.visits += 1;
    if (opening && end) line.milliseconds += overlap(period, opening.at, end.at);
    if (end && within(period, end.at)) line.bytes += end.count;
    if (!end) line.withoutEnd += 1;
    if (!opening) line.withoutOpening += 1;
  }
  return inOrder(lines);
}

/** A session without end touches the period of its opening alone, or it would stand in every statement for ever. */
function touches(period: Period, opening: EvidenceRecord | undefined, end: EvidenceRecord | undefined): boolean {
  if ([opening, end].some((record) => record && within(period, record.at))) return true;
  return opening !== undefined && end !== undefined && opening.at < period.from && end.at >= period.to;
}

/** A gateway whose clock was set back between the two says nothing of how long it was. */
const overlap = ({ from, to }: Period, opened: Instant, ended: Instant): number =>
  Math.max(0, Math.min(ended, to) - Math.max(opened, from));

function seeDelivery(flows: Map<string, Growing<FlowUsage>>, record: EvidenceRecord): void {
  const { resource, region, count, bytes } = record;
  const recipients: FlowUsage['recipients'] = [...record.recipients].sort();
  const line = lineOf(flows, { resource, region, recipients }, { batches: 0, bytes: 0, withoutSize: 0 });
  line.batches += count;
  line.bytes += bytes ?? 0;
  if (bytes === undefined) line.withoutSize += count;
}

function lineOf<S extends object, C extends object>(lines: Map<string, S & C>, said: S, zero: C): S & C {
  const name = JSON.stringify(said);
  const line = lines.get(name) ?? { ...said, ...zero };
  lines.set(name, line);
  return line;
}

/** The same lines in the same order at both companies, whatever order the records came in. */
const inOrder = <T>(lines: ReadonlyMap<string, T>): T[] =>
  [...lines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);

/** One count on which two statements do not agree; null where one of them does not have the line at all. */
export interface UsageDifference {
  /** What was counted, such as `sessions delta-foods.example/press-7 remote-service`. */
  readonly line: string;
  readonly counter: string;
  readonly own: number | null;
  readonly other: number | null;
}

/** Every counter on which two counts of one agreement and period differ, the other's extra lines among them; none where they agree. */
export function usageDifferences(own: Usage, other: Usage): readonly UsageDifference[] {
  const [mine, theirs] = [countersOf(own), countersOf(other)];
  return [...new Set([...mine.keys(), ...theirs.keys()])].sort().flatMap((line) => {
    const [a, b] = [mine.get(line), theirs.get(line)];
    return Object.keys(a ?? b ?? {}).flatMap((counter) => {
      const [ours, others] = [a?.[counter] ?? null, b?.[counter] ?? null];
      return ours === others ? [] : [{ line, counter, own: ours, other: others }];
    });
  });
}

type Counters = Readonly<Record<string, number>>;

function countersOf({ sessions, flows }: Usage): ReadonlyMap<string, Counters> {
  const named = (resource: SessionUsage['resource']) => (resource ? `${resource.owner}/${resource.id}` : 'no machine');
  const lines = new Map<string, Counters>();
  // A stranger may write one line twice: no second one hides the first.
  const add = (line: string, counters: Counters) => {
    const before = lines.get(line) ?? {};
    const sums = Object.entries(counters).map(([name, value]) => [name, value + (before[name] ?? 0)]);
    lines.set(line, Object.fromEntries(sums));
  };
  for (const { resource, clause, ...counters } of sessions)
    add(`sessions ${named(resource)} ${clause ?? 'no clause'}`, counters);
  for (const { resource, region, recipients, ...counters } of flows)
    add(`flow ${named(resource)} ${region ?? 'no region'} ${[...recipients].sort().join('+')}`, counters);
  return lines;
}
