import { append, type Tx } from '@interlock/chassis/db';
import { FlowUnrouted } from '@interlock/contracts';
import { type GrantId, loggedReason, type Refusal } from '@interlock/domain';
import { record } from '../store/evidence.store.js';
import { drainOf, keepRoute, removeRoutes } from '../store/route.store.js';
import { orderCuts } from '../store/user.store.js';
import { seconds, type Verbs } from '../verbs.js';

/**
 * Takes routes away, in the transaction of the fact that ends them: from its commit on nobody gets a JWT for them, and the cut of everybody
 * who has one is owed, also by the next start if this process dies right after. What may still be fetched is carried from then on as a drain.
 */
export async function unroute(tx: Tx, verbs: Verbs, grants: readonly GrantId[], why: Refusal): Promise<void> {
  const { clause: _, ...reason } = loggedReason(why);
  for (const route of await removeRoutes(tx, grants)) {
    const users = await orderCuts(tx, [route.grant], seconds(verbs));
    await append(tx, FlowUnrouted, verbs.ids.next('evt'), {
      grant: route.grant,
      agreementId: route.agreementId,
      code: reason.code,
    });
    await record(tx, verbs.ids, {
      log: route.agreementId,
      kind: 'flow.cut',
      outcome: 'cut',
      at: verbs.clock.now(),
      resource: route.resource,
      agreement: route.agreement,
      grant: route.grantDigest,
      session: route.grant,
      ...reason,
      recipients: [...route.recipients],
      documents: [route.agreement, route.grantDigest],
      count: Math.max(1, users),
    });
    const drain = drainOf(route, why.code, verbs.clock.now());
    if (drain) await keepRoute(tx, drain);
  }
}
