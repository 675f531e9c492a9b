import type { LoginProof, Ticket } from '@interlock/domain';
import { z } from 'zod';
import { digest, grantId, holderRef, jti, localId, organisationId, seconds, sessionId, thumbprint } from './names.js';

/** Where the status of a token stands. A list has at most 2^22 entries. */
export const listedAs = z.strictObject({ idx: z.number().int().min(0).max(4_194_303), uri: z.url().max(300) });

export const loginProof: z.ZodType<LoginProof> = z.strictObject({
  iss: organisationId,
  sub: localId,
  aud: organisationId,
  jkt: thumbprint,
  acr: z.string().max(200),
  auth_time: seconds,
  grant: grantId,
  iat: seconds,
  exp: seconds,
  jti,
  status: z.strictObject({ status_list: listedAs }).optional(),
});

export const ticket: z.ZodType<Ticket> = z.strictObject({
  iss: z.string().max(300),
  session: sessionId,
  grant: grantId,
  proof: digest,
  jkt: thumbprint,
  gateway: holderRef,
  iat: seconds,
  exp: seconds,
  jti,
});
