import type { EvidenceTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { span } from './plain.js';

export const evidence: TermDeclaration<EvidenceTerm> = {
  meaning: 'where the evidence of this agreement is kept, how long, and which witnesses must cosign it',
  evaluator: 'agreement/activate',
  points: ['gateway', 'broker', 'agent'],
  order: { region: 'both', cosigning: 'both', retentionSeconds: 'both' },
  added: 'both',
  removed: 'both',
  words: (term) =>
    `evidence is kept in ${term.region} for ${span(term.retentionSeconds)}, cosigned by ${term.cosigning}`,
};
