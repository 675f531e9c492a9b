import type { TermOf } from '@interlock/domain';
import { BUYER, VENDOR } from '@interlock/testkit/builders';
import { id, press7 } from '../at-the-gateway.js';

const approvals = [{ group: id('maintenance'), persons: 2 }];

/** Terms that the honest grants of these cases fulfil. */
export const access = <K extends 'remote-service' | 'machine-to-machine'>(type: K) => ({
  type,
  approvals,
  ticketPattern: null,
  longestWindowSeconds: 8 * 3_600,
  purposes: [id('repair')],
});

export const telemetry: TermOf<'data-collection'> = {
  type: 'data-collection',
  product: id('press-telemetry'),
  resource: press7,
  approvals,
  keys: [],
  purposes: [id('predictive-maintenance')],
  recipients: [VENDOR],
  inspection: 'plant',
  regions: [id('eu-1')],
  retentionSeconds: 86_400,
  longestWindowSeconds: 365 * 86_400,
};

export const flowLease: TermOf<'offline'> = {
  type: 'offline',
  kind: 'data-collection',
  class: 'standard',
  mode: 'static',
  leaseSeconds: 600,
};

export const party = BUYER;
