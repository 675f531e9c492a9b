import { z } from 'zod';
import {
  chainDocuments,
  signatureProof,
  signedAct,
  signedApprovable,
  signedGrant,
  signedSignal,
  signedStatusList,
  signedVerdict,
} from '../documents/documents.js';
import { signatureBlock } from '../documents/keys.js';
import { agreementId, digest, grantId, localId, organisationId, thumbprint } from '../documents/names.js';
import { defineRequest } from '../events/define-request.js';
import {
  admission,
  askSession,
  denyGrant,
  grantList,
  grantPage,
  grantView,
  MOST_PROOFS,
  MOST_SIGNALS,
} from '../http/federation-api.js';
import { decidedAs } from './decided.js';

export const AskGrant = defineRequest(
  'grants.ask.v1',
  z.strictObject({ organisation: organisationId, grant: signedApprovable }),
  decidedAs(grantView),
);

export const SignGrant = defineRequest(
  'grants.sign.v1',
  z.strictObject({
    organisation: organisationId,
    id: grantId,
    digest,
    signatures: z.array(signatureBlock).min(1).max(16),
  }),
  decidedAs(grantView),
);

export const DenyGrant = defineRequest(
  'grants.deny.v1',
  denyGrant.extend({ organisation: organisationId, id: grantId, by: localId.nullable() }),
  decidedAs(grantView),
);

export const ListGrants = defineRequest(
  'grants.list.v1',
  grantPage.extend({ organisation: organisationId }),
  grantList,
);

/** Names of the grants that are asked for under agreements of an organisation. */
export const ListWaitingGrants = defineRequest(
  'grants.waiting.v1',
  z.strictObject({ organisation: organisationId }),
  z.strictObject({ asked: z.array(grantId) }),
);

export const ReadGrant = defineRequest(
  'grants.read.v1',
  z.strictObject({ organisation: organisationId, id: grantId }),
  decidedAs(grantView),
);

/** Everything a verifier needs to follow a grant from pinned roots. */
export const ReadChain = defineRequest(
  'grants.chain.v1',
  z.strictObject({ organisation: organisationId, id: grantId }),
  decidedAs(chainDocuments),
);

/** Who wants in, as the edge proved it: the key it holds, and for machines and workloads whose certificate that is. */
export const sessionCaller = z.strictObject({
  organisation: organisationId,
  kind: z.enum(['person', 'machine', 'workload']),
  id: localId,
  thumbprint,
});

export const OpenSession = defineRequest(
  'grants.open-session.v1',
  /** `key`: the caller's `Idempotency-Key`. */
  z.strictObject({ caller: sessionCaller, ask: askSession, key: z.string().max(200).optional() }),
  decidedAs(admission),
);

/** Hands in an act on a grant, session, person, machine, workload or key. */
export const HandInRightAct = defineRequest(
  'grants.act.v1',
  z.strictObject({ organisation: organisationId, act: signedAct }),
  decidedAs(z.strictObject({ digest })),
);

export const HandInVerdict = defineRequest(
  'grants.verdict.v1',
  z.strictObject({ organisation: organisationId, verdict: signedVerdict }),
  decidedAs(z.strictObject({ digest })),
);

/** Keeps the newest signal of a party about each thing of its own, and hands it to the gateways of all parties. */
export const HandInSignal = defineRequest(
  'grants.signal.v1',
  z.strictObject({ organisation: organisationId, agreementId, signal: signedSignal }),
  decidedAs(z.strictObject({ digest })),
);

/** Keeps the newest status list of a party; an older one changes nothing. */
export const KeepStatusList = defineRequest(
  'grants.status-list.v1',
  z.strictObject({ organisation: organisationId, statusList: signedStatusList }),
  decidedAs(z.strictObject({ digest })),
);

/** The grants' part of what an enforcement point should hold of one agreement. */
export const ReadRightStanding = defineRequest(
  'grants.standing.v1',
  z.strictObject({ organisation: organisationId, agreementId }),
  z.strictObject({
    acts: z.array(signedAct).max(10_000),
    statusLists: z.array(signedStatusList).max(16),
    verdicts: z.array(signedVerdict).max(10_000),
    flows: z.array(signedGrant).max(10_000),
    proofs: z.array(signatureProof).max(MOST_PROOFS).optional(),
    signals: z
      .array(signedSignal)
      .max(16 * MOST_SIGNALS)
      .optional(),
  }),
);
