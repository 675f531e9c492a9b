import type { AuditAnswer } from '@interlock/contracts';
import {
  type Agreement,
  allow,
  type Decision,
  type EvidenceRecord,
  type Instant,
  type OrganisationId,
  refuse,
} from '@interlock/domain';
import { cosignersOf, witnessKeys } from './bundle.js';
import { canonicalBytes } from './canonical-json.js';
import { openRecord } from './disclosure.js';
import type { KeyRing } from './key-ring.js';
import {
  type Checkpoint,
  type CheckpointRefusal,
  decodeBase64,
  type Hash,
  hashLeaf,
  type NoteKey,
  verifyCheckpoint,
  verifyInclusion,
} from './log/index.js';

/** Whose word a reader of one log demands: the log's own signature, and the cosignatures that the agreement asks for. */
export interface LogReader {
  readonly log: NoteKey;
  readonly witnesses: readonly { readonly organisation: OrganisationId; readonly key: NoteKey }[];
  /** So many different organisations must have cosigned. */
  readonly cosigners: number;
}

/** The reader of an agreement's log. An agreement that says nothing of evidence is read in the narrowest way: every party cosigns. */
export function logReader(agreement: Agreement, ring: KeyRing, log: NoteKey): LogReader {
  const parties = agreement.parties.map((party) => party.organisation);
  return {
    log,
    witnesses: parties.flatMap((organisation) => witnessKeys(ring, organisation).map((key) => ({ organisation, key }))),
    cosigners: cosignersOf(agreement),
  };
}

export type LogAnswerRefusal = CheckpointRefusal | 'not_cosigned' | 'evidence_rejected';

/** A record has one place. */
export const SAID_BEFORE = 'this record stands at an earlier place already';

/** An answer whose every row is in the log that was cosigned. That no row is left out, `whole-log` says. */
export interface ProvenAnswer extends ReadCheckpoint {
  readonly rows: readonly {
    readonly index: number;
    /** With what it withholds, as far as the answer discloses it; what lies in the log is `asLogged`. */
    readonly record: EvidenceRecord;
    readonly proof: readonly Hash[];
    /** When the operator says that it was appended; nothing proves it. */
    readonly appendedAt?: Instant;
  }[];
}

/** A signed state of a log, the companies whose witnesses cosigned it, and when the first and the last of them did. */
export interface ReadCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly cosigned: readonly OrganisationId[];
  /** By the clock of each witness, in the order of `cosigned`. */
  readonly cosignedAt: readonly Instant[];
}

/** A checkpoint note that the log signed and as many companies cosigned as the reader demands. */
export function readCheckpointOf(note: string, reader: LogReader): Decision<ReadCheckpoint, LogAnswerRefusal> {
  const witnesses = reader.witnesses.map(({ key }) => ({ key, required: false }));
  const verified = verifyCheckpoint(note, { log: reader.log, witnesses });
  if (!verified.allowed) return verified;
  const { checkpoint, cosigned: by } = verified.value;
  const times = new Map(by.map(({ witness, atSeconds }) => [witness, atSeconds * 1_000]));
  const cosigned = new Map(
    reader.witnesses.flatMap(({ organisation, key }) => {
      const at = times.get(key.name);
      return at === undefined ? [] : [[organisation, at] as const];
    }),
  );
  if (cosigned.size < reader.cosigners) return refuse('not_cosigned', { clause: 'checkpoint' });
  return allow({ checkpoint, cosigned: [...cosigned.keys()], cosignedAt: [...cosigned.values()] });
}

/**
 * Verifies an answer of an audit service: the checkpoint is signed by the log and cosigned as the agreement asks, and each row lies in that
 * tree at its place, in rising order, in this log. One row that does not refuses the whole answer.
 */
export function verifyLogAnswer(
  answer: AuditAnswer,
  log: string,
  reader: LogReader,
): Decision<ProvenAnswer, LogAnswerRefusal> {
  const read = readCheckpointOf(answer.checkpoint, reader);
  if (!read.allowed) return read;
  const { checkpoint } = read.value;
  if (checkpoint.size !== answer.treeSize || answer.filter.log !== log)
    return refuse('evidence_rejected', { clause: 'checkpoint' });
  const rows: ProvenAnswer['rows'][number][] = [];
  const said = new Set<string>();
  let last = answer.filter.after ?? -1;
  for (const row of answer.rows) {
    const proof = row.proof.map(decodeBase64).filter((hash) => hash !== undefined);
    const leaf = hashLeaf(canonicalBytes(row.record));
    const included = verifyInclusion(row.index, checkpoint.size, leaf, proof, checkpoint.root);
    const fits = proof.length === row.proof.length && row.index > last && row.record.log === log;
    const open = openRecord(row.record, row.opened);
    if (!included.allowed || !fits || !open.allowed) return refuse('evidence_rejected', { clause: `row ${row.index}` });
    // A record that was written down twice would count twice; across pages the whole log says so.
    if (said.has(row.record.id))
      return refuse('evidence_rejected', { clause: `row ${row.index}`, detail: SAID_BEFORE });
    said.add(row.record.id);
    last = row.index;
    const { index, appendedAt } = row;
    rows.push({ index, record: open.value, proof, ...(appendedAt !== undefined && { appendedAt }) });
  }
  return allow({ ...read.value, rows });
}
