import type { TermOf } from '@interlock/domain';
import { id, sessionOpens, type TermCase } from '../at-the-gateway.js';

const term: TermOf<'evidence'> = { type: 'evidence', region: id('eu-1'), cosigning: 'both', retentionSeconds: 86_400 };

export const evidence: TermCase = {
  permits: 'a session under one statement about evidence',
  permitted: () => sessionOpens({ terms: [term] }),
  refuses: 'a session under two statements about evidence, of which nobody can say which counts',
  refused: () => sessionOpens({ terms: [term, { ...term, cosigning: 'none' }] }),
  code: 'agreement_incoherent',
};
