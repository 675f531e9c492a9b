import type { ReadAgreement } from '../agreements/agreements.js';
import type { OwedHere, OwedReviews } from '../audit/owed-reviews.js';
import type { HeldGrant } from '../grants/held-grant.js';
import { agreementRows } from './agreement-page.js';
import { type Html, html } from './html.js';
import { empty, pager, ROWS, state, table } from './page.js';
import { bothTimes, KINDS, resourceWords, subjectWords } from './words.js';

/** A part of a list of grants. */
export interface SomeGrants {
  readonly held: readonly HeldGrant[];
  /** How many of this part do not verify here. */
  readonly notShown: number;
  readonly from: number;
  readonly of: number;
}

export type WaitsFor = 'you' | 'your company' | 'the partner';

/** What waits for somebody, for whom, and the way to the page on which it is read and signed. */
export const inboxPage = (
  zone: string,
  agreements: readonly ReadAgreement[],
  grants: SomeGrants,
  reviews: OwedReviews,
  waitsFor: (held: HeldGrant) => WaitsFor,
): Html => html`<h2>Grants that wait</h2>${
  grants.of === 0 && empty('No grant waits. What partners and your own people ask for appears here by itself.')
}<ul class="cards">${grants.held.map((held) => waiting(held, waitsFor(held), zone))}</ul>
${aside(grants)}${pager(grants.from, grants.of, (from) => `/?from=${from}`)}${owedHere(reviews, zone)}
<h2>Agreements that are not in force</h2>${
  agreements.length === 0 ? empty('No agreement waits for a signature.') : agreementRows(agreements.slice(0, ROWS))
}${agreements.length > ROWS && html`<p><a href="/agreements">All ${agreements.length} of them</a></p>`}`;

/** What was let in at the gateway alone is looked at afterwards, by somebody else. */
const owedHere = ({ owed, unread }: OwedReviews, zone: string): Html | false =>
  owed.length + unread.length > 0 &&
  html`<h2>Uses activated at a gateway that nobody has looked at</h2><ul class="cards">${owed.slice(0, ROWS).map((one) => review(one, zone))}</ul>${
    owed.length > ROWS && html`<p>and ${owed.length - ROWS} more: "interlock audit report"</p>`
  }${unread.map(({ agreement, refusal }) => html`<p class="no">The log of ${agreement} could not be read (${refusal.code}): something may wait there.</p>`)}`;

const review = ({ agreement, session, resource, subject, activatedBy, at, due }: OwedHere, zone: string): Html =>
  html`<li><h3>${subject} on ${resource} ${due !== null && state(`to be reviewed until ${bothTimes(due, zone)}`, 'wait')}</h3>
<p>Activated by ${activatedBy ?? 'somebody'} at ${bothTimes(at, zone)}; somebody else signs what he found:</p>
<p class="mono">interlock audit review ${agreement} ${session}</p></li>`;

const waiting = (held: HeldGrant, next: WaitsFor, zone: string): Html => {
  const { kind, subjects, resources, actions, purpose, ticket, requester, windows } = held.grant.document;
  return html`<li><h3><a href="/grants/${held.id}">${subjects.map(subjectWords).join('; ')} on ${resources.map(resourceWords).join('; ')}</a> ${state(`waits for ${next}`, next === 'you' ? 'wait' : '')}</h3>
<p>${KINDS[kind]}: ${actions.join(', ')}; for ${purpose}${ticket !== null && html`, ticket ${ticket}`}</p>
<p>${windows.length === 1 ? 'One window' : `${windows.length} windows`}, from ${bothTimes(Math.min(...windows.map(({ from }) => from)), zone)}
to ${bothTimes(Math.max(...windows.map(({ to }) => to)), zone)}</p>
<p class="soft">Asked by ${requester.id} of ${requester.organisation}; approved by ${held.approvers.map(({ id }) => id).join(', ') || 'nobody yet'}</p></li>`;
};

/** What is left out is said. */
const aside = ({ notShown }: SomeGrants): Html | false =>
  notShown > 0 &&
  html`<p class="no">${notShown} that the broker lists ${notShown === 1 ? 'does' : 'do'} not verify here and ${notShown === 1 ? 'is' : 'are'} not shown.</p>`;

const MOODS = { asked: 'wait', active: 'yes', denied: 'no', revoked: 'no', expired: '' } as const;

export const grantRows = (zone: string, grants: SomeGrants): Html =>
  grants.of === 0
    ? empty(
        'There is no grant yet. Who has a key of an own asks for one on the page "Ask for access", or by "interlock grant request".',
      )
    : html`${table(
        ['Who', 'On', 'What', 'Until', 'State', 'Grant'],
        grants.held.map(({ id, status, grant: { document } }) => [
          document.subjects.map(subjectWords).join('; '),
          document.resources.map(resourceWords).join('; '),
          document.actions.join(', '),
          bothTimes(Math.max(...document.windows.map(({ to }) => to)), zone),
          state(status, MOODS[status]),
          html`<a href="/grants/${id}" class="mono">${id}</a>`,
        ]),
      )}${aside(grants)}${pager(grants.from, grants.of, (from) => `/grants?from=${from}`)}`;
