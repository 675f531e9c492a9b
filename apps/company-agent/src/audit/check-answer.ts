import { readSeen } from '@interlock/company-side';
import type { AuditAnswer } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type EvidenceRecord,
  type Instant,
  type OrganisationId,
  refuse,
} from '@interlock/domain';
import { equalHashes, type LogReader, logReader, verifyLogAnswer } from '@interlock/proof';
import { type Agent, finding } from '../agent.js';
import { inForce, learnPartners, partiesOf, refreshAgreements } from '../agreements/agreements.js';
import { logKey } from '../witness/cosign-checkpoint.js';

export interface CheckedAnswer {
  readonly size: number;
  /** Head of the tree that the companies cosigned, in base64; empty for a log that has none yet. */
  readonly root: string;
  readonly rows: readonly {
    readonly index: number;
    readonly record: EvidenceRecord;
    /** By the word of the operator. */
    readonly appendedAt?: Instant;
  }[];
  /** Companies whose witness cosigned the answer's checkpoint. */
  readonly cosigned: readonly OrganisationId[];
  readonly sameAsSeen: 'yes' | 'newer than what was seen' | 'older than what was seen';
  readonly next: number | null;
}

/**
 * Verifies an answer of the audit service before a row of it is shown, with the one verifier of `proof`: cosigned as the agreement asks,
 * each row at its place. And the tree is not another one than this witness saw. One row that does not verify refuses the answer.
 */
export async function checkAnswer(
  agent: Agent,
  answer: AuditAnswer,
  reader: LogReader,
): Promise<Decision<CheckedAnswer>> {
  const { log } = answer.filter;
  const proven = verifyLogAnswer(answer, log, reader);
  if (!proven.allowed) return proven;
  const { checkpoint, cosigned, rows } = proven.value;
  const seen = readSeen(agent.dir, log);
  if (seen && seen.size === checkpoint.size && !equalHashes(seen.root, checkpoint.root)) {
    await finding(agent, 'witness_log_forked', `${log}: an answer has another root at size ${seen.size}`);
    return refuse('evidence_rejected', { clause: 'checkpoint', detail: 'this is not the log this witness saw' });
  }
  const order = !seen || checkpoint.size > seen.size ? 'newer than what was seen' : 'older than what was seen';
  return allow({
    size: checkpoint.size,
    root: Buffer.from(checkpoint.root).toString('base64'),
    rows: rows.map(({ proof: _proof, ...row }) => row),
    cosigned,
    sameAsSeen: seen?.size === checkpoint.size ? 'yes' : order,
    next: answer.next,
  });
}

/** Whose word counts for a log: the log key as this company recorded it, and the witnesses of the agreement's parties. */
export async function readerOf(agent: Agent, log: string): Promise<Decision<LogReader>> {
  const key = logKey(agent, log);
  if (!key) return refuse('unknown_key', { clause: 'log', detail: 'the log key of the broker is not recorded' });
  await refreshAgreements(agent);
  const known = agent.store.agreements().find(({ document }) => document.id === log);
  if (!known) return refuse('not_a_party', { clause: 'log' });
  const agreement = inForce(agent, known.document.id)?.agreement.document ?? known.document;
  // Witness keys may have been certified since the last look.
  await learnPartners(agent, partiesOf(agreement));
  const ring = await agent.partners.ring(partiesOf(agreement), agent.now());
  return ring.allowed ? allow(logReader(agreement, ring.value, key)) : ring;
}
