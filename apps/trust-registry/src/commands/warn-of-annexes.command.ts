import { append, EVERY_ORGANISATION } from '@interlock/chassis/db';
import { AnnexExpiring } from '@interlock/contracts';
import { lockAgreement, versionThatCounts } from '../store/agreement.store.js';
import { annexesDue, giveNotice } from '../store/annex.store.js';
import { record } from '../store/evidence.store.js';
import type { Verbs } from '../verbs.js';
import { about } from './settle-agreement.js';
import { announce } from './sign-agreement.command.js';

/** Says once that the end of an annex is near, and once that it has come. Safe in several replicas: each notice is given once. */
export async function warnOfAnnexes(verbs: Verbs): Promise<boolean> {
  const now = verbs.clock.now();
  for (const notice of ['expiring', 'ended'] as const) {
    const due = await verbs.transactor.run(async (tx) => {
      await tx.actFor(EVERY_ORGANISATION);
      return annexesDue(tx, notice, now);
    });
    for (const annex of due) {
      const row = await verbs.transactor.run(async (tx) => {
        await tx.actFor(EVERY_ORGANISATION);
        await lockAgreement(tx, annex.agreementId);
        const counts = await versionThatCounts(tx, annex.agreementId);
        if (!counts || !(await giveNotice(tx, annex, notice, now))) return undefined;
        const { digest, clause, kind, endsAt } = annex;
        const documents = [counts.digest, digest];
        const said = notice === 'expiring' ? ('annex.expiring' as const) : ('annex.ended' as const);
        await record(tx, verbs.ids, {
          ...about(counts, now),
          kind: said,
          outcome: notice === 'expiring' ? 'finding' : 'cut',
          code: kind,
          clause,
          documents,
        });
        const event = { agreementId: annex.agreementId, digest, kind, clause, endsAt };
        if (notice === 'expiring') await append(tx, AnnexExpiring, verbs.ids.next('evt'), event);
        return counts;
      });
      if (row) announce(verbs, row);
    }
  }
  return false;
}
