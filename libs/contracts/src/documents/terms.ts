import { type TermOf, type TermType, TRANSFER_MECHANISMS, WEEKDAYS } from '@interlock/domain';
import { z } from 'zod';
import {
  actionName,
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
const country = z.string().regex(/^[A-Z]{2}$/);
const countries = z.array(country).max(64);
const accessKind = z.enum(['remote-service', 'machine-to-machine']);
const wallTime = z.string().regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/);
const kinds = z.array(grantKind).min(1).max(3);
export const resourceClass = z.enum(['standard', 'critical', 'safety']);

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

const access = <K extends 'remote-service' | 'machine-to-machine'>(type: K) =>
  z.strictObject({
    type: z.literal(type),
    approvals,
    ticketPattern: pattern.nullable(),
    longestWindowSeconds: seconds,
    purposes,
  });

const dataCollection = z.strictObject({
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
        semanticId: z.string().min(1).max(300).optional(),
        action: z.enum(['pass', 'drop', 'hash', 'pseudonymise', 'coarsen', 'aggregate']),
        step: z.number().positive().nullable(),
        secret: z.strictObject({ recipients: z.array(organisationId).min(1).max(16), control: localId }).optional(),
      }),
    )
    .max(1_000),
  purposes,
  recipients: z.array(organisationId).min(1).max(16),
  inspection: z.enum(['plant', 'region']),
  regions: z.array(localId).min(1).max(16),
  retentionSeconds: seconds,
  longestWindowSeconds: seconds,
  labels: z.array(z.string().min(1).max(80)).max(64).optional(),
  scanning: z.literal('required').optional(),
});

/** The wire form of every kind of term, complete by type: a term without a form does not compile. */
export const TERM_FORMS: { readonly [K in TermType]: z.ZodType<TermOf<K>> } = {
  'remote-service': access('remote-service'),
  'machine-to-machine': access('machine-to-machine'),
  'data-collection': dataCollection,
  region: z.strictObject({
    type: z.literal('region'),
    region: localId,
    operator: text,
    jurisdiction: z.string().regex(/^[A-Z]{2}$/),
    endpointKeys: z.array(thumbprint).min(1).max(16),
  }),
  offline: z.strictObject({
    type: z.literal('offline'),
    kind: grantKind,
    class: resourceClass,
    mode: z.enum(['closed', 'static', 'local']),
    leaseSeconds: seconds.min(1),
    reviewWithinSeconds: seconds.min(60).optional(),
  }),
  'resource-class': z.strictObject({
    type: z.literal('resource-class'),
    class: resourceClass,
    approvals: z.number().int().min(1).max(9),
    mode: z.enum(['closed', 'static']),
  }),
  selector: z.strictObject({
    type: z.literal('selector'),
    owner: organisationId,
    site: localId,
    zone: localId,
    class: resourceClass,
    services: z.array(actionName).max(64),
  }),
  hours: z.strictObject({
    type: z.literal('hours'),
    kind: accessKind,
    zone: z.string().regex(/^[A-Za-z0-9_+/-]{1,60}$/),
    tzdata: z.string().regex(/^\d{4}[a-z]{1,2}$/),
    offsets: z
      .array(z.strictObject({ from: instant, minutes: z.number().int().min(-1_440).max(1_440) }))
      .min(1)
      .max(400),
    open: z.array(z.strictObject({ day: z.enum(WEEKDAYS), from: wallTime, to: wallTime })).max(64),
  }),
  'file-transfer': z.strictObject({ type: z.literal('file-transfer'), services: z.array(localId).max(64) }),
  sessions: z.strictObject({
    type: z.literal('sessions'),
    kind: accessKind,
    most: z.number().int().min(1).max(1_000),
  }),
  're-login': z.strictObject({
    type: z.literal('re-login'),
    seconds: seconds.min(1),
    // As they stand in a challenge of RFC 9470: no blank, quotation mark or backslash.
    acr: z
      .array(z.stringFormat('acr', /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/))
      .min(1)
      .max(16)
      .optional(),
  }),
  'clock-skew': z.strictObject({ type: z.literal('clock-skew'), seconds: seconds.max(60) }),
  'safety-notice': z.strictObject({ type: z.literal('safety-notice'), seconds: seconds.min(1) }),
  transfer: z.strictObject({
    type: z.literal('transfer'),
    product: localId,
    resource: resourceRef,
    storage: countries,
    transit: countries,
    access: countries,
    mechanisms: z
      .array(
        z.strictObject({
          country,
          mechanism: z.enum(TRANSFER_MECHANISMS),
          document: digest.nullable(),
        }),
      )
      .max(64),
  }),
  embargo: z.strictObject({
    type: z.literal('embargo'),
    party: organisationId,
    issuers: z.array(localId).max(64),
    maxAgeSeconds: seconds,
  }),
  'decision-point': z.strictObject({
    type: z.literal('decision-point'),
    party: organisationId,
    present: z.boolean(),
    maxAgeSeconds: seconds,
  }),
  evidence: z.strictObject({
    type: z.literal('evidence'),
    region: localId,
    cosigning: z.enum(['none', 'one', 'both']),
    // A witness is asked every few seconds: less than a minute would be a fault of nobody.
    witnessSilenceSeconds: seconds.min(60).optional(),
    retentionSeconds: seconds,
  }),
  custody: z.strictObject({
    type: z.literal('custody'),
    party: organisationId,
    custody: z.enum(['separate', 'single']),
  }),
  notice: z.strictObject({
    type: z.literal('notice'),
    terminateSeconds: seconds,
    retrievalSeconds: seconds.optional(),
  }),
  'third-party': z.strictObject({
    type: z.literal('third-party'),
    party: organisationId,
    broughtBy: organisationId,
    kinds,
    resources: z.array(resourceRef).min(1).max(1_000),
    actions: z.array(actionName).min(1).max(256),
    purposes,
    longestWindowSeconds: seconds,
  }),
  equivalence: z.strictObject({
    type: z.literal('equivalence'),
    party: organisationId,
    control: localId,
    kinds,
    resources: z.array(resourceRef).max(1_000),
    warnSeconds: seconds,
  }),
  machines: z.strictObject({
    type: z.literal('machines'),
    resources: z.array(resourceRef).min(1).max(10_000),
    sites: z.array(localId).max(1_000),
    zones: z.array(localId).max(1_000),
    afterSupport: z.enum(['allow', 'refuse']),
  }),
  insolvency: z.strictObject({
    type: z.literal('insolvency'),
    party: organisationId,
    successor: organisationId.nullable(),
    kinds,
    resources: z.array(resourceRef).min(1).max(1_000),
    waitSeconds: seconds,
  }),
  'time-limits': z.strictObject({
    type: z.literal('time-limits'),
    kind: z.enum(['remote-service', 'machine-to-machine']),
    bookingSeconds: seconds,
    approvalSeconds: seconds.min(1),
    workingSeconds: seconds.min(1),
  }),
  signal: z.strictObject({
    type: z.literal('signal'),
    signal: localId,
    party: organisationId,
    about: z.enum(['resource', 'subject', 'gateway']),
    kinds,
    resources: z.array(resourceRef).max(1_000),
    maxAgeSeconds: seconds.min(1),
    live: z.boolean(),
    releases: z
      .array(z.string().regex(/^[0-9a-f]{64}$/))
      .min(1)
      .max(64)
      .optional(),
  }),
  'identity-provider': z.strictObject({
    type: z.literal('identity-provider'),
    party: organisationId,
    issuer: organisationId,
    persons: z
      .array(z.strictObject({ id: localId, login: localId }))
      .min(1)
      .max(256),
  }),
  delegation: z.strictObject({
    type: z.literal('delegation'),
    depth: z.number().int().min(1).max(8),
    delegates: z.array(organisationId).min(1).max(16),
    unapproved: z.array(resourceClass).max(3),
  }),
};
