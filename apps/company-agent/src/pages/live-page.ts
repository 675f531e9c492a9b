import type { Agreement, EvidenceRecord, Refusal } from '@interlock/domain';
import type { LiveUnder } from '../audit/live-now.js';
import type { Session } from '../login/sessions.js';
import { type Html, html } from './html.js';
import { empty, state, table, tokenField } from './page.js';
import { bothTimes, resourceWords, subjectWords, whyNot } from './words.js';

/** The parties of an agreement, by which people know it. */
export const partiesWords = ({ parties }: Agreement): string =>
  parties.map(({ organisation }) => organisation).join(' and ');

/** The same, with what tells one agreement of two companies from another. */
export const agreementName = (agreement: Agreement): string => `${partiesWords(agreement)} (${agreement.id})`;

/** What a part of a page is about. */
export const agreementHead = (agreement: Agreement): Html =>
  html`<h2>${partiesWords(agreement)}</h2><p class="soft"><a href="/agreements/${agreement.id}">${agreement.id}</a>, version ${agreement.version}</p>`;

/** Said in place of rows that cannot be shown. */
export const notShown = (refusal: Refusal): Html =>
  html`<p class="no" role="status">Nothing of this log can be shown now. ${whyNot(refusal)} (<code>${refusal.code}</code>${refusal.clause && html`, <code>${refusal.clause}</code>`}).</p>`;

/** What is open, with a cut beside each session for who may cut, and which gateway is locked. */
export const livePage = (
  session: Session,
  all: readonly LiveUnder[],
  zone: string,
): Html => html`<p class="lead">From what gateways
recorded, each record verified by this agent. A gateway hands its records over within seconds while it is connected; what it says itself is
shown by <code>interlock gateway state</code>.</p>
${all.length === 0 && empty('There is no agreement in force, so nothing can be open.')}${all.map(
  ({ agreement, live, refusal }) => html`<section aria-label="${agreementName(agreement)}">${agreementHead(agreement)}
${refusal && notShown(refusal)}${live && html`${sessionRows(session, agreement, live.sessions, zone)}${lockoutRows(live.lockouts, zone)}`}</section>`,
)}`;

/** More than that on one page nobody reads; whoever must see them all asks the log. */
const MOST = 100;

const sessionRows = (session: Session, agreement: Agreement, sessions: readonly EvidenceRecord[], zone: string): Html =>
  html`<h3>Sessions</h3>${
    sessions.length === 0
      ? empty('No session is open.')
      : html`<p>${sessions.length} open${sessions.length > MOST && html`; the newest ${MOST} are shown, the others by <code>interlock audit query --kind session.opened</code>`}</p><ul class="cards">${sessions
          .slice(0, MOST)
          .map(
            (one) => html`<li><p><strong>${one.subject ? subjectWords(one.subject) : 'somebody'}</strong> on
${one.resource ? resourceWords(one.resource) : 'a machine'} ${state('open', 'yes')}</p>
<p>Since ${bothTimes(one.at, zone)}, approved by ${one.approvers.join(', ') || 'nobody'}. Session <code>${one.session ?? ''}</code>.</p>
${session.capacities.includes('architect') && cutForm(session, agreement, one.session ?? '')}</li>`,
          )}</ul>`
  }`;

const cutForm = (
  session: Session,
  agreement: Agreement,
  id: string,
): Html => html`<form method="post" action="/acts" class="no">
${tokenField(session)}<input type="hidden" name="verb" value="revoke"><input type="hidden" name="kind" value="session">
<input type="hidden" name="agreementId" value="${agreement.id}"><input type="hidden" name="id" value="${id}">
<label for="reason-${id}">Reason, shown to the partner</label><input id="reason-${id}" name="reason" required maxlength="200">
<button>Cut this session now</button></form>`;

const lockoutRows = (records: readonly EvidenceRecord[], zone: string): Html =>
  html`<h3>Lock-out of each gateway</h3>${
    records.length === 0
      ? empty('No gateway has ever recorded a lock-out.')
      : table(
          ['Gateway', 'State', 'Since', 'Reason'],
          records.map(({ source, kind, at, reason }) => [
            source,
            kind === 'lockout.set' ? state('locked out', 'no') : state('not locked', 'yes'),
            bothTimes(at, zone),
            reason ?? '',
          ]),
        )
  }<p class="soft">A lock-out is lifted at the gateway alone: <code>interlock gateway unlock</code> in its folder.</p>`;
