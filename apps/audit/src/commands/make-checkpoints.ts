import type { Ids, Log, News } from '@interlock/chassis';
import { append, EVERY_ORGANISATION, type Transactor, type Tx } from '@interlock/chassis/db';
import { CHECKPOINTED, CheckpointMade } from '@interlock/contracts';
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
 * looked at; `only` is the number of the one log that is meant. A note leaves only with the commit: killed before it, nobody
 * saw the note and the next run signs the same or a longer tree, so two signed states are always consistent.
 *
 * @param asked gets the organisations whose witnesses are to cosign what was signed
 */
export async function makeCheckpoints(
  tx: Tx,
  signer: LogSigner,
  ids: Ids,
  now: Instant,
  only?: number,
  asked: Set<OrganisationId> = new Set(),
): Promise<number> {
  await tx.actFor(EVERY_ORGANISATION);
  const dirty = await lockDirtyLogs(tx, CHECKPOINT_BATCH, only);
  if (dirty.length > 0) await requireSameKey(tx, signer.vkey('operator'));
  for (const head of dirty) for (const one of await makeCheckpoint(tx, head, signer, ids, now)) asked.add(one);
  return dirty.length;
}

/** What signing takes, beside the transaction. */
export interface Signing {
  readonly transactor: Transactor;
  readonly signer: LogSigner;
  readonly ids: Ids;
  readonly news: Pick<News, 'tell'>;
  readonly log: Log;
  now(): Instant;
}

/**
 * As `makeCheckpoints`; where that fails, each log in a transaction of its own, so that one whose rows were tampered with keeps no other from
 * being signed. It is tried again each time, and named in the operator's log until it is mended. Whose witnesses are to cosign is told once it is
 * committed. Answers whether as many wait as one
 * transaction takes.
 *
 * @throws what kept all of them from being signed
 */
export async function signGrownLogs({ transactor, signer, ids, news, log, now }: Signing): Promise<boolean> {
  const sign = async (only?: number) => {
    const asked = new Set<OrganisationId>();
    const signed = await transactor.run((tx) => makeCheckpoints(tx, signer, ids, now(), only, asked));
    if (asked.size > 0) news.tell(CHECKPOINTED, { organisations: [...asked] });
    return signed;
  };
  try {
    return (await sign()) === CHECKPOINT_BATCH;
  } catch (cause) {
    const grown = await transactor.run(async (tx) => {
      await tx.actFor(EVERY_ORGANISATION);
      return lockDirtyLogs(tx, CHECKPOINT_BATCH);
    });
    let signed = 0;
    for (const { no, name } of grown) {
      try {
        signed += await sign(no);
      } catch (fault) {
        log.error({ event: 'log.unsigned', agreementId: name, err: fault }, 'the state of a log cannot be signed');
      }
    }
    if (signed === 0) throw cause;
    return false;
  }
}

async function makeCheckpoint(tx: Tx, head: LogHead, signer: LogSigner, ids: Ids, now: Instant) {
  const { size } = head.frontier;
  const root = frontierRoot(head.frontier);
  const note = signer.sign(head.name, size, root);
  await insertCheckpoint(tx, { logNo: head.no, size, root, note, madeAt: now }, head.frontier.nodes);
  const organisations = (await witnessStates(tx, head.no)).map((state) => state.organisation as OrganisationId);
  await append(tx, CheckpointMade, ids.next('evt'), {
    log: head.name as AgreementId,
    size,
    root: `sha256:${Buffer.from(root).toString('base64url')}` as Digest,
    madeAt: now,
    organisations,
  });
  return organisations;
}
