import type { Agreement, Instant } from '@interlock/domain';
import type { Reached } from '../grants/who-can-reach.js';
import { type Html, html } from './html.js';
import { empty, pager, ROWS } from './page.js';
import { bothTimes, KINDS, subjectWords } from './words.js';

export interface ReachQuestion {
  readonly owner: string;
  readonly id: string;
  readonly at: Instant;
  /** The row that the page begins with. */
  readonly from: number;
}

/** Who could be let in to one machine at one time, and by which chain. */
export function reachPage(
  agreements: readonly Agreement[],
  asked: ReachQuestion | undefined,
  found: Reached | undefined,
  zone: string,
): Html {
  const machines = [
    ...new Set(agreements.flatMap(({ resources }) => resources.map(({ owner, id }) => `${owner}/${id}`))),
  ];
  if (machines.length === 0) return empty('There is no agreement in force, so nobody can reach anything.');
  return html`<form method="get" action="/reach" class="filter">
<div><label for="machine">Machine (owner/id)</label><select id="machine" name="machine">${machines.map(
    (name) =>
      html`<option value="${name}"${asked && name === `${asked.owner}/${asked.id}` && html` selected`}>${name}</option>`,
  )}</select></div>
<div><label for="time">At (UTC; now where it is left empty)</label><input id="time" name="time" type="datetime-local"></div>
<button>Show</button></form>${asked && found && html`${answer(asked, found, zone)}`}`;
}

const answer = (
  { owner, id, at, from }: ReachQuestion,
  { reach, notCounted }: Reached,
  zone: string,
): Html => html`<h2>${id} of ${owner}, ${bothTimes(at, zone)}</h2>
${reach.length === 0 && empty('Nobody can be let in.')}<ul class="cards">${reach.slice(from, from + ROWS).map(
  (one) => html`<li><h3>${subjectWords(one.subject)}: ${KINDS[one.kind]}, ${one.actions.join(', ')}</h3>
<p>From ${bothTimes(one.window.from, zone)} to ${bothTimes(one.window.to, zone)}.</p>
<p>By ${one.chain.map(({ typ, id: right, requester }) => `${typ} ${right}, asked by ${requester.id} of ${requester.organisation}`).join('; then ')};
approved by ${one.approvers.join(', ') || 'nobody'}.</p></li>`,
)}</ul>${pager(from, reach.length, (row) => `/reach?machine=${encodeURIComponent(`${owner}/${id}`)}&time=${new Date(at).toISOString().slice(0, 23)}&from=${row}`)}${
  notCounted.length > 0 &&
  html`<h3>Not counted, because it does not verify</h3><ul class="plain">${notCounted.map(
    ({ right, code }) => html`<li>${right}: <code>${code}</code></li>`,
  )}</ul>`
}<p class="soft">Nobody else gets in; a signal, a verdict or a lease may still keep one of them out.</p>`;
