import { EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import type { AskOf, ReadCheckpoint, ReplyOf } from '@interlock/contracts';
import { allow, type Instant, type OrganisationId, refuse } from '@interlock/domain';
import {
  cosignedBeside,
  findCheckpoint,
  newestCosigned,
  newestCosignedBy,
  noteWithCosignatures,
  type StoredCheckpoint,
} from '../store/checkpoint.store.js';
import { findLog, type LogHead } from '../store/log.store.js';
import { witnessKeys, witnessStates } from '../store/party.store.js';
import type { LogSigner } from './log-signer.js';

/** Answers `audit.checkpoint.v1`: the signed state of a log, and since when a witness has been silent. */
export async function readCheckpoint(
  tx: Tx,
  ask: AskOf<typeof ReadCheckpoint>,
  signer: LogSigner,
  now: Instant,
): Promise<ReplyOf<typeof ReadCheckpoint>> {
  await tx.actFor(ask.organisation);
  const head = await findLog(tx, ask.log);
  if (!head) return refuse('not_a_party');
  const checkpoint = await checkpointOf(tx, ask, head);
  const note = checkpoint ? await noteWithCosignatures(tx, checkpoint) : '';
  // From here on for the service itself: the keys of the other side's witness are no secret to a party.
  await tx.actFor(EVERY_ORGANISATION);
  const states = await witnessStates(tx, head.no);
  const witnesses = await Promise.all(
    states.map(async (state) => ({
      ...state,
      organisation: state.organisation as OrganisationId,
      keys: await witnessKeys(tx, state.organisation, now),
    })),
  );
  return allow({ treeSize: checkpoint?.size ?? 0, checkpoint: note, logKey: signer.vkey(head.name), witnesses });
}

function checkpointOf(tx: Tx, ask: AskOf<typeof ReadCheckpoint>, head: LogHead): Promise<StoredCheckpoint | undefined> {
  const { which, cosigners, index = 0 } = ask;
  if (which === 'covering' || which === 'before') return cosignedBeside(tx, head.no, which, index);
  if (which === 'newest' || cosigners === 0) return findCheckpoint(tx, head.no, head.checkpointSize);
  return cosigners === undefined ? newestCosigned(tx, head.no) : newestCosignedBy(tx, head.no, cosigners);
}
