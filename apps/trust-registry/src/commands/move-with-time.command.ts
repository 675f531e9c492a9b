import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import { type AgreementRow, lockAgreement, versionNumbered, versionsTimeMayMove } from '../store/agreement.store.js';
import type { Verbs } from '../verbs.js';
import { isOpen, settleAgreement, settleStatus } from './settle-agreement.js';
import { announce } from './sign-agreement.command.js';

/** Moves what time alone moves: versions whose beginning, end, notice or retrieval has come. Safe in several replicas: each version is locked. */
export async function moveWithTime(verbs: Verbs): Promise<boolean> {
  let last: Due | undefined = { id: '', version: 0 };
  while (last) last = await moveSome(verbs, last);
  return false;
}

type Due = { readonly id: string; readonly version: number };

async function moveSome(verbs: Verbs, after: Due): Promise<Due | undefined> {
  const now = verbs.clock.now();
  const due = await verbs.transactor.run(async (tx) => {
    await tx.actFor(EVERY_ORGANISATION);
    return versionsTimeMayMove(tx, now, after);
  });
  for (const { id, version } of due) {
    const moved = await verbs.transactor.run(async (tx): Promise<AgreementRow | undefined> => {
      await tx.actFor(EVERY_ORGANISATION);
      await lockAgreement(tx, id);
      const row = await versionNumbered(tx, id, version);
      if (!row) return undefined;
      if (!isOpen(row.status)) {
        const after = await settleStatus(tx, verbs, row, null, now);
        return after.status === row.status ? undefined : after;
      }
      const settled = await settleAgreement(tx, verbs, row, now);
      return settled.allowed && !isOpen(settled.value.status) ? settled.value : undefined;
    });
    if (moved) announce(verbs, moved);
  }
  return due.at(-1);
}
