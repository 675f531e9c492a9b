import type { Tx } from '@interlock/chassis/db';
import type { OrganisationId, Thumbprint } from '@interlock/domain';

export async function keepRevokedKey(tx: Tx, organisation: OrganisationId, kid: Thumbprint): Promise<void> {
  await tx.query('insert into revoked_keys (organisation, kid) values ($1, $2) on conflict do nothing', [
    organisation,
    kid,
  ]);
}

export async function revokedKeys(tx: Tx, organisation: OrganisationId): Promise<Thumbprint[]> {
  const rows = await tx.query<{ kid: Thumbprint }>('select kid from revoked_keys where organisation = $1', [
    organisation,
  ]);
  return rows.map((row) => row.kid);
}
