import { z } from 'zod';
import { agreement } from '../documents/agreement.js';
import { signedAct, signedAgreement, signedAnnex, signedCertificate, signedEntity } from '../documents/documents.js';
import { signatureBlock } from '../documents/keys.js';
import {
  agreementId,
  count,
  digest,
  instant,
  localId,
  organisationId,
  subjectRef,
  thumbprint,
} from '../documents/names.js';
import { defineRequest } from '../events/define-request.js';
import {
  agreementList,
  agreementPage,
  agreementView,
  draftList,
  draftName,
  draftView,
  gatewayReport,
  MOST_ANNEXES,
  publishedDocuments,
} from '../http/federation-api.js';
import { decidedAs } from './decided.js';

/** Publishes an organisation's entity document; it proves itself by its own root. */
export const PublishEntity = defineRequest(
  'trust-registry.publish-entity.v1',
  z.strictObject({ entity: signedEntity }),
  decidedAs(z.strictObject({ digest })),
);

/** Publishes key certificates of the caller's own organisation. */
export const PublishCertificates = defineRequest(
  'trust-registry.publish-certificates.v1',
  z.strictObject({ organisation: organisationId, certificates: z.array(signedCertificate).min(1).max(256) }),
  decidedAs(z.strictObject({ published: count })),
);

/** What the organisation of a root publishes. */
export const ReadPublished = defineRequest(
  'trust-registry.published.v1',
  z.strictObject({ root: thumbprint }),
  decidedAs(publishedDocuments),
);

/** What a caller of this organisation is verified with; null where it is not registered. */
export const ReadKeys = defineRequest(
  'trust-registry.keys.v1',
  z.strictObject({ organisation: organisationId }),
  z.strictObject({
    keys: publishedDocuments.extend({ root: thumbprint, revision: count, revoked: z.array(thumbprint) }).nullable(),
  }),
);

export const ProposeAgreement = defineRequest(
  'trust-registry.propose.v1',
  z.strictObject({ organisation: organisationId, agreement: signedAgreement }),
  decidedAs(agreementView),
);

/** Keeps which terms a gateway of the caller's own organisation evaluates. */
export const KeepGatewayReport = defineRequest(
  'trust-registry.gateway-report.v1',
  gatewayReport.extend({ organisation: organisationId, gateway: localId }),
  z.strictObject({ kept: z.literal(true) }),
);

/** Keeps or writes over a draft: a version that its own company alone sees. */
export const KeepDraft = defineRequest(
  'trust-registry.keep-draft.v1',
  z.strictObject({ organisation: organisationId, agreement }),
  decidedAs(draftView),
);

export const ListDrafts = defineRequest(
  'trust-registry.drafts.v1',
  z.strictObject({ organisation: organisationId }),
  draftList,
);

export const DiscardDraft = defineRequest(
  'trust-registry.discard-draft.v1',
  draftName.extend({ organisation: organisationId }),
  decidedAs(z.strictObject({ discarded: z.literal(true) })),
);

export const SignAgreement = defineRequest(
  'trust-registry.sign.v1',
  z.strictObject({
    organisation: organisationId,
    id: agreementId,
    digest,
    signatures: z.array(signatureBlock).min(1).max(16),
  }),
  decidedAs(agreementView),
);

export const ListAgreements = defineRequest(
  'trust-registry.agreements.v1',
  agreementPage.extend({ organisation: organisationId }),
  agreementList,
);

/** Names of what an organisation must not miss for having been away: agreements in force, and proposals without its signature. */
export const ListWaitingAgreements = defineRequest(
  'trust-registry.waiting.v1',
  z.strictObject({ organisation: organisationId }),
  z.strictObject({ inForce: z.array(agreementId), proposed: z.array(agreementId) }),
);

/** The parties of an agreement, told to a party of any of its versions. */
export const ReadParties = defineRequest(
  'trust-registry.parties.v1',
  z.strictObject({ organisation: organisationId, agreementIds: z.array(agreementId).min(1).max(500) }),
  decidedAs(
    z.strictObject({ agreements: z.array(z.strictObject({ id: agreementId, parties: z.array(organisationId) })) }),
  ),
);

/** An act whose signatures were verified when it was handed in. */
export const heldAct = z.strictObject({
  act: signedAct,
  digest,
  signers: z.array(organisationId).max(16),
  /** When the registry first held it. */
  heldAt: instant.optional(),
});

/** An annex whose signatures were verified when it was handed in. */
export const heldAnnex = z.strictObject({ annex: signedAnnex, digest, signers: z.array(organisationId).max(16) });

/**
 * The version of an agreement that counts now, with what verifies it: the parties' entity documents, their acts on it, and
 * certificates, either all that are current or those of the signers, subjects, agents and gateways that one grant needs, with the witnesses
 * where keys have come to an end.
 */
export const ReadMaterial = defineRequest(
  'trust-registry.material.v1',
  z.strictObject({
    organisation: organisationId,
    agreementId,
    only: z
      .strictObject({
        kids: z.array(thumbprint).max(64),
        subjects: z.array(subjectRef).max(1_000),
        gatewaysFor: z.strictObject({ owner: organisationId, resources: z.array(localId).max(10_000) }),
        witnesses: z.boolean().default(false),
      })
      .nullable(),
  }),
  decidedAs(
    z.strictObject({
      view: agreementView,
      pins: z.array(z.strictObject({ organisation: organisationId, root: thumbprint, revision: count })).max(16),
      entities: z.array(signedEntity).max(64),
      certificates: z.array(signedCertificate).max(4_000),
      acts: z.array(heldAct).max(10_000),
      annexes: z.array(heldAnnex).max(MOST_ANNEXES),
    }),
  ),
);

/** Hands in an annex of an agreement. */
export const HandInAnnex = defineRequest(
  'trust-registry.annex.v1',
  z.strictObject({ organisation: organisationId, agreementId, annex: signedAnnex }),
  decidedAs(z.strictObject({ digest })),
);

/** Hands in an act on an agreement, on an annex of it, or on a resource under it. */
export const HandInAgreementAct = defineRequest(
  'trust-registry.act.v1',
  z.strictObject({ organisation: organisationId, act: signedAct }),
  decidedAs(z.strictObject({ digest })),
);
