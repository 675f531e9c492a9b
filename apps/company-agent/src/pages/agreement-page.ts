import { compareAgreements, EFFECT_WORDS } from '@interlock/company-side';
import { type Agreement, type Signed, termWords } from '@interlock/domain';
import type { ReadAgreement } from '../agreements/agreements.js';
import { type Html, html } from './html.js';
import { type Fact, facts, table } from './page.js';
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

/** One version, and how it differs from the one before it. */
export const agreementPage = (
  read: ReadAgreement,
  zone: string,
  before?: Signed<Agreement>,
): Html => html`${facts(agreementFacts(read, zone))}
<h2>Terms</h2><ul>${read.agreement.document.terms.map((term) => html`<li>${termWords(term)}</li>`)}</ul>
${before && differences(before, read)}
<p>An agreement is signed with the offline key: <code>interlock agreement sign ${read.agreement.document.id}</code>. This agent cannot sign one.</p>`;

/** What this version says that the one before did not, and what each difference does to rights and duties. */
function differences(before: Signed<Agreement>, read: ReadAgreement): Html {
  const [was, is] = [before.document, read.agreement.document];
  const found = compareAgreements(was, is);
  return html`<h2>Against version ${was.version}</h2>${found.length === 0 && html`<p>The two say the same.</p>`}
<ul class="cards">${found.map(
    (one) => html`<li><p><strong>${one.at}</strong> ${one.kind}: ${EFFECT_WORDS[one.effect]}</p>
${one.before !== null && html`<p><del>${one.before}</del></p>`}${one.after !== null && html`<p><ins>${one.after}</ins></p>`}</li>`,
  )}</ul>`;
}

export const agreementRows = (all: readonly ReadAgreement[]): Html =>
  all.length === 0
    ? html`<p>There is no agreement yet.</p>`
    : table(
        ['Agreement', 'With', 'Signed by', 'Holds together'],
        all.map(({ agreement: { document }, signedBy, verified }) => [
          html`<a href="/agreements/${document.id}">${document.id}</a>, version ${document.version}`,
          partners(document),
          signedBy.join(', ') || 'nobody',
          verified.allowed ? 'yes' : refusalWords(verified.refusal),
        ]),
      );

const partners = (document: Agreement): string => document.parties.map((party) => party.organisation).join(', ');
