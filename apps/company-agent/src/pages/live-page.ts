import type { Agreement, EvidenceRecord, Refusal } from '@interlock/domain';
import type { LiveUnder } from '../audit/live-now.js';
import type { Session } from '../login/sessions.js';
import { type Html, html } from './html.js';
import { tokenField } from './page.js';
import { bothTimes, resourceWords, subjectWords } from './words.js';

/** The parties of an agreement, by which people know it. */
export const partiesWords = ({ parties }: Agreement): string =>
  parties.map(({ organisation }) => organisation).join(' and ');

/** Said in place of rows that cannot be shown. */
export const notShown = ({ code, clause }: Refusal): Html =>
  html`<p class="no" role="status">Nothing of this log can be shown now: <code>${code}</code>${clause && html` (<code>${clause}</code>)`}.</p>`;

/** What is open, with a cut beside each session for who may cut, and which gateway is locked. */
export const livePage = (session: Session, all: readonly LiveUnder[], zone: string): Html => html`<p>From what gateways
recorded, each record verified by this agent. A gateway hands its records over within seconds while it is connected; what it says itself is
shown by <code>interlock gateway state</code>.</p>
${all.length === 0 && html`<p>There is no agreement in force.</p>`}${all.map(
  ({
    agreement,
    live,
    refusal,
  }) => html`<section aria-label="${partiesWords(agreement)}"><h2>${partiesWords(agreement)}</h2>
${refusal && notShown(refusal)}${live && html`${sessionRows(session, agreement, live.sessions, zone)}${lockoutRows(live.lockouts, zone)}`}</section>`,
)}`;

const sessionRows = (
  session: Session,
  agreement: Agreement,
  sessions: readonly EvidenceRecord[],
  zone: string,
): Html =>
  sessions.length === 0
    ? html`<h3>Sessions</h3><p>No session is open.</p>`
    : html`<h3>Sessions</h3><ul class="cards">${sessions.map(
        (one) => html`<li><p><strong>${one.subject ? subjectWords(one.subject) : 'somebody'}</strong> on
${one.resource ? resourceWords(one.resource) : 'a machine'}</p>
<p>Since ${bothTimes(one.at, zone)}, approved by ${one.approvers.join(', ') || 'nobody'}. Session <code>${one.session ?? ''}</code>.</p>
${session.capacities.includes('architect') && cutForm(session, agreement, one.session ?? '')}</li>`,
      )}</ul>`;

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
  html`<h3>Lock-outs</h3>${
    records.length === 0
      ? html`<p>No gateway has said anything about a lock-out.</p>`
      : html`<ul>${records.map(
          ({ source, kind, at, reason }) =>
            html`<li><strong>${source}</strong> ${kind === 'lockout.set' ? 'is locked' : 'is not locked any more'} since ${bothTimes(at, zone)}${reason !== undefined && html`: ${reason}`}</li>`,
        )}</ul>`
  }<p>A lock-out is lifted at the gateway alone.</p>`;
