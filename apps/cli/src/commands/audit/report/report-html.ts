import { type HistoryReport, latencyOf } from '@interlock/domain';
import { utc } from '../../words.js';
import type { RecordSource } from '../every-record.js';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Reasons, tickets and codes come from strangers; none of them becomes markup. */
const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => ESCAPES[one] ?? one);

type Cell = string | number;
const list = (names: readonly string[]): string => names.join(', ') || 'none';

function table(heads: readonly string[], rows: readonly (readonly Cell[])[], none: string): string {
  if (rows.length === 0) return `<p class="none">${escaped(none)}</p>`;
  const cell = (value: Cell) =>
    `<td${typeof value === 'number' ? ' class="n"' : ''}>${escaped(String(value)).replace(/[/_]/g, '$&<wbr>')}</td>`;
  const head = heads.map((name) => `<th scope="col">${escaped(name)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n');
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}

const section = (title: string, ...content: readonly string[]): string =>
  `<section><h2>${escaped(title)}</h2>${content.join('\n')}</section>`;

/** No script, no font and no picture from anywhere: what is kept today prints the same in ten years. */
const STYLE = `
:root { color-scheme: light; }
body { font: 10.5pt/1.45 system-ui, sans-serif; color: #1a1a1a; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 1.8rem 0 .5rem; break-after: avoid; }
.about { color: #444; margin: .15rem 0; } .none { color: #555; font-style: italic; } .warning { color: #8a1c00; font-weight: 600; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; } thead { display: table-header-group; }
th, td { text-align: left; vertical-align: top; padding: .28rem .5rem; border-bottom: 1px solid #ccc; overflow-wrap: break-word; }
th { border-bottom: 2px solid #333; white-space: nowrap; } td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } tr { break-inside: avoid; }
@page { size: A4; margin: 16mm 14mm; }
@media print { body { margin: 0; padding: 0; max-width: none; font-size: 9pt; } }`;

/** The report as one page of HTML that stands alone. */
export function reportHtml(report: HistoryReport, source: RecordSource): string {
  const title = `Agreement ${report.agreement.id}, ${day(report.from)} to ${day(report.to)}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title><style>${STYLE}</style></head><body>
<header><h1>${escaped(title)}</h1>
<p class="about">Version ${report.agreement.version} between ${escaped(report.parties.join(' and '))}; times are UTC, from ${escaped(utc(report.from))} to before ${escaped(utc(report.to))}.</p>
<p class="about">${report.records} records of the period, from a log of ${source.treeSize} records cosigned by ${escaped(source.cosigned.join(' and ') || 'nobody')}.</p>
${source.whole ? '' : '<p class="warning">Not every record of the log was read: this report may be missing some.</p>'}</header>
${[access(report), refusals(report), exceptions(report), cuts(report), data(report), lapses(report), findings(report), controls(report)].join('\n')}
</body></html>
`;
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

const access = ({ access: lines }: HistoryReport): string =>
  section(
    'Access',
    table(
      ['who', 'on what', 'clause', 'approved by', 'tickets', 'purposes', 'times', 'first', 'last'],
      lines.map((one) => [
        ...[one.subject, one.resource, one.clause, list(one.approvers), list(one.tickets), list(one.purposes)],
        ...[one.opened, utc(one.first), utc(one.last)],
      ]),
      'Nobody used anything.',
    ),
  );

const codes = (lines: HistoryReport['refusals'], none: string): string =>
  table(
    ['record', 'code', 'records', 'first', 'last'],
    lines.map((one) => [one.kind, one.code, one.records, utc(one.first), utc(one.last)]),
    none,
  );

const refusals = (report: HistoryReport): string => section('Refusals', codes(report.refusals, 'Nothing was refused.'));
const findings = (report: HistoryReport): string =>
  section('Findings and lock-outs', codes(report.findings, 'There was none.'));

const exceptions = ({ exceptions: lines }: HistoryReport): string =>
  section(
    'Exceptions that counted',
    table(
      ['control', 'of', 'conceded by', 'answers for it', 'reason', 'in its place', 'from', 'until'],
      lines.map((one) => [
        ...[one.control, one.organisation, one.acceptedBy, one.owner, one.reason, one.compensation],
        ...[utc(one.validFrom), utc(one.validUntil)],
      ]),
      'No exception counted.',
    ),
  );

/** Further ones are in the log and in the JSON form. */
const MOST_CUTS = 500;

function cuts(report: HistoryReport): string {
  const latency = latencyOf(report.cuts);
  const words = latency
    ? `From the signature of the order to the end at the enforcement point, each by its own clock: half of them took at most ${latency.median} ms, all at most ${latency.longest} ms.`
    : 'None of them was ended by an order, so none has a latency.';
  const more =
    report.cuts.length > MOST_CUTS ? `<p class="about">The first ${MOST_CUTS} of ${report.cuts.length}.</p>` : '';
  const lines = report.cuts.slice(0, MOST_CUTS);
  return section(
    'Cuts',
    lines.length > 0 ? `<p>${escaped(words)}</p>${more}` : '',
    table(
      ['session or flow', 'of', 'on', 'why', 'ended', 'after'],
      lines.map((one) => [
        ...[one.session, one.subject ?? '', one.resource ?? '', one.code, utc(one.endedAt)],
        one.latencyMs === null ? 'no order' : `${one.latencyMs} ms`,
      ]),
      'Nothing was cut.',
    ),
  );
}

const data = ({ data: lines }: HistoryReport): string =>
  section(
    'Data that left',
    table(
      ['category', 'of', 'through region', 'to', 'sealed batches'],
      lines.map((one) => [one.category, one.resource, one.region, one.recipient, one.batches]),
      'No data left.',
    ),
  );

const lapses = ({ lapses: lines }: HistoryReport): string =>
  section(
    'Attestations that lapsed',
    table(
      ['what', 'control', 'of', 'why', 'when'],
      lines.map((one) => [one.kind, one.control ?? 'not held', one.organisation, one.because, utc(one.at)]),
      'None lapsed.',
    ),
  );

const controls = ({ controls: lines, shownElsewhere }: HistoryReport): string =>
  section(
    'Controls',
    '<p>How many records of the period show each control at work, and the tests of the software that show it. No record means that nothing of the kind happened, or that tests alone speak for it.</p>',
    table(
      ['control', 'in short', 'records', 'tests'],
      lines.map((one) => [one.id, one.title, one.records, one.tests.join('; ')]),
      '',
    ),
    `<p class="about">Of the same profiles, to be shown elsewhere: ${escaped(shownElsewhere.join(', '))}.</p>`,
  );
