import type { EvidenceTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { span } from './plain.js';

export const evidence: TermDeclaration<EvidenceTerm> = {
  meaning:
    'where the evidence of this agreement is kept, how long, which witnesses must cosign it, and how long one of them may be silent until nothing more is opened',
  evaluator: 'evidence/silent-witness',
  points: ['gateway', 'broker', 'agent'],
  order: { region: 'both', cosigning: 'both', witnessSilenceSeconds: 'both', retentionSeconds: 'both' },
  added: 'both',
  removed: 'both',
  words: (term) =>
    `evidence is kept in ${term.region} for ${span(term.retentionSeconds)}, cosigned by ${term.cosigning}${silence(term)}`,
  // Nobody waits for a witness that nobody asks.
  incoherent: (term) => term.cosigning === 'none' && term.witnessSilenceSeconds !== undefined,
};

const silence = ({ cosigning, witnessSilenceSeconds: seconds }: EvidenceTerm): string => {
  if (cosigning === 'none') return '';
  return seconds === undefined
    ? ', and a silent witness stops nothing'
    : `; when a record has waited for a witness for ${span(seconds)}, nothing more is opened`;
};
