import { reviewDue, reviewOf } from '../annex/activation-reviews.js';
import type { Agreement } from '../documents/agreement.js';
import type { ActivationReview } from '../documents/annex.js';
import type { Instant } from '../instant.js';
import { type Cut, cutsOf } from './cut-latency.js';
import type { EvidenceKind, EvidenceRecord } from './record.js';
import { type KeepingLine, keptAndLate, type LateLine } from './report-of-keeping.js';
import {
  type Lapse,
  lapsesOf,
  type OpenException,
  openExceptions,
  type Period,
  type ReportPapers,
} from './report-papers.js';
import { CONTROLS_SHOWN_ELSEWHERE, SHOWN_CONTROLS, type ShownControl } from './shown-controls.js';

/** One subject on one resource under one clause. */
export interface AccessLine {
  readonly subject: string;
  readonly resource: string;
  readonly clause: string;
  readonly approvers: readonly string[];
  readonly tickets: readonly string[];
  readonly purposes: readonly string[];
  readonly opened: number;
  readonly first: Instant;
  readonly last: Instant;
}

export interface RefusalLine {
  readonly kind: EvidenceKind;
  readonly code: string;
  readonly records: number;
  readonly first: Instant;
  readonly last: Instant;
}

/** Sealed batches of one category that took one way. A batch of several categories stands under each. */
export interface DataLine {
  readonly category: string;
  readonly region: string;
  readonly recipient: string;
  readonly resource: string;
  readonly batches: number;
}

export interface ControlLine extends ShownControl {
  /** Records in the period that show the control at work. */
  readonly records: number;
}

export interface ActivationLine {
  readonly session: string;
  readonly resource: string;
  readonly subject: string;
  readonly at: Instant;
  /** Until when the agreement asks somebody to look; null where it sets no time. */
  readonly due: Instant | null;
  /** Null while nobody has looked. */
  readonly review: Pick<ActivationReview, 'reviewer' | 'finding' | 'issuedAt'> | null;
}

export interface HistoryReport extends Period {
  readonly agreement: Pick<Agreement, 'id' | 'version'>;
  readonly parties: readonly string[];
  /** Records of the period. */
  readonly records: number;
  readonly access: readonly AccessLine[];
  readonly refusals: readonly RefusalLine[];
  readonly exceptions: readonly OpenException[];
  readonly cuts: readonly Cut[];
  readonly data: readonly DataLine[];
  readonly lapses: readonly Lapse[];
  readonly findings: readonly RefusalLine[];
  /** Holds, and what was erased of what the log told of persons. */
  readonly keeping: readonly KeepingLine[];
  /** What reached the log late. Empty where nobody says when records were appended: in a copy. */
  readonly late: readonly LateLine[];
  /** Uses that somebody of the plant activated at its gateway, each with who looked at it afterwards; those that nobody did first. */
  readonly activations: readonly ActivationLine[];
  readonly controls: readonly ControlLine[];
  readonly shownElsewhere: readonly string[];
}

/** Tickets, purposes and approvers that one line names; further ones are in the log. */
const MOST_NAMES = 50;

type Growing<T> = { -readonly [Name in keyof T]: T[Name] };

/**
 * The report of one agreement and period. `see` is shown every record of its log, in any order; what lies outside the period is passed over,
 * except that a cut is measured from the act that caused it, whenever that was signed. Memory grows with subjects and machines, and with cuts.
 */
export function historyReport(
  period: Period,
  papers: ReportPapers,
): { see(record: EvidenceRecord, appendedAt?: Instant): void; result(): HistoryReport } {
  const access = new Map<string, Growing<AccessLine>>();
  const data = new Map<string, Growing<DataLine>>();
  const [refusals, findings] = [new Map<string, Growing<RefusalLine>>(), new Map<string, Growing<RefusalLine>>()];
  const kinds = new Map<EvidenceKind, number>();
  const cuts = cutsOf(period, papers.acts);
  const [beside, activated] = [keptAndLate(), [] as EvidenceRecord[]];
  return {
    see: (record, appendedAt) => {
      cuts.see(record);
      if (record.at < period.from || record.at >= period.to) return;
      kinds.set(record.kind, (kinds.get(record.kind) ?? 0) + 1);
      if (record.kind === 'session.opened' || record.kind === 'flow.opened') seeAccess(access, record);
      if (record.kind === 'flow.delivered') seeData(data, record);
      beside.see(record, appendedAt);
      if (record.kind === 'session.activated') activated.push(record);
      if (record.outcome === 'deny') seeCode(refusals, record);
      if (record.outcome === 'finding' || record.kind === 'lockout.set') seeCode(findings, record);
    },
    result: () => ({
      ...period,
      agreement: { id: papers.agreement.id, version: papers.agreement.version },
      parties: papers.agreement.parties.map(({ organisation }) => organisation),
      records: [...kinds.values()].reduce((sum, one) => sum + one, 0),
      access: sorted(access, ({ subject, resource }) => `${subject} ${resource}`),
      refusals: sorted(refusals, ({ kind, code }) => `${kind} ${code}`),
      exceptions: openExceptions(papers, period),
      cuts: cuts.result(),
      data: sorted(data, (line) => `${line.category} ${line.region} ${line.recipient} ${line.resource}`),
      ...{ lapses: lapsesOf(papers, period), activations: activationsOf(activated, papers) },
      findings: sorted(findings, ({ kind, code }) => `${kind} ${code}`),
      ...beside.result(),
      controls: SHOWN_CONTROLS.map((control) => ({ ...control, records: recordsOf(control, kinds) })),
      shownElsewhere: CONTROLS_SHOWN_ELSEWHERE,
    }),
  };
}

const activationsOf = (
  records: readonly EvidenceRecord[],
  { annexes, agreement }: ReportPapers,
): readonly ActivationLine[] =>
  records
    .map((record): ActivationLine => {
      const { reviewer, finding, issuedAt } = reviewOf(record, annexes)?.annex ?? {};
      const review = reviewer && finding && issuedAt !== undefined ? { reviewer, finding, issuedAt } : null;
      const [subject, resource] = [subjectOf(record), resourceOf(record)];
      return {
        session: record.session ?? 'none',
        resource,
        subject,
        at: record.at,
        due: reviewDue(agreement, record),
        review,
      };
    })
    .sort((a, b) => Number(a.review !== null) - Number(b.review !== null) || a.at - b.at);

const recordsOf = (control: ShownControl, kinds: ReadonlyMap<EvidenceKind, number>): number =>
  [...new Set(control.kinds)].reduce((sum, kind) => sum + (kinds.get(kind) ?? 0), 0);

const sorted = <T>(lines: ReadonlyMap<string, T>, by: (line: T) => string): T[] =>
  [...lines.values()].sort((a, b) => (by(a) < by(b) ? -1 : 1));

const subjectOf = ({ subject }: EvidenceRecord): string =>
  subject ? `${subject.organisation}/${subject.id}` : 'nobody who was named';
const resourceOf = ({ resource }: EvidenceRecord): string => (resource ? `${resource.owner}/${resource.id}` : 'none');

function seeAccess(lines: Map<string, Growing<AccessLine>>, record: EvidenceRecord): void {
  const [subject, resource, clause] = [subjectOf(record), resourceOf(record), record.clause ?? 'none'];
  const name = JSON.stringify([subject, resource, clause]);
  const line = lines.get(name) ?? {
    ...{ subject, resource, clause, approvers: [], tickets: [], purposes: [], opened: 0 },
    ...{ first: record.at, last: record.at },
  };
  lines.set(name, {
    ...line,
    opened: line.opened + 1,
    approvers: withNames(line.approvers, record.approvers),
    tickets: withNames(line.tickets, record.ticket === undefined ? [] : [record.ticket]),
    purposes: withNames(line.purposes, record.purpose === undefined ? [] : [record.purpose]),
    first: Math.min(line.first, record.at),
    last: Math.max(line.last, record.at),
  });
}

const withNames = (names: readonly string[], more: readonly string[]): readonly string[] =>
  more.every((name) => names.includes(name)) ? names : [...new Set([...names, ...more])].slice(0, MOST_NAMES);

function seeCode(lines: Map<string, Growing<RefusalLine>>, { kind, code, at }: EvidenceRecord): void {
  const name = `${kind} ${code}`;
  const line = lines.get(name) ?? { kind, code: code ?? 'none', records: 0, first: at, last: at };
  const [first, last] = [Math.min(line.first, at), Math.max(line.last, at)];
  lines.set(name, { ...line, records: line.records + 1, first, last });
}

function seeData(lines: Map<string, Growing<DataLine>>, record: EvidenceRecord): void {
  const { categories = [], recipients, region, count } = record;
  for (const category of categories.length > 0 ? categories : ['not named'])
    for (const recipient of recipients.length > 0 ? recipients : ['nobody who was named']) {
      const line = { category, recipient, region: region ?? 'not named', resource: resourceOf(record) };
      const name = JSON.stringify(line);
      lines.set(name, { ...line, batches: (lines.get(name)?.batches ?? 0) + Math.max(1, count) });
    }
}
