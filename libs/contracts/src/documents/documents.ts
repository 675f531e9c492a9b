import { z } from 'zod';
import { evidenceRecord } from '../evidence.js';
import { agreement } from './agreement.js';
import {
  acceptance,
  activationReview,
  attestation,
  exception,
  insolvencyNotice,
  machineRecord,
  machineTransfer,
  memberList,
  plantCalendar,
} from './annexes.js';
import { batch } from './batch.js';
import { embargoSnapshot } from './embargo-snapshot.js';
import { erasureProof } from './erasure-proof.js';
import { entityDocument, keyCertificate, provisioning, rootSuccession, signed } from './keys.js';
import { quarantineRelease } from './quarantine-release.js';
import {
  act,
  activation,
  beat,
  delegation,
  grant,
  receipt,
  signal,
  standingApproval,
  statusList,
  verdict,
} from './rights.js';
import { roleMapping } from './role-mapping.js';
import { usageStatement } from './usage-statement.js';

/** Every kind of document that travels as canonical JSON with signatures beside it. A kind that is not here does not exist. */
export const DOCUMENTS = {
  entity: entityDocument,
  'root-succession': rootSuccession,
  'key-certificate': keyCertificate,
  provisioning,
  'role-mapping': roleMapping,
  agreement,
  grant,
  'standing-approval': standingApproval,
  delegation,
  activation,
  act,
  beat,
  'status-list': statusList,
  verdict,
  signal,
  receipt,
  batch,
  'embargo-snapshot': embargoSnapshot,
  attestation,
  acceptance,
  exception,
  'machine-record': machineRecord,
  'machine-transfer': machineTransfer,
  'insolvency-notice': insolvencyNotice,
  'plant-calendar': plantCalendar,
  'activation-review': activationReview,
  'member-list': memberList,
  'usage-statement': usageStatement,
  'quarantine-release': quarantineRelease,
  'erasure-proof': erasureProof,
} as const;

export type DocumentKind = keyof typeof DOCUMENTS;

export const signedEntity = signed(entityDocument);
export const signedRootSuccession = signed(rootSuccession);
export const signedCertificate = signed(keyCertificate);
export const signedProvisioning = signed(provisioning);
export const signedRoleMapping = signed(roleMapping);
export const signedAgreement = signed(agreement);
export const signedGrant = signed(grant);
export const signedDelegation = signed(delegation);
export const signedStandingApproval = signed(standingApproval);
/** What somebody asks for and the owner approves: a grant, a delegation of one, or the owner's yes to grants that are still to come. */
export const signedApprovable = z.union([signedGrant, signedDelegation, signedStandingApproval]);
export const signedActivation = signed(activation);
export const signedAct = signed(act);
export const signedBeat = signed(beat);
export const signedStatusList = signed(statusList);
export const signedSignal = signed(signal);
export const signedVerdict = signed(verdict);
export const signedEmbargoSnapshot = signed(embargoSnapshot);
export const signedReceipt = signed(receipt);
export const signedUsageStatement = signed(usageStatement);
export const signedErasureProof = signed(erasureProof);
export const signedQuarantineRelease = signed(quarantineRelease);
/** Any document that hangs on an agreement beside its text. */
export const annex = z.union([
  attestation,
  acceptance,
  exception,
  machineRecord,
  machineTransfer,
  insolvencyNotice,
  plantCalendar,
  activationReview,
  memberList,
]);
export const signedAnnex = signed(annex);

/** A record that names signatures, and its place in a cosigned log (C2SP tlog-proof). */
export const signatureProof = z.strictObject({ record: evidenceRecord, proof: z.string().max(20_000) });
export type SignatureProof = z.infer<typeof signatureProof>;

/** Everything a verifier needs to follow one right from a pinned root to a subject. All of it is a stranger's until verified. */
export const chainDocuments = z.strictObject({
  entities: z.array(signedEntity).max(16),
  certificates: z.array(signedCertificate).max(256),
  agreement: signedAgreement,
  grant: signedGrant,
  /** The owner's yes that the grant names; left out where it was approved by itself. */
  standingApproval: signedStandingApproval.optional(),
  /** From the grant to who acts; left out where the grant names the subject itself. */
  delegations: z.array(signedDelegation).max(8).optional(),
  /** Which signatures were in the log when: asked for where a key has come to its end since. */
  proofs: z.array(signatureProof).max(64).optional(),
});
export type ChainDocuments = z.infer<typeof chainDocuments>;
