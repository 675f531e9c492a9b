import {
  type AgreementId,
  type Digest,
  type GrantId,
  type LocalId,
  type OrganisationId,
  parseAction,
  parseAgreementId,
  parseDigest,
  parseGrantId,
  parseLocalId,
  parseOrganisationId,
  parseSessionId,
  parseThumbprint,
  type ResourceRef,
  type SessionId,
  type SubjectRef,
  type Thumbprint,
} from '@interlock/domain';
import { z } from 'zod';

/** A string that one of domain's parsers accepts; the type says which. */
const named = <T extends string>(what: string, parse: (text: string) => T | undefined): z.ZodType<T, T> =>
  z
    .string()
    .max(300)
    .refine((text) => parse(text) !== undefined, `is not ${what}`) as unknown as z.ZodType<T, T>;

export const organisationId = named<OrganisationId>('an organisation id (lower-case domain name)', parseOrganisationId);
export const digest = named<Digest>('a digest (sha256: and base64url)', parseDigest);
export const thumbprint = named<Thumbprint>('a key thumbprint (RFC 7638)', parseThumbprint);
export const localId = named<LocalId>('a local id', parseLocalId);
/** What a grant allows on a resource: a service, a data product, or a function right such as `modbus:read`. */
export const actionName = named<LocalId>('an action (service, data product, or service:functions)', parseAction);
export const agreementId = named<AgreementId>('an agreement id (agr_...)', parseAgreementId);
export const grantId = named<GrantId>('a grant id (grt_...)', parseGrantId);
export const sessionId = named<SessionId>('a session id (ses_...)', parseSessionId);

/** Milliseconds since the epoch; whole, and small enough that no JSON reader rounds it. */
export const instant = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Spans of time `[from, to)`. */
export const intervals = z
  .array(z.strictObject({ from: instant, to: instant }))
  .min(1)
  .max(1_000);
export const seconds = z.number().int().min(0).max(4_000_000_000);
export const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
export const text = z.string().max(2_000);
export const jti = z.string().min(16).max(128);

export const resourceRef: z.ZodType<ResourceRef> = z.strictObject({ owner: organisationId, id: localId });
export const subjectRef: z.ZodType<SubjectRef> = z.strictObject({
  organisation: organisationId,
  kind: z.enum(['person', 'machine', 'workload']),
  id: localId,
});
/** A holder inside an organisation: a gateway, a person, an agent. */
export const holderRef = z.strictObject({ organisation: organisationId, id: localId });
