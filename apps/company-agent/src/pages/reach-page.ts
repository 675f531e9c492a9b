import type { Agreement, Instant } from '@interlock/domain';
import type { Reached } from '../grants/who-can-reach.js';
import { type Html, html } from './html.js';
import { bothTimes, KINDS, subjectWords } from './words.js';

export interface ReachQuestion {
  readonly owner: string;
  readonly id: string;
  readonly at: Instant;
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
  return html`<form method="get" action="/reach">
<label for="machine">Machine (owner/id)</label><select id="machine" name="machine">${machines.map(
    (name) =>
      html`<option value="${name}"${asked && name === `${asked.owner}/${asked.id}` && html` selected`}>${name}</option>`,
  )}</select>
<label for="time">At (UTC; now where it is left empty)</label><input id="time" name="time" type="datetime-local">
<button>Show</button></form>${asked && found && html`${answer(asked, found, zone)}`}`;
}

const answer = (
  { owner, id, at }: ReachQuestion,
  { reach, notCounted }: Reached,
  zone: string,
): Html => html`<h2>${id} of ${owner}, ${bothTimes(at, zone)}</h2>
${reach.length === 0 && html`<p>Nobody can be let in.</p>`}<ul class="cards">${reach.map(
  (one) => html`<li><p><strong>${subjectWords(one.subject)}</strong>: ${KINDS[one.kind]}, ${one.actions.join(', ')}</p>
<p>From ${bothTimes(one.window.from, zone)} to ${bothTimes(one.window.to, zone)}.</p>
<p>By ${one.chain.map(({ typ, id: right, requester }) => `${typ} ${right}, asked by ${requester.id} of ${requester.organisation}`).join('; then ')};
approved by ${one.approvers.join(', ') || 'nobody'}.</p></li>`,
)}</ul>${
  notCounted.length > 0 &&
  html`<h3>Not counted</h3><ul>${notCounted.map(
    ({ right, code }) => html`<li>${right}: <code>${code}</code></li>`,
  )}</ul>`
}<p>Nobody else gets in; a signal, a verdict or a lease may still keep one of them out.</p>`;
