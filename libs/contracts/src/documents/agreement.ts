import type { Agreement, Term, UnknownTerm } from '@interlock/domain';
import { z } from 'zod';
import {
  agreementId,
  count,
  digest,
  instant,
  localId,
  organisationId,
  resourceRef,
  seconds,
  text,
  thumbprint,
} from './names.js';

const approvals = z
  .array(z.strictObject({ group: localId, persons: z.number().int().min(1).max(9) }))
  .min(1)
  .max(9);
const purposes = z.array(localId).min(1).max(64);
const grantKind = z.enum(['remote-service', 'data-collection', 'machine-to-machine']);
const resourceClass = z.enum(['standard', 'critical', 'safety']);

/** A pattern both companies sign; bounded, and compiled here so that an unreadable one never reaches a gateway. */
const pattern = z
  .string()
  .max(120)
  .refine((source) => compiles(source), 'is not a regular expression');
const compiles = (source: string): boolean => {
  try {
    return new RegExp(`^(?:${source})$`, 'u').global === false;
  } catch {
    return false;
  }
};

const access = (type: 'remote-service' | 'machine-to-machine') =>
  z.strictObject({
    type: z.literal(type),
    approvals,
    ticketPattern: pattern.nullable(),
    longestWindowSeconds: seconds,
    purposes,
  });

export const term: z.ZodType<Term> = z.union([
  access('remote-service'),
  access('machine-to-machine'),
  z.strictObject({
    type: z.literal('data-collection'),
    product: localId,
    resource: resourceRef,
    approvals,
    keys: z
      .array(
        z.strictObject({
          key: z.string().min(1).max(200),
          unit: z.string().max(40).nullable(),
          category: localId,
          action: z.enum(['pass', 'drop', 'hash', 'coarsen']),
          step: z.number().positive().nullable(),
        }),
      )
      .max(1_000),
    purposes,
    recipients: z.array(organisationId).min(1).max(16),
    inspection: z.literal('plant'),
    regions: z.array(localId).min(1).max(16),
    retentionSeconds: seconds,
    longestWindowSeconds: seconds,
    labels: z.array(z.string().min(1).max(80)).max(64).optional(),
  }),
  z.strictObject({
    type: z.literal('region'),
    region: localId,
    operator: text,
    jurisdiction: z.string().regex(/^[A-Z]{2}$/),
    endpointKeys: z.array(thumbprint).min(1).max(16),
  }),
  z.strictObject({
    type: z.literal('offline'),
    kind: grantKind,
    class: resourceClass,
    mode: z.enum(['closed', 'static']),
    leaseSeconds: seconds.min(1),
  }),
  z.strictObject({
    type: z.literal('embargo'),
    party: organisationId,
    issuers: z.array(localId).max(64),
    maxAgeSeconds: seconds,
  }),
  z.strictObject({
    type: z.literal('decision-point'),
    party: organisationId,
    present: z.boolean(),
    maxAgeSeconds: seconds,
  }),
  z.strictObject({
    type: z.literal('evidence'),
    region: localId,
    cosigning: z.enum(['none', 'one', 'both']),
    retentionSeconds: seconds,
  }),
  z.strictObject({ type: z.literal('notice'), terminateSeconds: seconds }),
  z.strictObject({
    type: z.literal('third-party'),
    party: organisationId,
    broughtBy: organisationId,
    kinds: z.array(grantKind).min(1).max(3),
    resources: z.array(resourceRef).min(1).max(1_000),
    actions: z.array(localId).min(1).max(256),
    purposes,
    longestWindowSeconds: seconds,
  }),
]);

const TERM_TYPES = new Set([
  'remote-service',
  'machine-to-machine',
  'data-collection',
  'region',
  'offline',
  'embargo',
  'decision-point',
  'evidence',
  'notice',
  'third-party',
]);

/** A term of a kind this build does not know: readable, so that the refusal to activate can name it. A known kind must be whole. */
const unknownTerm: z.ZodType<UnknownTerm> = z
  .looseObject({ type: z.string().min(1).max(80) })
  .refine(({ type }) => !TERM_TYPES.has(type), 'is a known term with missing, wrong or extra members');

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
  resources: z
    .array(
      z.strictObject({ owner: organisationId, id: localId, class: resourceClass, services: z.array(localId).max(64) }),
    )
    .max(10_000),
  terms: z.array(z.union([term, unknownTerm])).max(1_000),
  effectiveFrom: instant,
  endsAt: instant,
});
