import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import {
  type AgreementRow,
  lockAgreement,
  newestVersion,
  versionsTimeMayMove,
  versionThatCounts,
} from '../store/agreement.store.js';
import type { Verbs } from '../verbs.js';
import { settleAgreement, settleStatus } from './settle-agreement.js';
import { announce } from './sign-agreement.command.js';

/** Moves what time alone moves: versions whose beginning, end or notice has come. Safe in several replicas: each version is locked. */
export async function moveWithTime(verbs: Verbs): Promise<boolean> {
  const now = verbs.clock.now();
  const due = await verbs.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    return versionsTimeMayMove(tx, now);
  });
  for (const { id, version } of due) {
    const moved = await verbs.transactor.run(async (tx): Promise<AgreementRow | undefined> => {
      await tx.actFor(EVERY_ORGANISATION);
      await lockAgreement(tx, id);
      const newest = await newestVersion(tx, id);
      const row = newest?.version === version ? newest : await versionThatCounts(tx, id);
      if (!row || row.version !== version) return undefined;
      if (row.status !== 'proposed') {
        const after = await settleStatus(tx, verbs, row, null, now);
        return after.status === row.status ? undefined : after;
      }
      const settled = await settleAgreement(tx, verbs, row, now);
      return settled.allowed && settled.value.status !== 'proposed' ? settled.value : undefined;
    });
    if (moved) announce(verbs, moved);
  }
  return false;
}
