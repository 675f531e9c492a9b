import { EVERY_ORGANISATION, type Tx } from '@interlock/chassis/db';
import type { AskOf, CosignCheckpoint, PendingCosignatures, ReplyOf } from '@interlock/contracts';
import { type AgreementId, allow, type Decision, type Instant, refuse } from '@interlock/domain';
import { type Cosigned, claims, parseNote, parseSignatureLine, parseVkey, verifyCosignature } from '@interlock/proof';
import { findCheckpoint } from '../store/checkpoint.store.js';
import { findLog } from '../store/log.store.js';
import { isWitness, keepCosignature, logsToCosign, witnessKeys } from '../store/party.store.js';
import { consistencyProof } from './prove.js';

/** Answers `audit.pending.v1`: what this organisation's witness is asked to cosign, with the proof it will want to check. */
export async function pendingCosignatures(
  tx: Tx,
  ask: AskOf<typeof PendingCosignatures>,
): Promise<ReplyOf<typeof PendingCosignatures>> {
  await tx.actFor(ask.organisation);
  const checkpoints = [];
  for (const { logNo, log, size, cosignedSize } of await logsToCosign(tx, ask.organisation, ask.limit)) {
    const checkpoint = await findCheckpoint(tx, logNo, size);
    if (!checkpoint) throw new Error(`log ${log} lost its checkpoint of ${size}`);
    const proof = await consistencyProof(tx, logNo, cosignedSize, { size });
    checkpoints.push({ log: log as AgreementId, size, note: checkpoint.note, oldSize: cosignedSize, proof });
  }
  return { checkpoints };
}

/**
 * Answers `audit.cosign.v1`: keeps a cosignature that verifies under a certified witness key of this organisation. The
 * broker checks it only so that it keeps no rubbish; whoever reads the log checks it again with keys of his own.
 */
export async function acceptCosignature(
  tx: Tx,
  ask: AskOf<typeof CosignCheckpoint>,
  now: Instant,
): Promise<ReplyOf<typeof CosignCheckpoint>> {
  await tx.actFor(ask.organisation);
  const head = await findLog(tx, ask.log);
  if (!head || !(await isWitness(tx, head.no, ask.organisation))) return refuse('not_a_party');
  const checkpoint = await findCheckpoint(tx, head.no, ask.size);
  if (!checkpoint) return refuse('malformed', { detail: 'there is no checkpoint of this size' });
  await tx.actFor(EVERY_ORGANISATION);
  const signed = verifyLine(checkpoint.note, ask.line, await witnessKeys(tx, ask.organisation, now));
  if (!signed.allowed) return signed;
  await keepCosignature(tx, {
    logNo: head.no,
    size: ask.size,
    organisation: ask.organisation,
    line: ask.line,
    atSeconds: signed.value.atSeconds,
    acceptedAt: now,
  });
  return allow({ log: ask.log, size: ask.size });
}

function verifyLine(
  note: string,
  line: string,
  vkeys: readonly string[],
): Decision<Cosigned, 'malformed' | 'unknown_key' | 'bad_signature'> {
  const checkpoint = parseNote(note);
  if (!checkpoint.allowed) throw new Error('a stored checkpoint cannot be read');
  const signature = parseSignatureLine(line);
  if (!signature.allowed) return refuse('malformed', { detail: 'this is not one signature line' });
  for (const vkey of vkeys) {
    const key = parseVkey(vkey);
    if (!key.allowed || !claims(signature.value, key.value)) continue;
    const verified = verifyCosignature(checkpoint.value.text, signature.value, key.value);
    return verified.allowed ? verified : refuse('bad_signature');
  }
  return refuse('unknown_key');
}
