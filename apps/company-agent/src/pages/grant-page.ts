import type { Agent } from '../agent.js';
import { approvingGroups, governingTerm, mayApprove } from '../grants/approve-grant.js';
import type { HeldGrant } from '../grants/held-grant.js';
import type { Session } from '../login/sessions.js';
import type { PasskeyAsk } from '../passkeys/passkey-desk.js';
import { veryDocument } from './agreement-page.js';
import { type Html, html } from './html.js';
import { type Fact, facts, tokenField } from './page.js';
import { passkeyFields } from './passkey-page.js';
import { bothTimes, KINDS, resourceWords, spanWords, subjectWords, whyNot } from './words.js';

/** Everything a grant says, in plain words, from the very document that would be signed. Nothing of it is left out. */
export function grantFacts(
  { grant: { document }, agreement, agreementDigest, digest }: HeldGrant,
  zone: string,
): Fact[] {
  const windows = document.windows.map(
    ({ from, to }) => `from ${bothTimes(from, zone)} to ${bothTimes(to, zone)}, ${spanWords(to - from)}`,
  );
  const term = governingTerm(document, agreement);
  return [
    { label: 'What', text: KINDS[document.kind] },
    { label: 'Who may act', text: document.subjects.map(subjectWords).join('; ') },
    { label: 'On', text: document.resources.map(resourceWords).join('; ') },
    { label: document.kind === 'data-collection' ? 'Data product' : 'Services', text: document.actions.join(', ') },
    { label: 'Purpose', text: document.purpose },
    { label: 'Ticket', text: document.ticket ?? 'none' },
    ...ruleFacts(document),
    ...windows.map((text) => ({ label: 'Window', text })),
    ...listFacts(document),
    ...delegationFacts(document),
    ...dormancyFacts(document),
    ...standingFacts(document),
    {
      label: WHO[document.typ],
      text: `${document.requester.id} of ${document.requester.organisation}`,
    },
    { label: 'Asked at', text: bothTimes(document.issuedAt, zone) },
    { label: 'Agreement', text: `${agreement.id}, version ${agreement.version}, ${agreementDigest}` },
    { label: 'Clause', text: term ? clauseWords(term) : 'none' },
    { label: 'Grant', text: document.id },
    { label: 'Digest that is signed', text: digest },
  ];
}

const WHO = { grant: 'Asked by', delegation: 'Handed on by', 'standing-approval': 'Proposed by' } as const;

/** What somebody says yes to beforehand, or what was said. */
function standingFacts(document: HeldGrant['grant']['document']): Fact[] {
  if (document.typ === 'grant')
    return document.standingApproval ? [{ label: 'Approved beforehand by', text: document.standingApproval }] : [];
  if (document.typ !== 'standing-approval') return [];
  const { longestWindowSeconds, uses, gateway } = document;
  return [
    {
      label: 'A yes beforehand',
      text: 'to every grant inside this that is asked for in its window; nobody here is asked again',
    },
    { label: 'Longest window of a grant', text: spanWords(longestWindowSeconds * 1000) },
    { label: 'Sessions', text: `at most ${uses}, of all these grants together` },
    { label: 'Counted by gateway', text: `${gateway.id}, with the key ${gateway.key}` },
  ];
}

/** The rule that the windows were made by. */
const ruleFacts = (document: HeldGrant['grant']['document']): Fact[] =>
  document.typ !== 'grant' || !document.recurrence
    ? []
    : [
        {
          label: 'Windows recur',
          text: `${document.recurrence.rule} from ${document.recurrence.start} by the clock of ${document.recurrence.zone} (zone database ${document.recurrence.zoneDatabase}); ${document.windows.length} windows`,
        },
        { label: 'Calendar of the plant', text: document.recurrence.calendar ?? 'none was published' },
      ];

/** The member lists that bound it. Each name on them stands above; the agent looks all of them up before anybody signs. */
const listFacts = (document: HeldGrant['grant']['document']): Fact[] =>
  document.typ === 'delegation'
    ? []
    : Object.entries(document.memberLists ?? {}).map(([what, list]) => ({
        label: what === 'resources' ? 'Only machines on the list' : 'Only who is on the list',
        text: `${list}; whoever is struck from it is out at once, and one more makes another list`,
      }));

/** What a delegation says beside what a grant says. */
const delegationFacts = (document: HeldGrant['grant']['document']): Fact[] =>
  document.typ !== 'delegation'
    ? []
    : [
        { label: 'Hangs on', text: document.parent },
        {
          label: 'Sessions',
          text: document.uses === null ? 'as many as the windows allow' : `at most ${document.uses}`,
        },
        { label: 'Reason', text: document.reason },
      ];

/** What a dormant grant does without a login, a broker or a fresh yes: whoever signs it must see that first. */
const dormancyFacts = (document: HeldGrant['grant']['document']): Fact[] =>
  document.typ !== 'grant' || !document.dormant
    ? []
    : [
        {
          label: 'Dormant',
          text: `opens nothing until one of these keys activates it at the gateway: ${document.dormant.approverKeys.join(', ')}`,
        },
        { label: 'Then it opens for the key', text: document.dormant.subjectKeys.join(', ') },
        {
          label: 'Each time',
          text: `${spanWords(document.dormant.seconds * 1000)}, at most ${document.dormant.uses} times, without login, broker or lease`,
        },
      ];

function clauseWords(term: NonNullable<ReturnType<typeof governingTerm>>): string {
  const approvals = term.approvals.map(({ group, persons }) => `${persons} of group ${group}`).join(' and ');
  return `${term.type}; approvals: ${approvals}; longest window ${spanWords(term.longestWindowSeconds * 1000)}`;
}

export function approvalFacts({ approvers, complete, status }: HeldGrant): Fact[] {
  const who = approvers.map(({ id, groups }) => `${id} (${groups.join(', ')})`).join('; ') || 'nobody yet';
  return [
    { label: 'Approved by', text: who },
    { label: 'Approvals complete', text: complete ? 'yes' : 'no' },
    { label: 'State at the broker', text: status },
  ];
}

/** The page on which a person says yes or no. It is made from the document that was fetched, verified and hashed by this agent. */
export function grantPage(agent: Agent, session: Session, held: HeldGrant, passkey?: PasskeyAsk): Html {
  const role = mayApprove(agent, session, held);
  const own = held.owner === agent.organisation;
  const open = own && held.status === 'asked';
  const active = own && held.status === 'active';
  return html`<section aria-label="What is asked">${facts(grantFacts(held, agent.timeZone))}</section>
${veryDocument(held.grant.document)}
<section aria-label="Approvals"><h2>Approvals</h2>${facts(approvalFacts(held))}
<p>Groups that may approve: ${approvingGroups(held).join(', ')}.</p></section>
${open && role.allowed && html`${passkey && passkeyForm(session, held, passkey)}${approveForm(session, held)}${denyForm(session, held)}`}
${active && role.allowed && denyForm(session, held)}
${open && !role.allowed && html`<p class="no">You cannot approve this: ${whyNot(role.refusal)} (<code>${role.refusal.code}</code>).</p>`}`;
}

const approveForm = (
  session: Session,
  held: HeldGrant,
): Html => html`<form method="post" action="/grants/${held.id}/approve" class="yes">
<h2>Approve</h2>
<p>With your passphrase you sign exactly the document above, with the digest <code>${held.digest}</code>.</p>
${tokenField(session)}<input type="hidden" name="digest" value="${held.digest}">
<label for="passphrase">Passphrase of your key</label>
<input id="passphrase" name="passphrase" type="password" autocomplete="off" required maxlength="200">
<button>Sign and approve</button></form>`;

const passkeyForm = (
  session: Session,
  held: HeldGrant,
  ask: PasskeyAsk,
): Html => html`<form method="post" action="/grants/${held.id}/approve" class="yes">
<h2>Approve with your passkey</h2>
<p>Your passkey signs exactly the document above, with the digest <code>${held.digest}</code>. This page waits for it for five minutes.</p>
${tokenField(session)}<input type="hidden" name="digest" value="${held.digest}">${passkeyFields(ask, 'get')}
<button>Sign with your passkey</button></form>`;

/** After a yes of this company the same no takes the right back, also from a session that is open. */
const denyForm = (
  session: Session,
  held: HeldGrant,
): Html => html`<form method="post" action="/grants/${held.id}/deny" class="no">
<h2>${held.approvers.length > 0 ? 'Deny after all' : 'Deny'}</h2>
${held.approvers.length > 0 && html`<p>Somebody of your company has said yes: this revokes the grant and ends what is open under it.</p>`}
${tokenField(session)}
<label for="reason">Reason, shown to the partner</label><input id="reason" name="reason" required maxlength="500">
${
  held.approvers.length === 0 &&
  html`<label for="internal-reason">Reason, for your company alone</label><input id="internal-reason" name="internalReason" maxlength="500">
<label for="internal-ticket">Ticket of your company, for it alone</label><input id="internal-ticket" name="internalTicket" maxlength="200">`
}
<button>Deny</button></form>`;
