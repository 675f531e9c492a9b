import { type Agreement, termWords } from '@interlock/domain';
import type { ReadAgreement } from '../agreements/agreements.js';
import { type Html, html } from './html.js';
import { type Fact, facts } from './page.js';
import { bothTimes } from './words.js';

/** An agreement version in plain words; a term that nothing here can evaluate is shown as exactly that. */
export function agreementFacts(
  { agreement: { document }, digest, signedBy, verified }: ReadAgreement,
  zone: string,
): Fact[] {
  return [
    { label: 'Agreement', text: `${document.id}, version ${document.version}` },
    { label: 'Digest that is signed', text: digest },
    ...document.parties.map((party) => ({
      label: `Party (${party.role})`,
      text: `${party.organisation}, root ${party.root}, ${signedBy.includes(party.organisation) ? 'signed' : 'not signed yet'}`,
    })),
    {
      label: 'In effect',
      text: `from ${bothTimes(document.effectiveFrom, zone)} to ${bothTimes(document.endsAt, zone)}`,
    },
    ...document.resources.map((one) => ({
      label: 'Resource',
      text: `${one.id} of ${one.owner} (${one.class}); services: ${one.services.join(', ') || 'none'}`,
    })),
    {
      label: 'Holds together',
      text: verified.allowed ? 'yes, verified by this agent' : `no: ${refusalWords(verified.refusal)}`,
    },
  ];
}

const refusalWords = ({ code, clause }: { code: string; clause?: string }): string =>
  clause ? `${code} (${clause})` : code;

export const agreementPage = (read: ReadAgreement, zone: string): Html => html`${facts(agreementFacts(read, zone))}
<h2>Terms</h2><ul>${read.agreement.document.terms.map((term) => html`<li>${termWords(term)}</li>`)}</ul>
<p>An agreement is signed with the offline key: <code>interlock agreement sign ${read.agreement.document.id}</code>. This agent cannot sign one.</p>`;

export const agreementRows = (all: readonly ReadAgreement[]): Html =>
  all.length === 0
    ? html`<p>There is no agreement yet.</p>`
    : html`<table><thead><tr><th scope="col">Agreement</th><th scope="col">With</th><th scope="col">Signed by</th><th scope="col">Holds together</th></tr></thead><tbody>
${all.map(
  ({ agreement: { document }, signedBy, verified }) => html`<tr>
<td><a href="/agreements/${document.id}">${document.id}</a>, version ${document.version}</td><td>${partners(document)}</td>
<td>${signedBy.join(', ') || 'nobody'}</td><td>${verified.allowed ? 'yes' : refusalWords(verified.refusal)}</td></tr>`,
)}</tbody></table>`;

const partners = (document: Agreement): string => document.parties.map((party) => party.organisation).join(', ');
