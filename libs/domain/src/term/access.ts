import type { AccessTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { noFewerSeats, ticketAsked } from './places.js';
import { approvalWords, listed, span } from './plain.js';

/** Access by people, or by machines: the same conditions, by other subjects. */
const access = (who: string, meaning: string): TermDeclaration<AccessTerm> => ({
  meaning,
  evaluator: 'grant/covered',
  points: ['gateway', 'broker', 'agent'],
  order: {
    approvals: noFewerSeats,
    ticketPattern: ticketAsked,
    longestWindowSeconds: 'less',
    purposes: 'fewer',
  },
  added: 'wider',
  removed: 'narrower',
  incoherent: (term) => term.approvals.length === 0,
  words: (term) =>
    `${who}: approved by ${approvalWords(term.approvals)}; for ${listed(term.purposes, 'nothing')}; ${term.ticketPattern === null ? 'no ticket' : `with a ticket like ${term.ticketPattern}`}; at most ${span(term.longestWindowSeconds)} at a time`,
});

export const remoteService = access(
  'remote service by people',
  'people of one side may reach services of machines of the other, for these purposes, when so many of the owner approved',
);

export const machineToMachine = access(
  'machine to machine',
  'machines and workloads of one side may reach services of the other without a human, when so many of the owner approved',
);
