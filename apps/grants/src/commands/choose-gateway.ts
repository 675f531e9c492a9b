import { deliveryWords } from '@interlock/contracts';
import type { Instant, LocalId, OrganisationId, ResourceRef } from '@interlock/domain';
import type { Verbs } from '../verbs.js';
import type { Material } from './material.js';

/**
 * A gateway of the owner that is certified for the resource and has a live channel, asked one after the other. Which one it is decides
 * nothing: the connector and the gateway verify each other. Under a standing approval the one that counts its uses is asked alone: every other would refuse.
 */
export async function chooseGateway(
  verbs: Verbs,
  material: Material,
  { resource, counts }: { readonly resource: ResourceRef; readonly counts: LocalId | undefined },
  now: Instant,
): Promise<{ organisation: OrganisationId; id: LocalId } | undefined> {
  const holders = material.certificates
    .map((certificate) => certificate.document)
    .filter(
      (document) =>
        document.organisation === resource.owner &&
        document.holder.kind === 'gateway' &&
        document.purposes.includes('enforce') &&
        document.resources.includes(resource.id) &&
        document.notBefore <= now &&
        now < document.notAfter,
    )
    .map((document) => document.holder.id)
    .filter((holder) => counts === undefined || holder === counts);
  for (const id of new Set(holders)) {
    if (await verbs.news.delivered(deliveryWords(resource.owner, 'gateway', id), { d: 'there?' })) {
      return { organisation: resource.owner, id };
    }
  }
  return undefined;
}
