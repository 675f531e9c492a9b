import { type AgreedResource, type Agreement, isKnownTerm, type Term, type UnknownTerm } from '@interlock/domain';
import { z } from 'zod';
import { actionName, agreementId, count, digest, instant, localId, organisationId, thumbprint } from './names.js';
import { resourceClass, TERM_FORMS } from './terms.js';

export const term: z.ZodType<Term> = z.union(Object.values(TERM_FORMS));

/** A term of a kind this build does not know: readable, so that the refusal to activate can name it. A known kind must be whole. */
const unknownTerm: z.ZodType<UnknownTerm> = z
  .looseObject({ type: z.string().min(1).max(80) })
  .refine(({ type }) => !isKnownTerm({ type }), 'is a known term with missing, wrong or extra members');

export const agreedResource: z.ZodType<AgreedResource> = z.strictObject({
  owner: organisationId,
  id: localId,
  class: resourceClass,
  services: z.array(actionName).max(64),
});

export const agreement: z.ZodType<Agreement> = z.strictObject({
  typ: z.literal('agreement'),
  v: z.literal(1),
  id: agreementId,
  version: count,
  previous: digest.nullable(),
  house: z.boolean(),
  parties: z
    .array(
      z.strictObject({
        organisation: organisationId,
        role: z.enum(['vendor', 'buyer', 'third-party']),
        root: thumbprint,
        entity: digest,
      }),
    )
    .min(1)
    .max(16),
  resources: z.array(agreedResource).max(10_000),
  terms: z.array(z.union([term, unknownTerm])).max(1_000),
  effectiveFrom: instant,
  endsAt: instant,
});
