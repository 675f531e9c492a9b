import { LABEL_NAMES } from '@interlock/domain';
import { z } from 'zod';
import { agreement } from '../documents/agreement.js';
import {
  chainDocuments,
  signatureProof,
  signedAct,
  signedAgreement,
  signedAnnex,
  signedApprovable,
  signedCertificate,
  signedEntity,
  signedGrant,
  signedSignal,
  signedStatusList,
  signedVerdict,
} from '../documents/documents.js';
import { signatureBlock } from '../documents/keys.js';
import {
  actionName,
  agreementId,
  count,
  digest,
  grantId,
  holderRef,
  instant,
  localId,
  resourceRef,
  sessionId,
  text,
} from '../documents/names.js';
import { disclosures, evidenceRecord, ownDisclosures, personalDisclosures } from '../evidence.js';

/** Bodies of the federation API. One schema each, used by the server, the typed client and the OpenAPI document. */
export const publishEntity = z.strictObject({ entity: signedEntity });
export const publishCertificates = z.strictObject({ certificates: z.array(signedCertificate).min(1).max(256) });
/** What an organisation publishes; asked for by the pinned root thumbprint, which nobody guesses. */
export const publishedDocuments = z.strictObject({
  entities: z.array(signedEntity).max(16),
  certificates: z.array(signedCertificate).max(1_000),
});

/** What a gateway's own program is. */
export const gatewayReport = z.strictObject({
  evaluators: z.array(z.string().min(1).max(80)).max(512),
  tzdata: z.string().max(40),
});

export const proposeAgreement = z.strictObject({ agreement: signedAgreement });
export const addSignatures = z.strictObject({ digest, signatures: z.array(signatureBlock).min(1).max(16) });
export const agreementView = z.strictObject({
  id: agreementId,
  version: count,
  digest,
  status: z.enum(['proposed', 'countersigned', 'active', 'suspended', 'terminating', 'ended', 'refused']),
  agreement: signedAgreement,
});
/** A version that one company writes and nobody else sees. */
export const keepDraft = z.strictObject({ agreement });
export const draftName = z.strictObject({ id: agreementId, version: count });
export const draftView = z.strictObject({
  id: agreementId,
  version: count,
  digest,
  status: z.enum(['draft', 'proposed']),
  keptAt: instant,
  agreement,
});
export const draftList = z.strictObject({ drafts: z.array(draftView) });
/** Most rows of one page, and how many where nobody says. */
const MOST_ROWS = 500;
const ROWS = 200;
const limit = z.coerce.number().int().min(1).max(MOST_ROWS).default(ROWS);
const moment = String.raw`\d{1,16}`;
/** The place of a row in a list: what the list is ordered by, so that it stays a place while rows come and change. */
export const agreementCursor = z.string().regex(new RegExp(`^[01]\\.${moment}\\.agr_[0-9a-z]{26}\\.\\d{1,9}$`));
export const grantCursor = z.string().regex(new RegExp(`^${moment}\\.grt_[0-9a-z]{26}$`));
export const agreementPage = z.strictObject({ after: agreementCursor.optional(), limit });
/** `next` is left out on the last page. */
export const agreementList = z.strictObject({ agreements: z.array(agreementView), next: agreementCursor.optional() });

export const askGrant = z.strictObject({ grant: signedApprovable });
/** `reason` is for both companies; what is internal, the other one never reads. */
export const denyGrant = z.strictObject({
  reason: text,
  internalReason: z.string().min(1).max(500).optional(),
  internalTicket: z.string().min(1).max(200).optional(),
});
export const grantView = z.strictObject({
  id: grantId,
  agreementId,
  digest,
  status: z.enum(['asked', 'active', 'denied', 'revoked', 'expired']),
  grant: signedApprovable,
  /** What it hangs on, outermost first; left out where it hangs on the agreement alone. */
  above: z.array(signedApprovable).max(8).optional(),
});
export const grantPage = z.strictObject({
  status: grantView.shape.status.optional(),
  after: grantCursor.optional(),
  limit,
});
export const grantList = z.strictObject({ grants: z.array(grantView), next: grantCursor.optional() });

export const handInAct = z.strictObject({ act: signedAct });
export const handInAnnex = z.strictObject({ annex: signedAnnex });
export const handInVerdict = z.strictObject({ verdict: signedVerdict });
export const handInSignal = z.strictObject({ signal: signedSignal });
export const accepted = z.strictObject({ accepted: z.literal(true) });

/** More annexes than this are not taken: an enforcement point holds all of them. */
export const MOST_ANNEXES = 2_000;

/** Facts of one company under one agreement, by what they are about; a broker keeps the newest of each. */
export const MOST_SIGNALS = 500;

/** More signatures of ended keys than this are not proven in one standing: what rests on the others is a no, and is signed again. */
export const MOST_PROOFS = 1_000;

/** Everything signed that bears on one agreement now. The receiver verifies all of it. */
export const standing = z.strictObject({
  agreementId,
  entities: z.array(signedEntity).max(16),
  certificates: z.array(signedCertificate).max(1_000),
  agreement: signedAgreement,
  acts: z.array(signedAct).max(10_000),
  statusLists: z.array(signedStatusList).max(16),
  verdicts: z.array(signedVerdict).max(10_000),
  /** Attestations, exceptions, machine records: what hangs on the agreement beside its text. */
  annexes: z.array(signedAnnex).max(MOST_ANNEXES),
  /** Grants for which a flow is carried; grants for sessions come with the session's offer. */
  flows: z.array(signedGrant).max(10_000),
  /** Which signatures of these, and of dormant grants, were in the log when: of keys that have come to their end since. */
  proofs: z.array(signatureProof).max(MOST_PROOFS).optional(),
  /** The newest of each fact that a party said of its own; left out where nothing was said. */
  signals: z
    .array(signedSignal)
    .max(16 * MOST_SIGNALS)
    .optional(),
});
export type Standing = z.infer<typeof standing>;

export const relayAddress = z.strictObject({ host: z.string().max(253), port: z.number().int().min(1).max(65_535) });

/** People show a login proof; a machine shows none, its certified key signs the caller proof. */
export const askSession = z.strictObject({
  grant: grantId,
  resource: resourceRef,
  action: actionName,
  loginProof: z.string().max(8_000).nullable(),
});
export const admission = z.strictObject({
  session: sessionId,
  ticket: z.string().max(8_000),
  rendezvous: z.string().min(22).max(64),
  relay: relayAddress,
  gateway: holderRef,
  chain: chainDocuments,
});
export type Admission = z.infer<typeof admission>;

export const evidenceBatch = z.strictObject({
  records: z.array(evidenceRecord).min(1).max(500),
  /** What opens what records tell of persons, by the id of the record. */
  opened: z.record(z.string().max(40), personalDisclosures).optional(),
  /** What opens what the gateway's company keeps from the other, by the id of the record. */
  own: z.record(z.string().max(40), ownDisclosures).optional(),
});
export const evidenceAccepted = z.strictObject({ accepted: z.array(z.string()), parked: z.array(z.string()) });

const asked = z.string().min(1).max(300).optional();
/** One question to one log: every member must fit, as `fitsFilter` of the domain says. */
export const auditFilter = z.strictObject({
  log: z.union([agreementId, z.literal('operator')]),
  resource: asked,
  subject: asked,
  approver: asked,
  organisation: asked,
  site: asked,
  ticket: asked,
  purpose: asked,
  category: asked,
  region: asked,
  recipient: asked,
  agreement: asked,
  grant: asked,
  session: asked,
  clause: asked,
  kind: asked,
  outcome: asked,
  code: asked,
  correlation: asked,
  /** Words that all stand in the reason. */
  text: asked,
  from: z.coerce.number().pipe(instant).optional(),
  to: z.coerce.number().pipe(instant).optional(),
  after: z.coerce.number().pipe(count).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
  /** Size of the checkpoint to answer from, so that pages and proofs are of one tree; the newest when left out. */
  treeSize: z.coerce.number().pipe(count).optional(),
});
export type AuditFilter = z.infer<typeof auditFilter>;

/** An answer names the tree it was made from and the filter, so that "is this all of it?" can be checked. Proofs are base64 hashes. */
export const auditAnswer = z.strictObject({
  filter: auditFilter,
  treeSize: count,
  checkpoint: z.string().max(10_000),
  rows: z.array(
    z.strictObject({
      index: count,
      /** As the log holds it. */
      record: evidenceRecord,
      /** What opens what the record withholds; left out where it was erased. */
      opened: disclosures.optional(),
      proof: z.array(z.string().max(64)).max(64),
      /** When the broker took it, by its operator's clock: his word, in no proof. Between which times a witness saw it come, `audit/checkpoint` proves. */
      appendedAt: instant.optional(),
    }),
  ),
  next: count.nullable(),
});
export type AuditAnswer = z.infer<typeof auditAnswer>;

/** How many rows an answer would have, and how often each value of the named labels occurs in them. */
export const auditCounts = z.strictObject({
  filter: auditFilter,
  treeSize: count,
  /** Rows that were counted, by rising index. */
  counted: count,
  /** False where there are more rows than one question may count; then narrow the filter. */
  whole: z.boolean(),
  facets: z.partialRecord(z.enum(LABEL_NAMES), z.array(z.strictObject({ value: z.string().max(400), count }))),
});

/** Asks for a user of a region's bus, for one agreement. The nkey's seed stays with the one who asks. */
export const askBusUser = z.strictObject({
  region: localId,
  agreementId,
  role: z.enum(['publisher', 'recipient']),
  nkey: z.string().regex(/^U[A-Z2-7]{55}$/),
});
export const busUser = z.strictObject({
  jwt: z.string().max(8_000),
  expiresAt: z.number().int(),
  inboxPrefix: z.string().max(200),
  /** For a publisher: where each flow is written. */
  flows: z.array(z.strictObject({ flowId: z.string().max(120), subject: z.string().max(300) })).max(1_000),
  /** For a recipient: what it may ask for and acknowledge. */
  pulls: z
    .array(
      z.strictObject({
        stream: z.string().max(80),
        durable: z.string().max(80),
        next: z.string().max(300),
        ack: z.string().max(300),
      }),
    )
    .max(1_000),
});
export type BusUser = z.infer<typeof busUser>;
