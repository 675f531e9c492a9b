import { type Act, type Digest, locksOut, type Signed } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import type { EvidenceBook } from '../evidence/evidence-book.js';
import type { Flows } from '../flow/flows.js';
import type { GatewayClock } from '../gateway-clock.js';
import type { Provisioned } from '../provisioning.js';
import type { Sessions } from '../session/sessions.js';
import type { StandingKeeper } from '../standing/keep-standing.js';
import { closeAndHold, type Lockout } from './lockout.js';

/** What a lock-out closes, and where it is written down. */
export interface Locked {
  readonly self: Pick<Provisioned, 'organisation' | 'gateway'>;
  readonly lockout: Lockout;
  readonly sessions: Pick<Sessions, 'closeAll'>;
  readonly flows: Pick<Flows, 'closeAll'>;
  readonly keeper: Pick<StandingKeeper, 'agreements'>;
  readonly book: Pick<EvidenceBook, 'note'>;
  readonly clock: Pick<GatewayClock, 'now'>;
}

/** Closes everything in one step, and holds it closed. */
export function lockAll(parts: Locked, reason: string, order?: Digest): ReturnType<typeof closeAndHold> {
  const { sessions: open, flows } = parts;
  const done = closeAndHold(parts.lockout, () => open.closeAll('lockout') + flows.closeAll('lockout'), reason);
  noteLockout(parts, true, { internalReason: reason, documents: order ? [order] : [] });
  return done;
}

/** An act that orders this gateway to lock itself out does so once, however often and by whomever it is played: what the plant has lifted by hand stays lifted. */
export function takeOrder(parts: Locked, { document }: Signed<Act>): void {
  const gateway = { organisation: parts.self.organisation, id: parts.self.gateway };
  if (locksOut(document, gateway)) lockAll(parts, document.reason, digestOf(document));
}

/** In the log of every agreement that is held. */
export function noteLockout(
  { keeper, book, clock }: Locked,
  set: boolean,
  why: { internalReason?: string; documents?: readonly Digest[] } = {},
): void {
  const kind = set ? 'lockout.set' : 'lockout.lifted';
  const said = { kind, outcome: set ? 'cut' : 'change', at: clock.now(), ...why } as const;
  for (const id of keeper.agreements.keys()) void book.note(id, undefined, said, set);
}
