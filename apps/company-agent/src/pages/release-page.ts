import type { Session } from '../login/sessions.js';
import type { PasskeyAsk } from '../passkeys/passkey-desk.js';
import type { AskedRelease, HeldThere } from '../releases/release-held.js';
import { veryDocument } from './agreement-page.js';
import { type Html, html } from './html.js';
import { type Fact, facts, tokenField } from './page.js';
import { passkeyFields } from './passkey-page.js';
import { bothTimes, counted, resourceWords } from './words.js';

const heldFacts = ({ agreement, found, takes }: HeldThere, zone: string): Fact[] => [
  { label: 'What', text: `${counted(found.count, 'observation')} that no scanner found clean` },
  { label: 'From', text: found.resource ? resourceWords(found.resource) : 'a machine' },
  { label: 'Held at', text: found.source },
  { label: 'Found', text: bothTimes(found.at, zone) },
  { label: 'Why', text: found.clause ?? 'not clean' },
  { label: 'Bytes (SHA-256)', text: found.documents[0] ?? '' },
  { label: 'Agreement', text: agreement.id },
  { label: 'It takes', text: `two persons, of ${takes.join(' and of ')}` },
];

const LEAD = html`<p class="lead">These bytes go on although they were not found clean, once a person of each side has signed for them.
They never leave the gateway before. What is shown here stands in its verified record.</p>`;

/** Asks for the reason, which is part of what will be signed. */
export const wordsPage = (held: HeldThere, zone: string): Html => html`${LEAD}
<section aria-label="What is held">${facts(heldFacts(held, zone))}</section>
<form method="get" class="sheet"><label for="reason">Reason, signed and shown to the partner</label>
<input id="reason" name="reason" autocomplete="off" required maxlength="200"><button>Show what is signed</button></form>`;

/** The page on which a person signs. It is made from the document whose digest it shows. */
export const releasePage = (session: Session, asked: AskedRelease, zone: string, passkey?: PasskeyAsk): Html => {
  const { document, digest, found } = asked;
  const said = html`${tokenField(session)}<input type="hidden" name="digest" value="${digest}">
<input type="hidden" name="reason" value="${document.reason}"><input type="hidden" name="issuedAt" value="${document.issuedAt}">`;
  const action = `/releases/${document.agreementId}/${found.id}`;
  return html`${LEAD}
<section aria-label="What is signed">${facts([
    ...heldFacts(asked, zone),
    { label: 'Reason', text: document.reason },
    { label: 'Counts until', text: bothTimes(document.expiresAt, zone) },
    { label: 'Digest of what is signed', text: digest },
  ])}</section>
${veryDocument(document)}
<p>You get <code>release.json</code>. Whoever stands at the gateway brings it there: <code>interlock quarantine hand FOLDER release.json</code>.</p>
${
  passkey &&
  html`<form method="post" action="${action}" class="yes"><h2>Sign with your passkey</h2>
<p>This page waits for it for five minutes.</p>${said}${passkeyFields(passkey, 'get')}<button>Sign with your passkey</button></form>`
}<form method="post" action="${action}" class="yes"><h2>Sign</h2>${said}
<label for="passphrase">Passphrase of your key</label>
<input id="passphrase" name="passphrase" type="password" autocomplete="off" required maxlength="200">
<button>Sign and get the file</button></form>`;
};
