import type { Agreement, GrantKind, SignalTerm } from '../documents/agreement.js';
import { type ResourceRef, sameResource } from '../names.js';
import { termsOfType } from './find-terms.js';

/** The kinds of use on which safety may rely; a person at a machine is none of them. */
const KINDS: readonly GrantKind[] = ['data-collection', 'machine-to-machine'];

/**
 * How long before the other side's cut takes effect on this use, in milliseconds, where its owner relies on it for safety; undefined for every
 * other use. A resource is of that class by its own name alone.
 */
export function safetyNotice(agreement: Agreement, kind: GrantKind, resource: ResourceRef): number | undefined {
  if (!KINDS.includes(kind)) return undefined;
  const named = agreement.resources.find((agreed) => sameResource(agreed, resource));
  const [term] = named?.class === 'safety' ? termsOfType(agreement, 'safety-notice') : [];
  return term && term.seconds * 1000;
}

/**
 * What an agreement says of safety and nothing here could keep: a class of safety without the notice, a lease or an offline mode for what neither
 * ends, or a signal that would have to stay fresh.
 */
export function safetyIncoherence(agreement: Agreement): 'safety-notice' | 'offline' | 'signal' | undefined {
  const relied = agreement.resources.filter((agreed) => agreed.class === 'safety');
  if (relied.length === 0) return undefined;
  if (termsOfType(agreement, 'safety-notice').length === 0) return 'safety-notice';
  if (termsOfType(agreement, 'offline').some((term) => term.class === 'safety' && KINDS.includes(term.kind)))
    return 'offline';
  const waits = (term: SignalTerm) =>
    term.kinds.some((kind) => KINDS.includes(kind)) &&
    relied.some(
      (agreed) => term.resources.length === 0 || term.resources.some((resource) => sameResource(resource, agreed)),
    );
  return termsOfType(agreement, 'signal').some(waits) ? 'signal' : undefined;
}
