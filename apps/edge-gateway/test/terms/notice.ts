import type { TermOf } from '@interlock/domain';
import { sessionOpens, type TermCase } from '../at-the-gateway.js';

const term: TermOf<'notice'> = { type: 'notice', terminateSeconds: 300, retrievalSeconds: 86_400 };

export const notice: TermCase = {
  permits: 'a session a second before the notice of a termination is over',
  permitted: () => sessionOpens({ terms: [term], acts: [{ verb: 'terminate' }], after: 299_000 }),
  refuses: 'a session when the notice of a termination is over and only retrieval goes on',
  refused: () => sessionOpens({ terms: [term], acts: [{ verb: 'terminate' }], after: 300_000 }),
  code: 'taken_away',
};
