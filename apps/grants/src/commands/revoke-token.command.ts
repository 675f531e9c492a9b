import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import type { AskOf, RevokeToken } from '@interlock/contracts';
import { record } from '../store/evidence.store.js';
import { findGrant } from '../store/grant.store.js';
import { endToken } from '../store/token.store.js';
import type { Verbs } from '../verbs.js';
import { about } from './sign-grant.command.js';

/** Ends a token for the key it is bound to. Whoever ends a token of others, or none, is told nothing of it (RFC 7009 section 2.2). */
export async function revokeToken(
  verbs: Verbs,
  { organisation, thumbprint, digest }: AskOf<typeof RevokeToken>,
): Promise<Record<string, never>> {
  await verbs.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    const now = verbs.clock.now();
    const id = await endToken(tx, digest, thumbprint, now);
    const grant = id && (await findGrant(tx, id));
    if (grant)
      await record(tx, verbs.ids, { ...about(grant, now), kind: 'token.revoked', outcome: 'cut', organisation });
  });
  return {};
}
