import { compareAgreements, EFFECT_WORDS, partyWords, resourceTerms } from '@interlock/company-side';
import { type Agreement, type Refusal, type Signed, termWords } from '@interlock/domain';
import { canonicalBytes } from '@interlock/proof';
import type { ReadAgreement, VersionState } from '../agreements/agreements.js';
import { type Html, html } from './html.js';
import { empty, type Fact, facts, state, table } from './page.js';
import { bothTimes } from './words.js';

/** An agreement version in plain words; a term that nothing here can evaluate is shown as exactly that. */
export function agreementFacts(
  { agreement: { document }, digest, signedBy, verified }: ReadAgreement,
  zone: string,
): Fact[] {
  return [
    { label: 'Agreement', text: `${document.id}, version ${document.version}` },
    { label: 'Digest that is signed', text: digest },
    { label: 'Follows', text: document.previous ?? 'no earlier version' },
    ...document.parties.map((party) => ({
      label: `Party (${party.role})`,
      text: `${partyWords(party)}; ${signedBy.includes(party.organisation) ? 'signed' : 'not signed yet'}`,
    })),
    ...(document.house ? [{ label: 'Kind', text: 'with nobody else: valid at gateways of this company alone' }] : []),
    {
      label: 'In effect',
      text: `from ${bothTimes(document.effectiveFrom, zone)} to ${bothTimes(document.endsAt, zone)}`,
    },
    ...document.resources.map((one) => ({ label: 'Resource', text: resourceTerms(one) })),
    {
      label: 'Holds together',
      text: verified.allowed ? 'yes, verified by this agent' : `no: ${waitsOrNot(verified.refusal)}`,
    },
  ];
}

const refusalWords = ({ code, clause }: Refusal): string => (clause ? `${code} (${clause})` : code);

const waitsOrNot = (refusal: Refusal): string =>
  refusal.code === 'signature_missing' ? 'not signed by all yet' : refusalWords(refusal);

/** A version, as this agent knows it, and what it is now. */
export interface KnownVersion {
  readonly read: ReadAgreement;
  readonly state: VersionState;
}

/** One version, every version there is, and how this one differs from another of them. */
export const agreementPage = (
  read: ReadAgreement,
  zone: string,
  versions: readonly KnownVersion[],
  against?: Signed<Agreement>,
): Html => html`${facts(agreementFacts(read, zone))}
<h2>Terms</h2><ul class="plain">${read.agreement.document.terms.map((term) => html`<li>${termWords(term)}</li>`)}</ul>
${against && differences(against, read)}
${versionRows(read.agreement.document, versions, zone, against?.document.version)}
${veryDocument(read.agreement.document)}
${
  !read.verified.allowed &&
  html`<h2>To sign it</h2><p>An agreement is signed with the offline key of the company, where that key is kept: <code>interlock agreement sign
COMPANY ${read.agreement.document.id}</code>. It shows the same digest. This agent cannot sign one.</p>`
}`;

/** What is signed, to the byte; whoever doubts the words above reads this. */
export const veryDocument = (document: unknown): Html =>
  html`<details><summary>The very document that is signed</summary><pre>${canonicalBytes(document).toString('utf8')}</pre></details>`;

const MOODS = { 'in force': 'yes', 'waits for a signature': 'wait', 'does not hold': 'no' } as const;
const versionState = (words: VersionState): Html =>
  state(words, words in MOODS ? MOODS[words as keyof typeof MOODS] : '');

function versionRows(
  shown: Agreement,
  versions: readonly KnownVersion[],
  zone: string,
  against: number | undefined,
): Html {
  const numbers = versions.map(({ read }) => read.agreement.document.version);
  const pick = (name: string, label: string, chosen: number | undefined): Html =>
    html`<div><label for="${name}">${label}</label><select id="${name}" name="${name}">${numbers.map(
      (one) => html`<option value="${one}"${one === chosen && html` selected`}>version ${one}</option>`,
    )}</select></div>`;
  return html`<h2>Versions</h2>${table(
    ['Version', 'State', 'In effect', 'Signed by'],
    versions.map(({ read: { agreement, signedBy }, state: words }) => [
      html`<a href="/agreements/${shown.id}?version=${agreement.document.version}">version ${agreement.document.version}</a>`,
      versionState(words),
      `${bothTimes(agreement.document.effectiveFrom, zone)} to ${bothTimes(agreement.document.endsAt, zone)}`,
      signedBy.join(', ') || 'nobody',
    ]),
  )}${
    numbers.length > 1 &&
    html`<form method="get" action="/agreements/${shown.id}" class="filter">${pick('version', 'Show', shown.version)}${pick('against', 'against', against)}
<button>Compare</button></form>`
  }`;
}

/** What this version says that the other did not, and what each difference does to rights and duties. */
function differences(before: Signed<Agreement>, read: ReadAgreement): Html {
  const [was, is] = [before.document, read.agreement.document];
  const found = compareAgreements(was, is);
  return html`<h2>Version ${is.version} against version ${was.version}</h2>${found.length === 0 && empty('The two say the same.')}
<ul class="cards">${found.map(
    (
      one,
    ) => html`<li><h3>${one.at} ${state(one.kind)} ${state(EFFECT_WORDS[one.effect], one.effect === 'wider' ? 'wait' : '')}</h3>
${one.before !== null && html`<del>${one.before}</del>`}${one.after !== null && html`<ins>${one.after}</ins>`}</li>`,
  )}</ul>`;
}

export const agreementRows = (all: readonly ReadAgreement[]): Html =>
  table(
    ['Agreement', 'Version', 'Between', 'Signed by', 'Holds together'],
    all.map(({ agreement: { document }, signedBy, verified }) => [
      html`<a href="/agreements/${document.id}?version=${document.version}">${document.id}</a>`,
      document.version,
      document.parties.map((party) => party.organisation).join(' and '),
      signedBy.join(', ') || 'nobody yet',
      verified.allowed ? state('yes', 'yes') : state(waitsOrNot(verified.refusal), 'wait'),
    ]),
  );
