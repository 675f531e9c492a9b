import type { TermOf } from '@interlock/domain';
import { id, sessionOpens, type TermCase } from '../at-the-gateway.js';
import { party } from './honest-terms.js';

const term: TermOf<'embargo'> = { type: 'embargo', party, issuers: [id('eu')], maxAgeSeconds: 3_600 };

export const embargo: TermCase = {
  permits: 'a session that the named party cleared a moment ago',
  permitted: () => sessionOpens({ terms: [term], verdicts: [{}] }),
  refuses: 'a session over which there is no verdict',
  refused: () => sessionOpens({ terms: [term] }),
  code: 'embargo_unknown',
};
