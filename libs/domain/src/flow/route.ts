import { regionTerm } from '../agreement/find-terms.js';
import { allow, type Decision, refuse } from '../decision.js';
import type { Agreement, DataTerm, RegionTerm } from '../documents/agreement.js';
import type { LocalId, Thumbprint } from '../names.js';
import { mayLieIn } from './transfer.js';

export type RouteRefusal = 'region_not_agreed' | 'endpoint_not_agreed';

/** Whether data under `term` may go through a region at all: both named it, and it may lie in and pass through its country. */
export function regionAllowed(
  agreement: Agreement,
  term: DataTerm,
  region: LocalId,
): Decision<RegionTerm, 'region_not_agreed'> {
  if (!term.regions.includes(region)) return refuse('region_not_agreed', { clause: term.type });
  const agreed = regionTerm(agreement, region);
  if (!agreed) return refuse('region_not_agreed', { clause: 'region' });
  return mayLieIn(agreement, term, agreed) ? allow(agreed) : refuse('region_not_agreed', { clause: 'transfer' });
}

/**
 * Whether a batch under `term` may go to the endpoint that just proved `endpointKey` in its TLS handshake.
 * What the endpoint or the broker calls itself never counts; only the key that both companies signed.
 */
export function route(
  agreement: Agreement,
  term: DataTerm,
  region: LocalId,
  endpointKey: Thumbprint,
): Decision<RegionTerm, RouteRefusal> {
  const agreed = regionAllowed(agreement, term, region);
  if (!agreed.allowed) return agreed;
  return agreed.value.endpointKeys.includes(endpointKey) ? agreed : refuse('endpoint_not_agreed', { clause: 'region' });
}
