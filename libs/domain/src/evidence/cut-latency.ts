import type { HeldAct } from '../act/standing.js';
import type { Instant } from '../instant.js';
import type { EvidenceRecord } from './record.js';
import type { Period } from './report-papers.js';

/** Something that was in use and was ended, and how long after the order for it. */
export interface Cut {
  readonly session: string;
  readonly subject: string | null;
  readonly resource: string | null;
  readonly code: string;
  /** When the enforcement point had closed it, by its clock. */
  readonly endedAt: Instant;
  /** When the act that ended it was signed, by its signer's clock; null where no act of this log did: a lease, a window, a signal. */
  readonly orderedAt: Instant | null;
  /** Milliseconds between the two. */
  readonly latencyMs: number | null;
}

/** The codes with which an enforcement point ends what an act took away: it holds the act itself, or a status list that knows of it. */
const TAKEN_AWAY: readonly (string | null)[] = ['taken_away', 'status_invalid'];

interface Order {
  readonly at: Instant;
  readonly record: EvidenceRecord;
}

/**
 * Pairs each session and flow that an enforcement point ended in the period with the act that took it away: the last one signed before the end
 * that names its session, its grant or its subject, or suspends or terminates the agreement.
 */
export function cutsOf(
  period: Period,
  acts: readonly HeldAct[],
): { see(record: EvidenceRecord): void; result(): readonly Cut[] } {
  const signed = new Map(acts.map(({ act, digest }) => [digest, act.issuedAt]));
  const orders: Order[] = [];
  const ends: EvidenceRecord[] = [];
  return {
    see: (record) => {
      const at = record.documents.map((digest) => signed.get(digest)).find((found) => found !== undefined);
      if (at !== undefined && record.source.startsWith('broker/')) orders.push({ at, record });
      else if (isEnd(record) && record.at >= period.from && record.at < period.to) ends.push(record);
    },
    result: () => ends.sort((a, b) => a.at - b.at).map((end) => cutOf(end, orders)),
  };
}

const isEnd = ({ kind, source }: EvidenceRecord): boolean =>
  (kind === 'session.cut' || kind === 'flow.cut') && !source.startsWith('broker/');

function cutOf(end: EvidenceRecord, orders: readonly Order[]): Cut {
  const { subject, resource, code, at } = end;
  const reaching = TAKEN_AWAY.includes(code)
    ? orders.filter((order) => order.at <= at && reaches(order.record, end))
    : [];
  const orderedAt = reaching.length === 0 ? null : Math.max(...reaching.map((order) => order.at));
  return {
    session: end.session ?? end.id,
    subject: subject && `${subject.organisation}/${subject.id}`,
    resource: resource && `${resource.owner}/${resource.id}`,
    code: code ?? 'none',
    endedAt: at,
    orderedAt,
    latencyMs: orderedAt === null ? null : at - orderedAt,
  };
}

function reaches(order: EvidenceRecord, end: EvidenceRecord): boolean {
  if (order.kind === 'agreement.suspended' || order.kind === 'agreement.terminated') return true;
  if (order.session !== null) return order.session === end.session;
  if (order.grant !== null) return order.grant === end.grant;
  const [of, by] = [order.subject, end.subject];
  return of !== null && by !== null && of.organisation === by.organisation && of.id === by.id;
}

/** Half of the values are at most the first, all of them at most the second. Milliseconds; undefined where none was measured. */
export function latencyOf(cuts: readonly Cut[]): { readonly median: number; readonly longest: number } | undefined {
  const measured = cuts.flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs])).sort((a, b) => a - b);
  const [median, longest] = [measured[Math.floor((measured.length - 1) / 2)], measured.at(-1)];
  return median === undefined || longest === undefined ? undefined : { median, longest };
}
