import type { TermOf } from '@interlock/domain';
import { sessionOpens, type TermCase } from '../at-the-gateway.js';
import { party } from './honest-terms.js';

const term: TermOf<'decision-point'> = { type: 'decision-point', party, present: true, maxAgeSeconds: 60 };

export const decisionPoint: TermCase = {
  permits: 'a session that the decision point of the named party allowed a moment ago',
  permitted: () => sessionOpens({ terms: [term], verdicts: [{ kind: 'decide' }] }),
  refuses: 'a session that the decision point of the named party denied',
  refused: () => sessionOpens({ terms: [term], verdicts: [{ kind: 'decide', outcome: 'blocked' }] }),
  code: 'decision_point_denied',
};
