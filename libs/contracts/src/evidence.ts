import {
  EVIDENCE_KINDS,
  type EvidenceRecord,
  OWN_MEMBERS,
  ownAsDeclared,
  PERSONAL_MEMBERS,
  WITHHELD_MEMBERS,
} from '@interlock/domain';
import { z } from 'zod';
import {
  agreementId,
  count,
  digest,
  holderRef,
  instant,
  localId,
  organisationId,
  resourceRef,
  subjectRef,
} from './documents/names.js';
import { programReport } from './documents/program-report.js';

const members = z.strictObject({
  v: z.literal(1),
  id: z.string().regex(/^evd_[0-9a-hjkmnp-tv-z]{26}$/),
  log: z.union([agreementId, z.literal('operator')]),
  kind: z.enum(EVIDENCE_KINDS),
  outcome: z.enum(['allow', 'deny', 'cut', 'change', 'delivery', 'finding']),
  at: instant,
  source: z.string().min(1).max(300),
  organisation: organisationId.nullable(),
  subject: subjectRef.nullable(),
  resource: resourceRef.nullable(),
  agreement: digest.nullable(),
  grant: digest.nullable(),
  session: z.string().max(64).nullable(),
  clause: z.string().max(300).nullable(),
  code: z.string().max(80).nullable(),
  approvers: z.array(localId).max(64),
  deputies: z
    .array(z.strictObject({ id: localId, for: localId }))
    .min(1)
    .max(64)
    .optional(),
  delegators: z.array(holderRef).min(1).max(8).optional(),
  region: localId.nullable(),
  recipients: z.array(organisationId).max(16),
  documents: z.array(digest).max(64),
  count,
  correlation: z.string().max(128).nullable(),
  site: localId.optional(),
  ticket: z.string().min(1).max(200).optional(),
  purpose: localId.optional(),
  categories: z.array(localId).min(1).max(64).optional(),
  bytes: count.optional(),
  signatures: z.array(digest).min(1).max(64).optional(),
  reason: z.string().min(1).max(500).optional(),
  place: z.strictObject({ sequence: count.min(1), previous: digest.nullable() }).optional(),
  program: programReport.optional(),
  addresses: z.string().min(1).max(64).optional(),
  belongsTo: organisationId.optional(),
  internalReason: z.string().min(1).max(500).optional(),
  internalTicket: z.string().min(1).max(200).optional(),
  explanation: z.string().min(1).max(500).optional(),
  withheld: z.partialRecord(z.enum(WITHHELD_MEMBERS), digest).optional(),
});

/** The wire form of one leaf. Unknown members are refused: what is not declared cannot be proven. */
export const evidenceRecord: z.ZodType<EvidenceRecord> = members.refine(
  (record) => ownAsDeclared(record as EvidenceRecord),
  'this kind of record keeps nothing like this from one company',
) as unknown as z.ZodType<EvidenceRecord>;

/** One member of a record, by its name. */
export const evidenceMember = members.shape;

const disclosure = z.string().regex(/^[A-Za-z0-9_-]{1,8000}$/);
/** What opens withheld members of a record, each in the form of a disclosure of RFC 9901, section 4.2.1. Never in the log. */
export const disclosures = z.array(disclosure).min(1).max(WITHHELD_MEMBERS.length);
/** What tells of persons, for both companies; and what one keeps from the other. */
export const personalDisclosures = z.array(disclosure).min(1).max(PERSONAL_MEMBERS.length);
export const ownDisclosures = z.array(disclosure).min(1).max(OWN_MEMBERS.length);
