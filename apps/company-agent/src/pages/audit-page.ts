import { type Agreement, asLogged, closedMembers } from '@interlock/domain';
import { canonicalBytes, hashLeaf } from '@interlock/proof';
import type { CheckedAnswer } from '../audit/check-answer.js';
import { type Html, html } from './html.js';
import { facts, table } from './page.js';
import { bothTimes } from './words.js';

/** Rows of evidence, each shown only because its place in the log was verified here. */
export const auditPage = (
  agreements: readonly Agreement[],
  log: string,
  answer: Html,
): Html => html`<form method="get" action="/audit">
<label for="log">Log</label><select id="log" name="log">${agreements.map(
  ({ id, parties }) =>
    html`<option value="${id}"${id === log && html` selected`}>${parties.map((party) => party.organisation).join(' and ')}</option>`,
)}</select>
${['resource', 'subject', 'kind', 'outcome'].map(
  (name) => html`<label for="${name}">${name}</label><input id="${name}" name="${name}" maxlength="200">`,
)}
<button>Show</button></form>${answer}`;

export const auditRows = (
  { rows, size, cosigned, sameAsSeen }: CheckedAnswer,
  zone: string,
): Html => html`<h2>Evidence</h2>
${facts([
  { label: 'Entries in the log', text: String(size) },
  { label: 'Cosigned by', text: cosigned.join(', ') || 'nobody yet' },
  { label: 'Fits what this witness saw', text: sameAsSeen },
])}
${table(
  ['No.', 'When', 'What', 'Who', 'On', 'Clause', 'Approved by', 'Code'],
  rows.map(({ index, record }) => [
    html`<a href="/audit/${record.log}/${index}">${index}</a>`,
    bothTimes(record.at, zone),
    `${record.kind} (${record.outcome})`,
    record.subject ? `${record.subject.id} of ${record.subject.organisation}` : (record.organisation ?? ''),
    record.resource ? `${record.resource.id} of ${record.resource.owner}` : '',
    record.clause ?? '',
    record.approvers.join(', '),
    record.code ?? '',
  ]),
)}`;

/** One record as it stands in the log, with what this agent checked of it. */
export function recordPage({ rows, size, cosigned, sameAsSeen }: CheckedAnswer, index: number, zone: string): Html {
  const row = rows.find((one) => one.index === index);
  if (!row) return html`<p>There is no record ${index} in the ${size} records that were cosigned.</p>`;
  const logged = asLogged(row.record);
  const closed = closedMembers(row.record).join(', ');
  return html`<p>This agent checked that the record stands at its place in a tree that was cosigned as agreed.${
    row.record.withheld
      ? ' What it says of persons lies beside the log, and fits the digests that the log holds of it.'
      : ''
  }</p>
${facts([
  { label: 'Place', text: `${index} of ${size}` },
  { label: 'When', text: bothTimes(row.record.at, zone) },
  { label: 'Hash of the leaf', text: Buffer.from(hashLeaf(canonicalBytes(logged))).toString('base64') },
  ...(closed === '' ? [] : [{ label: 'Erased, or not handed over', text: closed }]),
  { label: 'Cosigned by', text: cosigned.join(', ') || 'nobody yet' },
  { label: 'Fits what this witness saw', text: sameAsSeen },
])}<h2>Record</h2><pre>${JSON.stringify(row.record, null, 2)}</pre>
<p><a href="/audit?log=${row.record.log}">Back to the log</a></p>`;
}
