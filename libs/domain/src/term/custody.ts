import type { CustodyTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { ofStranger } from './places.js';

export const custody: TermDeclaration<CustodyTerm> = {
  meaning:
    'whether the keys that speak for this party may do anything else, as they do where one agent holds all of them; without this term they may not',
  evaluator: 'agreement/custody',
  points: ['gateway', 'broker', 'agent'],
  order: {
    party: 'identity',
    custody: { words: 'separate where it was single', holds: (_before, after) => after === 'separate' },
  },
  added: 'both',
  removed: 'narrower',
  incoherent: ofStranger,
  words: ({ party, custody: kept }) =>
    kept === 'single'
      ? `${party} may hold all its keys in its one agent, which can then sign agreements and certify keys by itself`
      : `${party} keeps the keys that speak for it out of everything that runs`,
};
