import { type Agreement, clauseOf, PARTS } from '@interlock/domain';
import type { Session } from '../login/sessions.js';
import { type Html, html } from './html.js';
import { agreementName } from './live-page.js';
import { empty, tokenField } from './page.js';

/** The form of a request. One machine, one window; the command line takes more. */
export const askPage = (session: Session, agreements: readonly Agreement[]): Html =>
  agreements.length === 0
    ? empty('There is no agreement in force, so there is nothing to ask for.')
    : html`<form method="post" action="/grants" class="sheet">${tokenField(session)}
<label for="agreementId">Agreement</label><select id="agreementId" name="agreementId">${agreements.map(
        (one) => html`<option value="${one.id}">${agreementName(one)}</option>`,
      )}</select>
<label for="resource">Machine (owner/id)</label><select id="resource" name="resource">${agreements.flatMap(
        ({ resources }) =>
          resources.map(({ owner, id }) => html`<option value="${owner}/${id}">${id} of ${owner}</option>`),
      )}</select>
${field('actions', 'Services, separated by commas', 'text', true, 'services')}${offered('services', agreements.flatMap(servicesOf))}
${field('purpose', 'Purpose', 'text', true, 'purposes')}${offered('purposes', agreements.flatMap(purposesOf))}
${field('ticket', 'Ticket', 'text', false)}
${field('from', 'From (UTC)', 'datetime-local')}
${field('to', 'To (UTC)', 'datetime-local')}
${field('passphrase', 'Passphrase of your key', 'password')}
<button>Sign and ask</button></form>`;

/** What a field may be filled with, from the agreements; another word is taken too, and refused where no agreement has it. */
const offered = (id: string, words: readonly string[]): Html =>
  html`<datalist id="${id}">${[...new Set(words)].map((word) => html`<option value="${word}"></option>`)}</datalist>`;

const servicesOf = ({ resources, terms }: Agreement): readonly string[] => [
  ...resources.flatMap(({ services }) => services),
  ...terms.flatMap((term) => ('product' in term && typeof term.product === 'string' ? [term.product] : [])),
];
const purposesOf = ({ terms }: Agreement): readonly string[] =>
  terms.flatMap((term) => ('purposes' in term && Array.isArray(term.purposes) ? term.purposes.map(String) : []));

const field = (name: string, label: string, type: string, required = true, list?: string): Html =>
  html`<label for="${name}">${label}</label><input id="${name}" name="${name}" type="${type}" autocomplete="off"${list && html` list="${list}"`}${required && html` required`} maxlength="200">`;

/** The form of a cut. It asks for a reason and nothing else: who may take a right away needs nobody's yes. */
export const cutPage = (session: Session, agreements: readonly Agreement[]): Html =>
  agreements.length === 0
    ? empty(
        'There is no agreement in force, so there is nothing to cut. A gateway is locked at the gateway itself: interlock gateway lockout.',
      )
    : html`<p class="lead">A cut counts at once and cannot be undone here:
what is suspended or narrowed is lifted only by a resume that both companies sign with their offline keys.</p>
<form method="post" action="/acts" class="no">${tokenField(session)}
<label for="verb">What</label><select id="verb" name="verb"><option value="suspend">Suspend the agreement, or lock out a gateway</option><option value="revoke">Revoke</option></select>
<label for="agreementId">Agreement</label><select id="agreementId" name="agreementId">${agreements.map(
        (one) => html`<option value="${one.id}">${agreementName(one)}</option>`,
      )}</select>
<label for="kind">Target</label><select id="kind" name="kind">${[
        'agreement',
        'grant',
        'session',
        'person',
        'machine',
        'workload',
        'key',
        'gateway',
      ].map((kind) => html`<option>${kind}</option>`)}</select>
${field('id', 'Id of the target (empty for the agreement)', 'text', false)}
${field('reason', 'Reason, shown to the partner', 'text')}
<button>Cut now</button></form>
${narrowForm(session, agreements)}`;

const narrowForm = (
  session: Session,
  agreements: readonly Agreement[],
): Html => html`<h2>Take one part of an agreement away</h2><p class="lead">Everything else in it goes on. Only what leaves the partner no more, and owes it no less, is signed.</p>
<form method="post" action="/acts" class="no">${tokenField(session)}<input type="hidden" name="verb" value="narrow">
<label for="narrowed">Agreement</label><select id="narrowed" name="agreementId">${agreements.map(
  (one) => html`<option value="${one.id}">${agreementName(one)}</option>`,
)}</select>
<label for="part">What</label><select id="part" name="kind">${PARTS.map((part) => html`<option>${part}</option>`)}</select>
<label for="name">Its name (a resource as owner/id, a service of it as owner/id=service)</label><input id="name" name="id" list="parts" autocomplete="off" required maxlength="600">
<datalist id="parts">${agreements.flatMap(partNames).map((name) => html`<option value="${name}"></option>`)}</datalist>
<label for="why">Reason, shown to the partner</label><input id="why" name="reason" autocomplete="off" required maxlength="200">
<button>Take it away now</button></form>`;

/** What the form offers: every name that the agreement itself uses. */
const partNames = ({ resources, terms }: Agreement): readonly string[] => [
  ...resources.flatMap((one) => [
    `${one.owner}/${one.id}`,
    ...one.services.map((service) => `${one.owner}/${one.id}=${service}`),
  ]),
  ...terms.map(clauseOf),
];
