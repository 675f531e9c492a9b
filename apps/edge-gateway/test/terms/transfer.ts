import type { TermOf } from '@interlock/domain';
import { flowBegins, type TermCase } from '../at-the-gateway.js';
import { flowLease, telemetry } from './honest-terms.js';

export const openedFrom = (...access: string[]): TermOf<'transfer'> => ({
  type: 'transfer',
  product: telemetry.product,
  resource: telemetry.resource,
  storage: ['DE'],
  transit: ['DE'],
  access,
  mechanisms: [{ country: 'CH', mechanism: 'adequacy-decision', document: null }],
});

export const transfer: TermCase = {
  permits: 'a flow to a recipient of a country from which it may be opened',
  permitted: () => flowBegins({ terms: [telemetry, flowLease, openedFrom('DE', 'CH')] }),
  refuses: 'a flow to a recipient of another country',
  refused: () => flowBegins({ terms: [telemetry, flowLease, openedFrom('CH')] }),
  code: 'access_place_not_agreed',
};
