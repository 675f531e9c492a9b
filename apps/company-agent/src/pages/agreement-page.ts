import type { Agreement, Term, UnknownTerm } from '@interlock/domain';
import { isKnownTerm } from '@interlock/domain';
import type { ReadAgreement } from '../agreements/agreements.js';
import { type Html, html } from './html.js';
import { type Fact, facts } from './page.js';
import { bothTimes, spanWords } from './words.js';

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

export const termWords = (term: Term | UnknownTerm): string =>
  isKnownTerm(term)
    ? knownWords(term)
    : `Unknown kind "${term.type}": nothing here can evaluate it, so it cannot take effect.`;

function knownWords(term: Term): string {
  switch (term.type) {
    case 'remote-service':
    case 'machine-to-machine':
      return `${term.type}: ${approvalWords(term.approvals)}; purposes ${term.purposes.join(', ')}; ticket ${term.ticketPattern ?? 'not asked'}; longest window ${seconds(term.longestWindowSeconds)}`;
    case 'data-collection':
      return `data product ${term.product} of ${term.resource.id} (${term.resource.owner}) to ${term.recipients.join(', ')} through ${term.regions.join(', ')}; keys ${term.keys.map((key) => `${key.key}: ${key.action}`).join(', ') || 'none'}; ${approvalWords(term.approvals)}; kept ${seconds(term.retentionSeconds)}`;
    case 'region':
      return `region ${term.region} run by ${term.operator} in ${term.jurisdiction}; endpoint keys ${term.endpointKeys.join(', ')}`;
    case 'offline':
      return `offline, ${term.kind} on ${term.class} resources: ${term.mode}, lease ${seconds(term.leaseSeconds)}`;
    case 'embargo':
      return `embargo verdict of ${term.party} by the lists of ${term.issuers.join(', ')}, at most ${seconds(term.maxAgeSeconds)} old`;
    case 'decision-point':
      return `decision point of ${term.party}: ${term.present ? `must say yes, at most ${seconds(term.maxAgeSeconds)} ago` : 'none'}`;
    case 'evidence':
      return `evidence kept in ${term.region} for ${seconds(term.retentionSeconds)}; cosigned by ${term.cosigning}`;
    case 'notice':
      return `termination takes effect after ${seconds(term.terminateSeconds)}`;
    case 'third-party':
      return `third party ${term.party}, brought in by ${term.broughtBy} and never holding more: ${term.kinds.join(', ')} of ${term.resources.map((one) => `${one.id} (${one.owner})`).join(', ')}; actions ${term.actions.join(', ')}; purposes ${term.purposes.join(', ')}; longest window ${seconds(term.longestWindowSeconds)}`;
  }
}

const seconds = (value: number): string => spanWords(value * 1000);
const approvalWords = (rules: readonly { group: string; persons: number }[]): string =>
  `approved by ${rules.map((rule) => `${rule.persons} of ${rule.group}`).join(' and ')}`;

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
