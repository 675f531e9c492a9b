import { flowBegins, id, type TermCase } from '../at-the-gateway.js';
import { flowLease, telemetry } from './honest-terms.js';

export const dataCollection: TermCase = {
  permits: 'a flow of the agreed product to an agreed recipient',
  permitted: () => flowBegins({ terms: [telemetry, flowLease] }),
  refuses: 'a flow of another product of the same machine',
  refused: () => flowBegins({ terms: [telemetry, flowLease], grant: { actions: [id('press-video')] } }),
  code: 'action_not_agreed',
};
