import { z } from 'zod';
import {
  actionName,
  digest,
  grantId,
  instant,
  organisationId,
  resourceRef,
  subjectRef,
  thumbprint,
} from '../documents/names.js';
import { listedAs } from '../documents/tokens.js';
import { defineRequest } from '../events/define-request.js';
import { askSession } from '../http/federation-api.js';
import { decidedAs } from './decided.js';
import { sessionCaller } from './grants.js';

/** Asks for a token that advises others' enforcement points of a right; the same questions as for a session. */
export const IssueToken = defineRequest(
  'grants.issue-token.v1',
  z.strictObject({ caller: sessionCaller, ask: askSession }),
  decidedAs(z.strictObject({ token: z.string().min(43).max(64), expiresAt: instant })),
);

/** What a token stands for now; null where it stands for nothing that the asker may know of. */
export const ReadToken = defineRequest(
  'grants.read-token.v1',
  z.strictObject({ organisation: organisationId, digest }),
  z.strictObject({
    token: z
      .strictObject({
        grant: grantId,
        subject: subjectRef,
        resource: resourceRef,
        action: actionName,
        jkt: thumbprint,
        issuedAt: instant,
        expiresAt: instant,
        listed: listedAs.optional(),
        login: z.strictObject({ acr: z.string().max(200), at: instant }).optional(),
      })
      .nullable(),
  }),
);

/** Ends a token of this key; of another's, or of nobody, it ends nothing and says the same. */
export const RevokeToken = defineRequest(
  'grants.revoke-token.v1',
  z.strictObject({ organisation: organisationId, thumbprint, digest }),
  z.strictObject({}),
);
