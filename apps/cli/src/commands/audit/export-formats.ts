import type { Instant } from '@interlock/domain';
import { ocsfEvent } from './ocsf.js';
import type { ProvenRow } from './proven-row.js';

/** What an export is made of: what stands first, and one line for each row. Every line ends with a line feed. */
export interface ExportFormat {
  readonly head: string;
  line(row: ProvenRow): string;
}

const json = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** Columns of the table, in this order; what a record does not say is empty, several values stand in one cell with a space between. */
const COLUMNS: readonly (readonly [string, (row: ProvenRow) => string | number | null | undefined])[] = [
  ['log', ({ record }) => record.log],
  ['index', ({ index }) => index],
  ['id', ({ record }) => record.id],
  ['time', ({ record }) => iso(record.at)],
  ['appended (word of the operator)', ({ appendedAt }) => appendedAt && iso(appendedAt)],
  ['kind', ({ record }) => record.kind],
  ['outcome', ({ record }) => record.outcome],
  ['code', ({ record }) => record.code],
  ['organisation', ({ record }) => record.organisation],
  ['source', ({ record }) => record.source],
  ['subject', ({ record: { subject } }) => subject && `${subject.organisation}/${subject.kind}/${subject.id}`],
  ['resource', ({ record: { resource } }) => resource && `${resource.owner}/${resource.id}`],
  ['clause', ({ record }) => record.clause],
  ['approvers', ({ record }) => record.approvers.join(' ')],
  ['ticket', ({ record }) => record.ticket],
  ['purpose', ({ record }) => record.purpose],
  ['categories', ({ record }) => record.categories?.join(' ')],
  ['region', ({ record }) => record.region],
  ['recipients', ({ record }) => record.recipients.join(' ')],
  ['session', ({ record }) => record.session],
  ['count', ({ record }) => record.count],
  ['correlation', ({ record }) => record.correlation],
  ['agreement', ({ record }) => record.agreement],
  ['grant', ({ record }) => record.grant],
  ['reason', ({ record }) => record.reason],
];

const iso = (at: Instant): string => new Date(at).toISOString();

export const EXPORT_FORMATS = {
  /** The records themselves with their places and when the operator says that they were appended, one JSON object a line. */
  ndjson: { head: '', line: ({ index, record, appendedAt }: ProvenRow) => json({ index, record, appendedAt }) },
  /** RFC 4180, with a header. */
  csv: {
    head: csvLine(COLUMNS.map(([name]) => name)),
    line: (row: ProvenRow) => csvLine(COLUMNS.map(([, value]) => String(value(row) ?? ''))),
  },
  /** CloudEvents 1.0 in JSON format, one event a line; `source` and `id` name a record for good, `logindex` its place, `appendedat` when the operator took it. */
  cloudevents: {
    head: '',
    line: ({ index, record, appendedAt }: ProvenRow) =>
      json({
        specversion: '1.0',
        id: record.id,
        source: `urn:interlock:log:${record.log}`,
        type: `interlock.${record.kind}.v1`,
        time: iso(record.at),
        ...(appendedAt !== undefined && { appendedat: iso(appendedAt) }),
        ...(record.resource && { subject: `${record.resource.owner}/${record.resource.id}` }),
        datacontenttype: 'application/json',
        logindex: index,
        data: record,
      }),
  },
  /** Events of the Open Cybersecurity Schema Framework, one a line. */
  ocsf: { head: '', line: (row: ProvenRow) => json(ocsfEvent(row)) },
} as const satisfies Readonly<Record<string, ExportFormat>>;
export type ExportName = keyof typeof EXPORT_FORMATS;

function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** A cell that begins like a formula would be computed by the reader's spreadsheet: whoever may write a reason could run one there. */
function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
