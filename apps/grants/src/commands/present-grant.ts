import type { grantView } from '@interlock/contracts';
import type { Approvable, Signed } from '@interlock/domain';
import type { z } from 'zod';
import type { GrantRow } from '../store/grant.store.js';

export type GrantView = z.output<typeof grantView>;

/** A grant as a party reads it, with every signature it has. */
export const presentGrant = (row: GrantRow): GrantView => ({
  id: row.id,
  agreementId: row.agreementId,
  digest: row.digest,
  status: row.status,
  grant: signedOf(row),
  ...(row.above.length > 0 && { above: row.above.map(signedOf) }),
});

const signedOf = ({ document, signatures }: Signed<Approvable>): GrantView['grant'] =>
  // The branches are one shape each: a document of any of these kinds with its signatures.
  document.typ === 'grant'
    ? { document, signatures }
    : document.typ === 'delegation'
      ? { document, signatures }
      : { document, signatures };
