import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import { forgetChanges } from '../store/decision.store.js';
import { record } from '../store/evidence.store.js';
import { expireGrants } from '../store/grant.store.js';
import { forgetLoginProofs } from '../store/session.store.js';
import { forgetTokens } from '../store/token.store.js';
import type { Verbs } from '../verbs.js';

/** Ends grants whose windows have passed and forgets login proofs and tokens that can open nothing any more. Safe in several replicas. */
export function tidy(verbs: Verbs): Promise<boolean> {
  return verbs.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    const now = verbs.clock.now();
    await forgetLoginProofs(tx, now - 3_600_000);
    await forgetTokens(tx, now - 60_000);
    await forgetChanges(tx);
    const expired = await expireGrants(tx, now);
    for (const { digest, agreementId } of expired)
      await record(tx, verbs.ids, {
        ...{ log: agreementId, kind: 'grant.expired', outcome: 'cut', at: now, grant: digest, documents: [digest] },
        code: 'window_over',
      });
    return expired.length > 0;
  });
}

/** Writes how often callers were refused who went on asking. */
export async function countRefusals(verbs: Verbs): Promise<boolean> {
  await verbs.refusals.flush(verbs.clock.now());
  return false;
}
