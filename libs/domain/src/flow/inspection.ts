import { allow, type Decision, refuse } from '../decision.js';
import type { DataTerm } from '../documents/agreement.js';
import type { Purpose } from '../documents/key.js';

export type InspectionRefusal = 'inspected_at_plant' | 'inspected_in_region';

/**
 * Whether the holder of a key with these purposes may take data under a term in plain text, and minimise and seal it. In the plant that is the owner's
 * gateway; in the region whoever runs it, with a key that the owner certified for this alone.
 */
export function mayInspect(
  { inspection }: Pick<DataTerm, 'inspection'>,
  purposes: readonly Purpose[],
): Decision<true, InspectionRefusal> {
  if (inspection === 'region') return purposes.includes('inspect') ? allow(true) : refuse('inspected_in_region');
  return purposes.includes('enforce') ? allow(true) : refuse('inspected_at_plant');
}
