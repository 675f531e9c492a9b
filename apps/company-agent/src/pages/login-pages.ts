import type { HeldGrant } from '../grants/held-grant.js';
import type { Consent } from '../login/login-flow.js';
import { grantFacts } from './grant-page.js';
import { type Html, html } from './html.js';
import { facts, tokenField } from './page.js';

/** What a program gets when the person says yes. The person must read it before anything is issued. */
export function consentPage(consent: Consent, held: HeldGrant | undefined, zone: string): Html {
  const { aim, person } = consent;
  const asked =
    aim.kind === 'proof' && held
      ? proofFacts(aim.ask.jkt, held, zone)
      : html`<p>A program on this computer wants to act for you at this agent, for one hour.</p>`;
  return html`<p>You are logged in as <strong>${person.id}</strong>.</p>${asked}
<p>The answer goes to <code>${aim.program.redirect.origin}</code>, a program on this computer. Go on only if you have just started it.</p>
<form method="post" action="/login/confirm" class="sheet">${tokenField(consent)}<button>Go on</button></form>`;
}

const proofFacts = (
  jkt: string,
  held: HeldGrant,
  zone: string,
): Html => html`<p>A program on this computer asks for a login proof for one grant:</p>
${facts([...grantFacts(held, zone), { label: 'Fingerprint of the program’s key', text: jkt }])}`;
