import type { Ids } from '@interlock/chassis';
import { EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import type { AskOf, ReadHolds, ReplyOf, SayReceived } from '@interlock/contracts';
import { allow, type EvidenceOutcome, evidenceOf, type Instant, refuse } from '@interlock/domain';
import { holdersOf, lockLogToKeep } from '../store/keeping.store.js';

const OUTCOME: Readonly<Record<AskOf<typeof SayReceived>['kind'], EvidenceOutcome>> = {
  'data.received': 'delivery',
  'data.erased': 'change',
  'scan.released': 'allow',
};

/** Answers `audit.holds.v1`. */
export async function readHolds(tx: Tx, ask: AskOf<typeof ReadHolds>): Promise<ReplyOf<typeof ReadHolds>> {
  await tx.actFor(ask.organisation);
  const log = await lockLogToKeep(tx, ask.log);
  if (!log) return refuse('not_a_party');
  await tx.actFor(EVERY_ORGANISATION);
  return allow({ log: ask.log, heldBy: await holdersOf(tx, log.no) });
}

/**
 * Answers `audit.say-received.v1`. That it is so is the word of the party that says it; the log proves to the other that it said so, and when. Only to a log of an agreement it is
 * party to.
 */
export async function sayReceived(
  tx: Tx,
  ids: Ids,
  { organisation, log: name, kind, documents, count }: AskOf<typeof SayReceived>,
  now: Instant,
): Promise<ReplyOf<typeof SayReceived>> {
  await tx.actFor(organisation);
  const log = name === 'operator' ? undefined : await lockLogToKeep(tx, name);
  if (!log) return refuse('not_a_party');
  await tx.actFor(EVERY_ORGANISATION);
  const said = { log: log.name, kind, outcome: OUTCOME[kind], at: now, organisation, documents, count };
  await tx.query('select evidence.append($1::jsonb)', [
    JSON.stringify(evidenceOf('broker/audit', ids.next('evd'), said)),
  ]);
  return allow({ log: name });
}
