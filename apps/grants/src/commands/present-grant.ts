import type { grantView } from '@interlock/contracts';
import type { z } from 'zod';
import type { GrantRow } from '../store/grant.store.js';

export type GrantView = z.output<typeof grantView>;

/** A grant as a party reads it, with every signature it has. */
export const presentGrant = (row: GrantRow): GrantView => ({
  id: row.id,
  agreementId: row.agreementId,
  digest: row.digest,
  status: row.status,
  grant: { document: row.document, signatures: [...row.signatures] },
});
