import { LABEL_NAMES } from '@interlock/domain';
import { z } from 'zod';
import { signatureProof } from '../documents/documents.js';
import { agreementId, count, digest, instant, localId, organisationId } from '../documents/names.js';
import { defineEvent } from '../events/define-event.js';
import { defineRequest } from '../events/define-request.js';
import { evidenceRecord } from '../evidence.js';
import { auditAnswer, auditCounts, auditFilter } from '../http/federation-api.js';

/** Name of a log: the agreement it belongs to, or `operator` for the operator's own acts. */
export const logName = z.union([agreementId, z.literal('operator')]);
/** A hash on the wire: standard base64 of 32 bytes. */
const hash = z.string().length(44);
const note = z.string().max(10_000);
const vkey = z.string().max(400);
/** On whose behalf a service asks; the row-level security of the log acts for it. */
const asker = { organisation: organisationId, log: logName };

/** Refusals of the audit service; "no such log" and "not yours" are one answer. */
export const auditRefusal = z.strictObject({
  allowed: z.literal(false),
  refusal: z.strictObject({
    code: z.enum(['not_a_party', 'malformed', 'unknown_key', 'bad_signature', 'on_hold']),
    detail: z.string().max(300).optional(),
  }),
});
const decided = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion('allowed', [z.strictObject({ allowed: z.literal(true), value }), auditRefusal]);

/** How far a side's witness is; `behindSince` is the "not cosigned since" of the page. */
export const witnessState = z.strictObject({
  organisation: organisationId,
  keys: z.array(vkey).max(16),
  cosignedSize: count,
  cosignedAt: instant.nullable(),
  behindSince: instant.nullable(),
});

/** Rows of one log by filter, each with its inclusion proof under the checkpoint of the answer. */
export const QueryAudit = defineRequest(
  'audit.query.v1',
  z.strictObject({ organisation: organisationId, filter: auditFilter }),
  decided(auditAnswer),
);

/** Counts and facets of what a filter finds, for a page that narrows; only rows are proof. */
export const CountAudit = defineRequest(
  'audit.count.v1',
  z.strictObject({ organisation: organisationId, filter: auditFilter, by: z.array(z.enum(LABEL_NAMES)).max(8) }),
  decided(auditCounts),
);

/** Inclusion proofs of leaves, and the consistency proof from an older size, under one checkpoint. */
export const ProveAudit = defineRequest(
  'audit.prove.v1',
  z.strictObject({
    ...asker,
    /** Size of a checkpoint of the log; the newest when left out. */
    treeSize: count.optional(),
    indexes: z.array(count).max(200).default([]),
    oldSize: count.optional(),
  }),
  decided(
    z.strictObject({
      treeSize: count,
      checkpoint: note,
      inclusion: z.array(z.strictObject({ index: count, record: evidenceRecord, proof: z.array(hash).max(64) })),
      consistency: z.array(hash).max(64).nullable(),
    }),
  ),
);

/** Which of these signatures were in the log when, as far as the parties' witnesses cosigned it: what a chain brings of ended keys. */
export const ProveSignatures = defineRequest(
  'audit.prove-signatures.v1',
  z.strictObject({ ...asker, signatures: z.array(digest).min(1).max(64) }),
  decided(z.strictObject({ proofs: z.array(signatureProof).max(64) })),
);

/** Which checkpoint of a log is asked for. */
export const CHECKPOINT_CHOICES = ['newest', 'cosigned', 'covering', 'before'] as const;

/** A checkpoint with every cosignature there is, the log's key, and how far each witness is. */
export const ReadCheckpoint = defineRequest(
  'audit.checkpoint.v1',
  z.strictObject({
    ...asker,
    /** `newest`, or the newest one that every witness has cosigned; `covering`, the first cosigned one with the entry at `index`; `before`, the last one without it. */
    which: z.enum(CHECKPOINT_CHOICES).default('newest'),
    /** With `cosigned`: by at least so many organisations, as the agreement asks; by every witness where left out. */
    cosigners: z.number().int().min(0).max(16).optional(),
    index: count.optional(),
  }),
  decided(
    z.strictObject({ treeSize: count, checkpoint: note, logKey: vkey, witnesses: z.array(witnessState).max(64) }),
  ),
);

/** What an organisation's witness has not cosigned yet, each with the proof that it continues what was cosigned last. */
export const PendingCosignatures = defineRequest(
  'audit.pending.v1',
  z.strictObject({ organisation: organisationId, limit: z.number().int().min(1).max(200).default(50) }),
  z.strictObject({
    checkpoints: z
      .array(z.strictObject({ log: logName, size: count, note, oldSize: count, proof: z.array(hash).max(64) }))
      .max(200),
  }),
);

/** Hands in the cosignature of an organisation's witness: one signature line of C2SP tlog-cosignature, with its newline. */
export const CosignCheckpoint = defineRequest(
  'audit.cosign.v1',
  z.strictObject({ ...asker, size: count, line: z.string().max(1_000) }),
  decided(z.strictObject({ log: logName, size: count })),
);

/** One resource of the C2SP tlog-tiles layout: `checkpoint`, `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`. */
export const ReadTile = defineRequest(
  'audit.tile.v1',
  z.strictObject({ ...asker, path: z.string().max(200) }),
  decided(
    z.strictObject({
      contentType: z.string().max(80),
      /** Whether it will never change, so that it may be cached for ever. */
      immutable: z.boolean(),
      /** Standard base64. At most one full entry bundle. */
      body: z.string(),
    }),
  ),
);

/** Sets or lifts a company's hold on a log: while one holds it, nothing of it is erased. The same twice changes nothing. */
export const HoldLog = defineRequest(
  'audit.hold.v1',
  z.strictObject({ ...asker, held: z.boolean() }),
  decided(z.strictObject({ log: logName, heldBy: z.array(organisationId).max(16) })),
);

/** Who holds a log now: whoever keeps data under its agreement erases none of it meanwhile. */
export const ReadHolds = defineRequest(
  'audit.holds.v1',
  z.strictObject(asker),
  decided(z.strictObject({ log: logName, heldBy: z.array(organisationId).max(16) })),
);

/** What a recipient may say of data that it received. */
export const RECEIVED_KINDS = ['data.received', 'data.erased', 'scan.released'] as const;

/** What a party says of data that it received; `documents` are digests of what proves it: of a set of batches, of a signed proof, of a file and the words over it. */
export const receivedSaid = z.strictObject({
  kind: z.enum(RECEIVED_KINDS),
  documents: z.array(digest).min(1).max(64),
  count,
});

/** Records what a party says it did with data that it received: that it has it, that it erased it, that it let a file in. */
export const SayReceived = defineRequest(
  'audit.say-received.v1',
  z.strictObject({ ...asker, ...receivedSaid.shape }),
  decided(z.strictObject({ log: logName })),
);

/** Applies the retention of an agreement's evidence now; what is not past it stays. */
export const EraseDue = defineRequest(
  'audit.erase.v1',
  z.strictObject(asker),
  decided(z.strictObject({ log: logName, erased: count })),
);

/** Takes away what a log tells of one person of the asking company, before its time is over. */
export const ErasePerson = defineRequest(
  'audit.erase-person.v1',
  z.strictObject({ ...asker, person: localId }),
  decided(z.strictObject({ log: logName, erased: count })),
);

/** A log signed a new state of itself; `organisations` are those whose witnesses are asked to cosign. */
export const CheckpointMade = defineEvent(
  'checkpoint.made.v1',
  z.strictObject({
    log: logName,
    size: count,
    root: digest,
    madeAt: instant,
    organisations: z.array(organisationId).max(64),
  }),
);
