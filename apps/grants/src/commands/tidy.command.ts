import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import { forgetChanges } from '../store/decision.store.js';
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
    return expireGrants(tx, now);
  });
}

/** Writes how often callers were refused who went on asking. */
export async function countRefusals(verbs: Verbs): Promise<boolean> {
  await verbs.refusals.flush(verbs.clock.now());
  return false;
}
