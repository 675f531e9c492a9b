import type { Agreement } from '@interlock/domain';
import type { CheckedAnswer } from '../audit/check-answer.js';
import { type Html, html } from './html.js';
import { facts } from './page.js';
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
<table><thead><tr><th scope="col">No.</th><th scope="col">When</th><th scope="col">What</th><th scope="col">Who</th><th scope="col">On</th><th scope="col">Clause</th><th scope="col">Approved by</th><th scope="col">Code</th></tr></thead>
<tbody>${rows.map(
  ({
    index,
    record,
  }) => html`<tr><td>${index}</td><td>${bothTimes(record.at, zone)}</td><td>${record.kind} (${record.outcome})</td>
<td>${record.subject ? `${record.subject.id} of ${record.subject.organisation}` : (record.organisation ?? '')}</td>
<td>${record.resource ? `${record.resource.id} of ${record.resource.owner}` : ''}</td><td>${record.clause ?? ''}</td>
<td>${record.approvers.join(', ')}</td><td>${record.code ?? ''}</td></tr>`,
)}</tbody></table>`;
