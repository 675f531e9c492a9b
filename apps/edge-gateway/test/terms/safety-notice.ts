import type { TermOf } from '@interlock/domain';
import { VENDOR } from '@interlock/testkit/builders';
import type { TermCase } from '../at-the-gateway.js';
import { safetyFlowGoesOn } from '../safety-flow.js';

const term: TermOf<'safety-notice'> = { type: 'safety-notice', seconds: 300 };

export const safetyNotice: TermCase = {
  permits: 'a flow on which safety rests, a second before the notice of the other side is over',
  permitted: () => safetyFlowGoesOn({ terms: [term], acts: [{ organisation: VENDOR }], after: 299_000 }),
  refuses: 'a flow on which safety rests, when the notice of the other side is over',
  refused: () => safetyFlowGoesOn({ terms: [term], acts: [{ organisation: VENDOR }], after: 300_000 }),
  code: 'taken_away',
};
