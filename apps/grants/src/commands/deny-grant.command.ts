import { EVERY_ORGANISATION } from '@interlock/chassis/db';
import type { RefusalCode } from '@interlock/contracts';
import { allow, type Decision, type GrantId, type LocalId, type OrganisationId, refuse } from '@interlock/domain';
import { record } from '../store/evidence.store.js';
import { type GrantRow, insertDenial, lockGrant, moveTo } from '../store/grant.store.js';
import type { Verbs } from '../verbs.js';
import { announceGrant } from './announce-grant.js';
import { type GrantView, presentGrant } from './present-grant.js';
import { about } from './sign-grant.command.js';

export interface DenyAsk {
  readonly organisation: OrganisationId;
  readonly id: GrantId;
  readonly by: LocalId | null;
  readonly reason: string;
  readonly internalReason?: string | undefined;
  readonly internalTicket?: string | undefined;
}

/** A no of either side to a grant that is asked for. An active one is taken away by a signed act, not by this. */
export async function denyGrant(verbs: Verbs, ask: DenyAsk): Promise<Decision<GrantView, RefusalCode>> {
  const now = verbs.clock.now();
  const decision = await verbs.transactor.run(async (tx): Promise<Decision<GrantRow, RefusalCode>> => {
    await tx.actFor(ask.organisation);
    const row = await lockGrant(tx, ask.id);
    if (!row || (ask.organisation !== row.owner && ask.organisation !== row.subjectSide)) return refuse('not_a_party');
    if (row.status === 'denied') return allow(row);
    if (row.status !== 'asked') return refuse('illegal_transition');
    await tx.actFor(EVERY_ORGANISATION);
    await moveTo(tx, row.id, 'denied');
    await insertDenial(tx, { id: ask.id, organisation: ask.organisation, by: ask.by, reason: ask.reason, at: now });
    await record(tx, verbs.ids, {
      ...about(row, now),
      kind: 'grant.refused',
      outcome: 'deny',
      organisation: ask.organisation,
      code: 'denied',
      approvers: ask.by ? [ask.by] : [],
      reason: ask.reason,
      ...((ask.internalReason || ask.internalTicket) && { belongsTo: ask.organisation }),
      ...(ask.internalReason && { internalReason: ask.internalReason }),
      ...(ask.internalTicket && { internalTicket: ask.internalTicket }),
    });
    return allow({ ...row, status: 'denied' });
  });
  if (!decision.allowed) return decision;
  announceGrant(verbs, decision.value);
  return allow(presentGrant(decision.value));
}
