import {
  type Agreement,
  type ApprovalRule,
  isKnownTerm,
  type ProductKey,
  type Term,
  type UnknownTerm,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { spanWords, utc } from '../words.js';

/** An agreement version in plain words: everything it says, and nothing it does not. */
export function agreementWords(document: Agreement): string[] {
  return [
    `agreement ${document.id}, version ${document.version}${document.house ? ', a house agreement' : ''}`,
    `digest that is signed: ${digestOf(document)}`,
    `in effect from ${utc(document.effectiveFrom)} to ${utc(document.endsAt)}`,
    ...document.parties.map((party) => `party: ${party.organisation} as ${party.role}, known by root ${party.root}`),
    ...document.resources.map(
      (one) =>
        `resource: ${one.owner}/${one.id} (${one.class}), ${one.services.length > 0 ? `services ${one.services.join(', ')}` : 'no services'}`,
    ),
    ...document.terms.map((term) => `term: ${termWords(term)}`),
  ];
}

export const termWords = (term: Term | UnknownTerm): string =>
  isKnownTerm(term)
    ? knownWords(term)
    : `"${term.type}" is of a kind that nothing here can evaluate, so the agreement cannot take effect`;

function knownWords(term: Term): string {
  switch (term.type) {
    case 'remote-service':
    case 'machine-to-machine':
      return `${KIND_WORDS[term.type]}: approved by ${approvals(term.approvals)}; for ${term.purposes.join(', ')}; ${term.ticketPattern === null ? 'no ticket' : `with a ticket like ${term.ticketPattern}`}; at most ${span(term.longestWindowSeconds)} at a time`;
    case 'data-collection':
      return `data ${term.product} of ${term.resource.owner}/${term.resource.id} goes to ${term.recipients.join(', ') || 'nobody'} through ${term.regions.join(', ') || 'no region'}, for ${term.purposes.join(', ')}; ${keys(term.keys)}; approved by ${approvals(term.approvals)}; kept ${span(term.retentionSeconds)}; at most ${span(term.longestWindowSeconds)} per grant`;
    case 'region':
      return `region ${term.region} is run by ${term.operator} in ${term.jurisdiction}; data is sent only to endpoints with key ${term.endpointKeys.join(' or ')}`;
    case 'offline':
      return `when the broker is lost, ${term.kind} on ${term.class} resources ${term.mode === 'closed' ? 'ends' : 'goes on'}; without a fresh "still agreed" of both sides it ends after ${span(term.leaseSeconds)}`;
    case 'embargo':
      return `${term.party} must have cleared it against the lists of ${term.issuers.join(', ') || 'nobody'}, at most ${span(term.maxAgeSeconds)} ago`;
    case 'decision-point':
      return term.present
        ? `the decision point of ${term.party} must have said yes, at most ${span(term.maxAgeSeconds)} ago`
        : `${term.party} has no decision point`;
    case 'evidence':
      return `evidence is kept in ${term.region} for ${span(term.retentionSeconds)}, cosigned by ${term.cosigning}`;
    case 'notice':
      return `a termination takes effect after ${span(term.terminateSeconds)}`;
    case 'third-party':
      return `${term.party} is brought in by ${term.broughtBy} and holds no more than it: ${term.kinds.join(', ')} of ${term.resources.map((one) => `${one.owner}/${one.id}`).join(', ')} (${term.actions.join(', ')}), for ${term.purposes.join(', ')}, at most ${span(term.longestWindowSeconds)} at a time`;
  }
}

const KIND_WORDS = {
  'remote-service': 'remote service by people',
  'machine-to-machine': 'machine to machine',
} as const;
const span = (seconds: number): string => spanWords(seconds * 1000);

const approvals = (rules: readonly ApprovalRule[]): string =>
  rules.map(({ group, persons }) => `${persons} of ${group}`).join(' and ') || 'nobody';

const keys = (list: readonly ProductKey[]): string =>
  list.length === 0
    ? 'no key leaves'
    : `keys ${list.map(({ key, action, unit, step }) => `${key}${unit ? ` [${unit}]` : ''}: ${action}${step === null ? '' : ` to steps of ${step}`}`).join(', ')}; every other key is dropped`;
