import type { TermOf } from '@interlock/domain';
import { sessionGoesOn, type TermCase } from '../at-the-gateway.js';

const tenMinutes: TermOf<'re-login'> = { type: 're-login', seconds: 600 };

export const reLogin: TermCase = {
  permits: 'a session to go on a second before its login is too old',
  permitted: () => sessionGoesOn({ terms: [tenMinutes], after: 599_000 }),
  refuses: 'a session to go on when its login is too old, though its window is open',
  refused: () => sessionGoesOn({ terms: [tenMinutes], after: 600_000 }),
  code: 'login_over',
};
