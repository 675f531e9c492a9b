import { type HistoryReport, latencyOf } from '@interlock/domain';
import { dueWords, spanWords, utc } from '../../words.js';
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

/** A longer part of a name may break where it likes; a shorter one and a time stay whole. */
const LONGEST_WHOLE = 34;
const TIME = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/;

/** Text of a cell: lines end after a slash or an underscore and between words, and nowhere inside `press-7` or a date. */
function cellText(text: string): string {
  const time = TIME.exec(text);
  if (time) return `<span>${time[1]}</span> <span>${time[2]}</span>`;
  const whole = (part: string) =>
    part.includes('-') && part.length <= LONGEST_WHOLE ? `<span>${escaped(part)}</span>` : escaped(part);
  const word = (one: string) => (one.match(/[^/_]*[/_]|[^/_]+/g) ?? []).map(whole).join('<wbr>');
  return text.split(' ').map(word).join(' ');
}

function table(heads: readonly string[], rows: readonly (readonly Cell[])[], none: string): string {
  if (rows.length === 0) return `<p class="none">${escaped(none)}</p>`;
  const cell = (value: Cell) => `<td${typeof value === 'number' ? ' class="n"' : ''}>${cellText(String(value))}</td>`;
  const kind = (at: number) => (rows.some((row) => typeof row[at] === 'number') ? ' class="n"' : '');
  const head = heads.map((name, at) => `<th scope="col"${kind(at)}>${escaped(name)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n');
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

/** A table of so many rows stays on one page; what is longer goes on under its head on the next. */
const MOST_ON_ONE_PAGE = 15;

function section(title: string, ...content: readonly string[]): string {
  const inside = content.join('\n');
  const whole = inside.split('<tr>').length - 1 <= MOST_ON_ONE_PAGE + 1;
  return `<section${whole ? ' class="whole"' : ''}><h2>${escaped(title)}</h2>${inside}</section>`;
}

/** No script, no font and no picture from anywhere: what is kept today prints the same in ten years. */
const STYLE = `
:root { color-scheme: light; }
body { font: 10.5pt/1.45 system-ui, sans-serif; color: #1a1a1a; max-width: 74rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .3rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin: 1.8rem 0 .5rem; break-after: avoid; }
.about { color: #444; margin: .15rem 0; } .last { margin-top: .6rem; } .none { color: #555; font-style: italic; } .warning { color: #8a1c00; font-weight: 600; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; } thead { display: table-header-group; }
td span, .last span { white-space: nowrap; } .wide { overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .28rem .5rem; border-bottom: 1px solid #ccc; overflow-wrap: break-word; }
th { border-bottom: 2px solid #333; white-space: nowrap; } th.n, td.n { text-align: right; } td.n { font-variant-numeric: tabular-nums; white-space: nowrap; } tr { break-inside: avoid; }
@page { size: A4 landscape; margin: 14mm 14mm 16mm; @bottom-right { content: "page " counter(page) " of " counter(pages); font: 8pt system-ui, sans-serif; color: #444; } }
@media print { :root { font-size: 9pt; } .wide { overflow: visible; } body { margin: 0; padding: 0; max-width: none; font-size: 9pt; }
section.whole { break-inside: avoid; } section > p:not(.none, .last) { break-after: avoid; } }`;

/** Every printed page says of what it is a page. Nothing of a title is anything but text of a style. */
const pageStyle = (title: string): string =>
  `@page { @bottom-left { content: "${title.replace(/[^A-Za-z0-9 ,_-]/g, '')}"; font: 8pt system-ui, sans-serif; color: #444; } }`;

/** The report as one page of HTML that stands alone. */
export function reportHtml(report: HistoryReport, source: RecordSource): string {
  const title = `Agreement ${report.agreement.id}, ${day(report.from)} to ${day(report.to)}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title><style>${STYLE}\n${pageStyle(title)}</style></head><body>
<header><h1>${escaped(title)}</h1>
<p class="about">Version ${report.agreement.version} between ${escaped(report.parties.join(' and '))}; times are UTC, from ${escaped(utc(report.from))} to before ${escaped(utc(report.to))}.</p>
<p class="about">${report.records} records of the period, from a log of ${source.treeSize} records cosigned by ${escaped(cosignedWords(source))}.</p>
<p class="about">A time is that of the source of the record, by its own clock. When a record was appended is the word of the operator; <code>interlock audit when</code> proves between which times a witness saw it come.</p>
${source.whole ? '' : '<p class="warning">Not every record of the log was read: this report may be missing some.</p>'}</header>
${[access(report), refusals(report), exceptions(report), cuts(report), data(report), lapses(report), findings(report), activations(report), keeping(report), late(report), controls(report)].join('\n')}
</body></html>
`;
}

/** Who cosigned, and when by that witness's clock. */
export const cosignedWords = ({ cosigned, cosignedAt }: RecordSource): string =>
  cosigned.map((one, at) => `${one} at ${utc(cosignedAt[at] ?? 0)}`).join(' and ') || 'nobody';

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

const keeping = ({ keeping: lines }: HistoryReport): string =>
  section(
    'Holds and erasures',
    table(
      ['what', 'whose', 'why', 'records', 'when'],
      lines.map((one) => [
        KEPT[one.kind] ?? one.kind,
        ...[one.organisation ?? 'both, by the retention they signed', one.code ?? '', one.erased || '', utc(one.at)],
      ]),
      'Nobody held the log, and nothing was erased of it.',
    ),
  );
const KEPT: Readonly<Record<string, string>> = {
  'hold.set': 'hold set',
  'hold.lifted': 'hold lifted',
  'evidence.erased': 'erased',
};

const activations = ({ activations: lines }: HistoryReport): string =>
  section(
    'Uses that were activated at a gateway',
    table(
      ['who', 'on', 'when', 'session', 'review'],
      lines.map((one) => [
        ...[one.subject, one.resource, utc(one.at), one.session],
        one.review
          ? `${one.review.reviewer}, ${utc(one.review.issuedAt)}: ${one.review.finding}`
          : `NOT REVIEWED${dueWords(one.due)}`,
      ]),
      'None was.',
    ),
  );

const late = ({ late: lines }: HistoryReport): string =>
  section(
    'Records that came late',
    table(
      ['from', 'records', 'the longest after'],
      lines.map((one) => [one.source, one.records, spanWords(one.longestMs)]),
      'None is known to have come more than a minute after what it says.',
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
    `<p class="about last">Of the same profiles, to be shown elsewhere: ${cellText(shownElsewhere.join(', '))}.</p>`,
  );
