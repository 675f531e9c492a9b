import type { AuditAnswer } from '@interlock/contracts';
import { allow, type Decision, type EvidenceRecord, type OrganisationId, refuse } from '@interlock/domain';
import {
  canonicalBytes,
  decodeBase64,
  equalHashes,
  hashLeaf,
  type KnownKey,
  keyObjectOf,
  type NoteKey,
  rawEd25519,
  verifyCheckpoint,
  verifyInclusion,
  witnessNoteKey,
} from '@interlock/proof';
import { type Agent, finding } from '../agent.js';
import { inForce, partiesOf } from '../agreements/agreements.js';
import { logKey } from '../witness/cosign-checkpoint.js';
import { readSeen } from '../witness/seen.js';

export interface CheckedAnswer {
  readonly size: number;
  readonly rows: readonly { readonly index: number; readonly record: EvidenceRecord }[];
  /** Witnesses whose cosignature on the answer's checkpoint verifies. */
  readonly cosigned: readonly string[];
  readonly sameAsSeen: 'yes' | 'newer than what was seen' | 'older than what was seen';
  readonly next: number | null;
}

/**
 * Verifies an answer of the audit service before a row of it is shown: the log's signature, every cosignature that is there, each row's
 * place in the tree, and that the tree is not another one than this witness saw. One row that does not verify refuses the answer.
 */
export async function checkAnswer(agent: Agent, answer: AuditAnswer): Promise<Decision<CheckedAnswer>> {
  const log = logKey(agent, answer.filter.log);
  if (!log) return refuse('unknown_key', { clause: 'log', detail: 'the log key of the broker is not recorded' });
  const witnesses = (await witnessKeys(agent, answer.filter.log)).map((key) => ({ key, required: false }));
  const verified = verifyCheckpoint(answer.checkpoint, { log, witnesses });
  if (!verified.allowed) return refuse('bad_signature', { clause: 'checkpoint', detail: verified.refusal.code });
  const { checkpoint, cosigned } = verified.value;
  if (checkpoint.size !== answer.treeSize)
    return refuse('bad_signature', { clause: 'checkpoint', detail: 'another size' });
  for (const { index, record, proof } of answer.rows) {
    const hashes = proof.map(decodeBase64).filter((hash) => hash !== undefined);
    const leaf = hashLeaf(canonicalBytes(record));
    const included = verifyInclusion(index, checkpoint.size, leaf, hashes, checkpoint.root);
    if (!included.allowed || hashes.length !== proof.length || record.log !== answer.filter.log) {
      return refuse('evidence_rejected', { clause: String(index), detail: 'a row is not in the log at this place' });
    }
  }
  const seen = readSeen(agent, answer.filter.log);
  if (seen && seen.size === checkpoint.size && !equalHashes(seen.root, checkpoint.root)) {
    await finding(agent, 'witness_log_forked', `${answer.filter.log}: an answer has another root at size ${seen.size}`);
    return refuse('evidence_rejected', { clause: 'checkpoint', detail: 'this is not the log this witness saw' });
  }
  const order = !seen || checkpoint.size > seen.size ? 'newer than what was seen' : 'older than what was seen';
  return allow({
    size: checkpoint.size,
    rows: answer.rows.map(({ index, record }) => ({ index, record })),
    cosigned: cosigned.map(({ witness }) => witness),
    sameAsSeen: seen?.size === checkpoint.size ? 'yes' : order,
    next: answer.next,
  });
}

/** The witness keys of every party, as certified by each party itself. */
async function witnessKeys(agent: Agent, log: string): Promise<NoteKey[]> {
  const known = agent.store.agreements().find(({ document }) => document.id === log);
  const current = known && (inForce(agent, known.document.id)?.agreement.document ?? known.document);
  const parties: readonly OrganisationId[] = current ? partiesOf(current) : [agent.organisation];
  const ring = await agent.partners.ring(parties, agent.now());
  if (!ring.allowed) return [];
  return parties
    .flatMap((party) => ring.value.held(party, 'witness', WITNESS))
    .filter((key) => key.purposes.includes('witness'))
    .flatMap(noteKeyOf);
}

const WITNESS = 'witness' as KnownKey['groups'][number];

function noteKeyOf(known: KnownKey): NoteKey[] {
  const key = witnessNoteKey(known.organisation, rawEd25519(keyObjectOf(known.key)));
  return key.allowed ? [key.value] : [];
}
