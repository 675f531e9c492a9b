import type { TermOf } from '@interlock/domain';
import { sessionOpens, type TermCase } from '../at-the-gateway.js';

const byPasskey: TermOf<'re-login'> = { type: 're-login', seconds: 600, acr: ['passkey'] };

/** People of these cases log in by `pwd`. */
export const loginWays: TermCase = {
  permits: 'a session whose login was in one of the ways that were agreed',
  permitted: () => sessionOpens({ terms: [{ ...byPasskey, acr: ['passkey', 'pwd'] }] }),
  refuses: 'a session whose login was in a way that the agreement does not name',
  refused: () => sessionOpens({ terms: [byPasskey] }),
  code: 'login_too_weak',
};
