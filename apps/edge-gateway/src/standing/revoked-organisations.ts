import { join } from 'node:path';
import { readJsonIfThere, writeDurably } from '@interlock/company-side';
import { signedEntity } from '@interlock/contracts';
import { type EntityDocument, type OrganisationId, revokesAll, type Signed } from '@interlock/domain';
import { type Pins, verifyEntity } from '@interlock/proof';
import { z } from 'zod';

/** Organisations whose root has revoked everything. It only grows: what was revoked comes back by a new root and its pin alone. */
export interface RevokedOrganisations {
  readonly all: ReadonlySet<OrganisationId>;
  /** A verified document that revokes all. It counts from this call on, whether or not the disk takes it. */
  keep(entity: Signed<EntityDocument>): void;
}

/**
 * Reads back what was kept in `folder`, verified again under the pins of today: a root that is no longer pinned revokes nothing of the one that
 * took its place. A file that cannot be read stops the start.
 */
export async function revokedOrganisations(folder: string, pins: Pins): Promise<RevokedOrganisations> {
  const file = join(folder, 'revoked.json');
  const kept = z.array(signedEntity).parse(readJsonIfThere(file) ?? []);
  const all = new Set<OrganisationId>();
  for (const entity of kept) {
    const verified = await verifyEntity(entity, pins, entity.document.issuedAt);
    if (verified.allowed && revokesAll(entity.document)) all.add(entity.document.organisation);
  }
  return {
    all,
    keep: (entity) => {
      all.add(entity.document.organisation);
      kept.push(entity);
      try {
        writeDurably(file, JSON.stringify(kept));
      } catch {
        // In memory it holds; the broker's next standing, or the next hand, brings it again after a restart.
      }
    },
  };
}
