import type { PasskeyFile } from '@interlock/company-side';
import { thumbprintOf } from '@interlock/proof';
import type { Session } from '../login/sessions.js';
import type { PasskeyAsk } from '../passkeys/passkey-desk.js';
import { type Html, html } from './html.js';
import { empty, state, table, tokenField } from './page.js';
import { bothTimes } from './words.js';

/** Hidden fields of a form that the browser's authenticator fills; without the script it stays empty, and is refused. */
export const passkeyFields = ({ attempt, options }: PasskeyAsk, verb: 'create' | 'get'): Html =>
  html`<input type="hidden" name="attempt" value="${attempt}"><input type="hidden" name="answer" value="" data-passkey="${verb}" data-options="${JSON.stringify(options)}">
<p role="alert" class="fault"></p>`;

/** The only script of the agent: it carries what the page says to the authenticator, and what that answers into the form. It signs nothing. */
export const PASSKEY_SCRIPT = `for (const field of document.querySelectorAll('input[data-passkey]')) {
  const form = field.form;
  form.addEventListener('submit', async (event) => {
    if (field.value !== '') return;
    event.preventDefault();
    const options = JSON.parse(field.dataset.options);
    try {
      const made = field.dataset.passkey === 'create'
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      field.value = JSON.stringify(made.toJSON());
      form.submit();
    } catch (fault) {
      form.querySelector('.fault').textContent = 'The passkey did not sign: ' + fault.message;
    }
  });
}
`;

const STATES = {
  signs: state('approvals', 'yes'),
  'being published': state('approvals in a moment, once the broker has its certificate', 'wait'),
  'not certified': state('nothing before it is certified', 'wait'),
} as const;

/** The passkeys of one person, and the form that adds one. */
export const passkeyPage = (
  session: Session,
  passkeys: readonly (PasskeyFile & { readonly state: keyof typeof STATES })[],
  ask: PasskeyAsk,
  zone: string,
): Html => html`${
  passkeys.length === 0
    ? empty('You have no passkey yet.')
    : table(
        ['Fingerprint', 'Added', 'Signs'],
        passkeys.map(({ key, addedAt, state: of }) => [
          html`<code>${thumbprintOf(key)}</code>`,
          bothTimes(addedAt, zone),
          STATES[of],
        ]),
      )
}
<p>A new passkey signs nothing before whoever keeps the certifying key of your company has compared its fingerprint with you, and run
<code>interlock key person passkey</code> with your name and the fingerprint.</p>
<form method="post" action="/passkeys" class="sheet">${tokenField(session)}${passkeyFields(ask, 'create')}<button>Add a passkey</button></form>`;
