import {
  approversSaid,
  type EvidenceKind,
  type EvidenceOutcome,
  type EvidenceRecord,
  evidenceOf,
  type Instant,
  type LocalId,
  type OrganisationId,
  type ProgramReport,
  type ResourceRef,
  type SubjectRef,
  type VerifiedChain,
} from '@interlock/domain';
import type { Provisioned } from '../provisioning.js';

export interface Said {
  readonly kind: EvidenceKind;
  readonly outcome: EvidenceOutcome;
  readonly at: Instant;
  readonly code?: string;
  readonly clause?: string;
  readonly session?: string;
  readonly subject?: SubjectRef;
  readonly resource?: ResourceRef;
  readonly region?: LocalId;
  readonly recipients?: readonly OrganisationId[];
  readonly documents?: EvidenceRecord['documents'];
  readonly count?: number;
  readonly categories?: readonly LocalId[];
  readonly bytes?: number;
  /** Why, in words of a person. */
  readonly reason?: string;
  /** The same for the own company alone. */
  readonly internalReason?: string;
  /** What a company judged for itself, for that company alone. */
  readonly belongsTo?: OrganisationId;
  readonly explanation?: string;
  readonly program?: ProgramReport;
  /** The trace of the request that it goes back to. */
  readonly correlation?: string | null;
}

/** One record of this gateway. What a verified chain knows is filled in from it; a stranger's claims are not. */
export function recordOf(
  self: Provisioned,
  id: string,
  log: EvidenceRecord['log'],
  chain: VerifiedChain | undefined,
  said: Said,
): EvidenceRecord {
  return evidenceOf(`${self.organisation}/${self.gateway}`, id, {
    log,
    kind: said.kind,
    outcome: said.outcome,
    at: Math.floor(said.at),
    organisation: self.organisation,
    subject: chain?.subject ?? said.subject ?? null,
    resource: said.resource ?? null,
    agreement: chain?.agreementDigest ?? null,
    grant: chain?.grantDigest ?? null,
    session: said.session ?? null,
    clause: said.clause ?? null,
    code: said.code ?? null,
    ...approversSaid(chain?.approvers ?? []),
    ...(chain &&
      chain.delegations.length > 0 && { delegators: chain.delegations.map((one) => one.document.requester) }),
    region: said.region ?? null,
    recipients: said.recipients ?? [],
    documents: [...(chain?.documents ?? []), ...(said.documents ?? [])].slice(0, 64),
    count: said.count ?? 0,
    ...(chain && { purpose: chain.grant.purpose }),
    ...(chain?.grant.ticket && { ticket: chain.grant.ticket }),
    ...(said.categories && said.categories.length > 0 && { categories: said.categories }),
    ...(said.bytes !== undefined && { bytes: said.bytes }),
    ...(said.reason && { reason: said.reason }),
    ...(said.internalReason && { internalReason: said.internalReason, belongsTo: self.organisation }),
    ...(said.belongsTo && said.explanation && { belongsTo: said.belongsTo, explanation: said.explanation }),
    ...(said.program && { program: said.program }),
    ...(said.correlation && { correlation: said.correlation }),
  });
}
