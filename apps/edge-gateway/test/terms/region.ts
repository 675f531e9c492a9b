import type { Thumbprint } from '@interlock/domain';
import { flowBegins, type TermCase } from '../at-the-gateway.js';
import { flowLease, telemetry } from './honest-terms.js';

export const region: TermCase = {
  permits: 'an endpoint that proves a key which both signed',
  permitted: () => flowBegins({ terms: [telemetry, flowLease] }),
  refuses: 'an endpoint that proves another key',
  refused: () => flowBegins({ terms: [telemetry, flowLease] }, 'another'.padEnd(43, 'A') as Thumbprint),
  code: 'endpoint_not_agreed',
};
