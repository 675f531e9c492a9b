import { z } from 'zod';
import { publicJwk } from '../documents/keys.js';
import { agreementId, count, digest, instant, localId, organisationId } from '../documents/names.js';
import { defineEvent } from './define-event.js';

/** Every party signed this version and everything in it can be evaluated. */
export const AgreementActivated = defineEvent(
  'agreement.activated.v1',
  z.strictObject({
    id: agreementId,
    version: count,
    digest,
    parties: z.array(organisationId).min(1).max(16),
    /** Where its evidence is kept and who cosigns it; `both` where the agreement does not say. */
    evidence: z.strictObject({
      region: localId.nullable(),
      cosigning: z.enum(['none', 'one', 'both']),
      /** How long what evidence tells of persons is kept; null where the agreement does not say. News of before had none. */
      retentionSeconds: z.number().int().min(0).nullable().default(null),
    }),
    endsAt: instant,
  }),
);

/** The status of the version in force changed after its activation. */
export const AgreementStatusChanged = defineEvent(
  'agreement.status-changed.v1',
  z.strictObject({
    id: agreementId,
    version: count,
    status: z.enum(['active', 'suspended', 'terminating', 'ended']),
    /** Digest of the act that changed it; null where time did. */
    act: digest.nullable(),
  }),
);

/** An organisation published key certificates that were verified under its root; those of witnesses are in the news itself. */
export const CertificatesPublished = defineEvent(
  'certificates.published.v1',
  z.strictObject({
    organisation: organisationId,
    digests: z.array(digest).max(256),
    witnesses: z.array(z.strictObject({ id: localId, key: publicJwk, notBefore: instant, notAfter: instant })).max(256),
  }),
);

/** The end of an annex is near: an attestation, an acceptance or an exception. What depends on it stands still from then on. */
export const AnnexExpiring = defineEvent(
  'annex.expiring.v1',
  z.strictObject({
    agreementId,
    digest,
    kind: z.string().max(40),
    clause: z.string().max(300).nullable(),
    endsAt: instant,
  }),
);
