import type { TermOf } from '@interlock/domain';
import { sessionGoesOn, type TermCase } from '../at-the-gateway.js';

const term: TermOf<'offline'> = {
  type: 'offline',
  kind: 'remote-service',
  class: 'standard',
  mode: 'static',
  leaseSeconds: 600,
};

export const offline: TermCase = {
  permits: 'a session to go on without the broker, a second before its lease ends',
  permitted: () => sessionGoesOn({ terms: [term], online: false, after: 599_000 }),
  refuses: 'a session to go on without the broker where the agreement says closed',
  refused: () => sessionGoesOn({ terms: [{ ...term, mode: 'closed' }], online: false, after: 1_000 }),
  code: 'offline_closed',
};
