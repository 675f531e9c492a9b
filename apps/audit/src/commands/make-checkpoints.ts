import type { Ids } from '@interlock/chassis';
import { append, EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import { CheckpointMade } from '@interlock/contracts';
import type { AgreementId, Digest, Instant, OrganisationId } from '@interlock/domain';
import { frontierRoot } from '@interlock/proof';
import { insertCheckpoint, requireSameKey } from '../store/checkpoint.store.js';
import { type LogHead, lockDirtyLogs } from '../store/log.store.js';
import { witnessStates } from '../store/party.store.js';
import type { LogSigner } from './log-signer.js';

/** Logs that one transaction signs for. */
export const CHECKPOINT_BATCH = 200;

/**
 * Signs the state of every log that grew since its last checkpoint and answers how many there were. Idle logs are not
 * looked at. A note leaves only with the commit: killed before it, nobody saw the note and the next run signs the same
 * or a longer tree, so two signed states are always consistent.
 */
export async function makeCheckpoints(tx: Tx, signer: LogSigner, ids: Ids, now: Instant): Promise<number> {
  await tx.actFor(EVERY_ORGANISATION);
  const dirty = await lockDirtyLogs(tx, CHECKPOINT_BATCH);
  if (dirty.length > 0) await requireSameKey(tx, signer.vkey('operator'));
  for (const head of dirty) await makeCheckpoint(tx, head, signer, ids, now);
  return dirty.length;
}

async function makeCheckpoint(tx: Tx, head: LogHead, signer: LogSigner, ids: Ids, now: Instant): Promise<void> {
  const { size } = head.frontier;
  const root = frontierRoot(head.frontier);
  const note = signer.sign(head.name, size, root);
  await insertCheckpoint(tx, { logNo: head.no, size, root, note, madeAt: now }, head.frontier.nodes);
  await append(tx, CheckpointMade, ids.next('evt'), {
    log: head.name as AgreementId,
    size,
    root: `sha256:${Buffer.from(root).toString('base64url')}` as Digest,
    madeAt: now,
    organisations: (await witnessStates(tx, head.no)).map((state) => state.organisation as OrganisationId),
  });
}
