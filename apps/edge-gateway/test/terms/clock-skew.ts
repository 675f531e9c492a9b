import type { TermOf } from '@interlock/domain';
import { NOW } from '@interlock/testkit/builders';
import { id, sessionOpens, type TermCase } from '../at-the-gateway.js';
import { party } from './honest-terms.js';

const cleared = { type: 'embargo' as const, party, issuers: [id('eu')], maxAgeSeconds: 3_600 };
const ahead = (seconds: number): TermOf<'clock-skew'> => ({ type: 'clock-skew', seconds });
const verdicts = [{ issuedAt: NOW + 30_000 }];

export const clockSkew: TermCase = {
  permits: 'a verdict by a clock half a minute ahead, where a minute was agreed',
  permitted: () => sessionOpens({ terms: [cleared, ahead(60)], verdicts }),
  refuses: 'a verdict by a clock half a minute ahead, where ten seconds were agreed',
  refused: () => sessionOpens({ terms: [cleared, ahead(10)], verdicts }),
  code: 'embargo_unknown',
};
