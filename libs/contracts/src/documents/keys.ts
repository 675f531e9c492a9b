import {
  type Deputising,
  type EntityDocument,
  type KeyCertificate,
  type Provisioning,
  PURPOSES,
  type PublicJwk,
  type RootSuccession,
  type SignatureBlock,
} from '@interlock/domain';
import { z } from 'zod';
import { count, digest, instant, intervals, localId, organisationId, text, thumbprint } from './names.js';
import { address, port, telemetrySource } from './telemetry-source.js';

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/);

export const publicJwk: z.ZodType<PublicJwk> = z.union([
  z.strictObject({ kty: z.literal('OKP'), crv: z.enum(['Ed25519', 'X25519']), x: coordinate }),
  z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate }),
]);

const purposes = z.array(z.enum(PURPOSES)).min(1).max(PURPOSES.length);
const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);

const signatureMembers = { protected: base64url.max(2_000), signature: base64url.max(200) };
export const passkeySignature = z.strictObject({
  form: z.literal('webauthn'),
  ...signatureMembers,
  authenticatorData: base64url.max(1_000),
  clientData: base64url.max(2_000),
});
export const signatureBlock: z.ZodType<SignatureBlock> = z.union([
  z.strictObject({ form: z.literal('jws'), ...signatureMembers }),
  passkeySignature,
]);

/** A document with its signatures. At most 32 of them: limits come before verification. */
export const signed = <D extends z.ZodType>(document: D) =>
  z.strictObject({ document, signatures: z.array(signatureBlock).min(1).max(32).readonly() });

export const rootSuccession: z.ZodType<RootSuccession> = z.strictObject({
  typ: z.literal('root-succession'),
  v: z.literal(1),
  organisation: organisationId,
  from: publicJwk,
  to: thumbprint,
  sequence: count,
  issuedAt: instant,
});

export const entityDocument: z.ZodType<EntityDocument> = z.strictObject({
  typ: z.literal('entity'),
  v: z.literal(1),
  organisation: organisationId,
  name: text,
  sequence: count,
  previous: digest.nullable(),
  root: publicJwk,
  succeeds: z.array(signed(rootSuccession)).min(1).max(8).optional(),
  keys: z.array(z.strictObject({ key: publicJwk, purposes })).max(64),
  agentOrigin: z.url({ protocol: /^https?$/ }).max(300),
  identityProviders: z.array(z.strictObject({ issuer: z.url().max(300), clientId: z.string().max(200) })).max(16),
  trustDomain: organisationId as unknown as z.ZodType<string>,
  jurisdiction: z.string().regex(/^[A-Z]{2}$/),
  issuedAt: instant,
  expiresAt: instant,
});

const deputising = z.strictObject({
  for: localId,
  groups: z.array(localId).min(1).max(64),
  periods: intervals,
  resources: z.array(localId).max(1_000),
}) satisfies z.ZodType<Deputising>;

const certificateShape = z.strictObject({
  typ: z.literal('key-certificate'),
  v: z.literal(1),
  organisation: organisationId,
  entity: digest,
  holder: z.strictObject({
    kind: z.enum(['person', 'device', 'gateway', 'machine', 'workload', 'witness', 'agent']),
    id: localId,
  }),
  key: publicJwk,
  purposes,
  groups: z.array(localId).max(64),
  guest: z.boolean(),
  hours: intervals.optional(),
  deputises: z.array(deputising).min(1).max(16).optional(),
  epoch: count.nullable(),
  resources: z.array(localId).max(10_000),
  notBefore: instant,
  notAfter: instant,
});

export const keyCertificate: z.ZodType<KeyCertificate> = certificateShape.refine(
  ({ deputises, holder, purposes: may, guest }) =>
    !deputises ||
    (holder.kind === 'person' &&
      may.includes('approve') &&
      !guest &&
      deputises.every((one) => one.for !== holder.id && one.periods.length > 0)),
  'only an approver is a deputy, of somebody else, for a time',
);

export const provisioning: z.ZodType<Provisioning> = z.strictObject({
  typ: z.literal('provisioning'),
  v: z.literal(1),
  organisation: organisationId,
  gateway: localId,
  pins: z
    .array(z.strictObject({ organisation: organisationId, root: thumbprint }))
    .min(1)
    .max(1_000),
  targets: z
    .array(
      z.strictObject({
        resource: localId,
        service: localId,
        host: address,
        port,
        from: z.union([z.ipv4(), z.ipv6()]).optional(),
        unit: z.number().int().min(0).max(255).optional(),
      }),
    )
    .max(10_000),
  sources: z.array(telemetrySource).max(1_000).optional(),
  broker: z.strictObject({ origin: z.url({ protocol: /^https?$/ }).max(300), ticketKey: publicJwk }),
  relays: z.array(z.strictObject({ host: address, port })).max(16),
  regions: z.array(z.strictObject({ region: localId, host: address, port })).max(64),
  scrub: z.array(z.string().min(1).max(200)).max(1_000),
  issuedAt: instant,
});
