import { type Agreement, asLogged, closedMembers, EVIDENCE_KINDS } from '@interlock/domain';
import { canonicalBytes, hashLeaf } from '@interlock/proof';
import type { CheckedAnswer } from '../audit/check-answer.js';
import { type Html, html } from './html.js';
import { agreementName } from './live-page.js';
import { empty, facts, ROWS, state, table } from './page.js';
import { bothTimes } from './words.js';

/** What somebody asked a log for, as the page sent it. */
export type AuditQuestion = Readonly<Record<string, string>>;

const FIELDS = [
  ['resource', 'Machine or resource'],
  ['subject', 'Who acted'],
  ['approver', 'Who approved'],
  ['ticket', 'Ticket'],
] as const;
const OUTCOMES = ['allow', 'deny', 'cut', 'change', 'delivery', 'finding'] as const;

/** Rows of evidence, each shown only because its place in the log was verified here. */
export const auditPage = (
  agreements: readonly Agreement[],
  asked: AuditQuestion,
  answer: Html,
): Html => html`<form method="get" action="/audit" class="filter">
<div><label for="log">Log</label><select id="log" name="log">${agreements.map(
  (one) => html`<option value="${one.id}"${one.id === asked.log && html` selected`}>${agreementName(one)}</option>`,
)}</select></div>
${FIELDS.map(
  ([name, label]) =>
    html`<div><label for="${name}">${label}</label><input id="${name}" name="${name}" value="${asked[name] ?? ''}" maxlength="200"></div>`,
)}
${choice('kind', 'Kind of record', EVIDENCE_KINDS, asked.kind)}${choice('outcome', 'Outcome', OUTCOMES, asked.outcome)}
<button>Show</button></form>${answer}`;

const choice = (name: string, label: string, all: readonly string[], chosen: string | undefined): Html =>
  html`<div><label for="${name}">${label}</label><select id="${name}" name="${name}"><option value="">any</option>${all.map(
    (one) => html`<option${one === chosen && html` selected`}>${one}</option>`,
  )}</select></div>`;

/** What this agent found when it checked the answer, in the words of somebody who was not there. */
const checks = ({ size, cosigned, sameAsSeen, root }: CheckedAnswer): Html =>
  size === 0
    ? empty('Nothing of this log was cosigned yet, so nothing of it is shown.')
    : html`<ul class="checks" aria-label="What was checked"><li>each record below stands at its place in one log of ${size} entries</li>
<li>the head of that log was cosigned by ${cosigned.join(', ') || 'nobody yet'}</li>
<li>${SEEN[sameAsSeen]}</li></ul><p class="soft">Head at ${size} entries: <code>${root}</code>. Whoever else holds this log sees the same at this size.</p>`;

const SEEN: Readonly<Record<CheckedAnswer['sameAsSeen'], string>> = {
  yes: 'it is the very log that this company’s witness saw',
  'newer than what was seen': 'it is newer than what this company’s witness saw last',
  'older than what was seen': 'it is older than what this company’s witness saw last',
};

const MOODS: Readonly<Record<string, 'yes' | 'no' | 'wait'>> = { allow: 'yes', deny: 'no', cut: 'no', finding: 'wait' };

export const auditRows = (answer: CheckedAnswer, asked: AuditQuestion, zone: string): Html => html`<h2>Evidence</h2>
${checks(answer)}${
  answer.rows.length === 0
    ? answer.size > 0 && empty('No record fits this question.')
    : table(
        ['No.', 'When', 'What', 'Who', 'On', 'Approved by', 'Clause or code'],
        answer.rows.map(({ index, record }) => [
          html`<a class="place" href="/audit/${record.log}/${index}">${index}</a>`,
          bothTimes(record.at, zone),
          html`<span class="word">${record.kind}</span> ${state(record.outcome, MOODS[record.outcome] ?? '')}`,
          record.subject ? `${record.subject.id} of ${record.subject.organisation}` : (record.organisation ?? ''),
          record.resource ? `${record.resource.id} of ${record.resource.owner}` : '',
          record.approvers.join(', '),
          [record.clause, record.code].filter((one) => one !== null).join(', '),
        ]),
      )
}${ways(answer, asked)}`;

/** The same question, further on in the same tree. */
function ways({ next, size }: CheckedAnswer, asked: AuditQuestion): Html | false {
  const further = new URLSearchParams({ ...asked, after: String(next), treeSize: String(size) });
  const { after, treeSize: _, ...first } = asked;
  if (next === null && after === undefined) return false;
  return html`<nav class="pager" aria-label="Rows"><span>At most ${ROWS} records on a page.</span>
${after !== undefined && html`<a href="/audit?${new URLSearchParams(first).toString()}">From the beginning</a>`}${next !== null && html`<a href="/audit?${further.toString()}">Records after</a>`}</nav>`;
}

/** One record as it stands in the log, with what this agent checked of it. */
export function recordPage(answer: CheckedAnswer, index: number, zone: string): Html {
  const { rows, size, cosigned } = answer;
  const row = rows.find((one) => one.index === index);
  if (!row) return empty(`There is no record ${index} in the ${size} records that were cosigned.`);
  const logged = asLogged(row.record);
  const closed = closedMembers(row.record).join(', ');
  return html`${checks(answer)}${
    row.record.withheld &&
    html`<p>What it says of persons lies beside the log, and fits the digests that the log holds of it.</p>`
  }
${facts([
  { label: 'Place', text: `${index} of ${size}` },
  { label: 'When', text: bothTimes(row.record.at, zone) },
  ...(row.appendedAt === undefined
    ? []
    : [{ label: 'Appended, by the word of the operator', text: bothTimes(row.appendedAt, zone) }]),
  { label: 'What', text: `${row.record.kind} (${row.record.outcome})` },
  { label: 'Said by', text: row.record.source },
  { label: 'Hash of the leaf', text: Buffer.from(hashLeaf(canonicalBytes(logged))).toString('base64') },
  ...(closed === '' ? [] : [{ label: 'Erased, or not handed over', text: closed }]),
  { label: 'Cosigned by', text: cosigned.join(', ') || 'nobody yet' },
])}<h2>Record</h2><pre>${JSON.stringify(row.record, null, 2)}</pre>
<p class="soft">To check it without this agent: <code>interlock audit copy --log ${row.record.log} --out log-copy</code>, then <code>interlock audit verify log-copy</code> with the roots
that the companies tell you.</p>
<p><a href="/audit?log=${row.record.log}">Back to the log</a></p>`;
}
