import { ROLES, type RoleMapping } from '@interlock/domain';
import { z } from 'zod';
import { count, digest, instant, localId, organisationId } from './names.js';

/** A role inside the own company. */
export const role = z.enum(ROLES);
/** Claims may be namespaced by an address of their issuer (OpenID Connect Core 1.0, section 5.1.2). */
export const claimName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_:/.-]{0,199}$/);
const login = z.string().min(1).max(200);

export const roleMapping: z.ZodType<RoleMapping> = z.strictObject({
  typ: z.literal('role-mapping'),
  v: z.literal(1),
  organisation: organisationId,
  entity: digest,
  sequence: count,
  previous: digest.nullable(),
  issuer: z.url().max(300),
  scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/)).max(16),
  rules: z.array(z.strictObject({ claim: claimName, value: z.string().min(1).max(200), role })).max(256),
  outsideAuditors: z
    .array(
      z.strictObject({
        id: localId,
        login,
        organisation: organisationId.nullable(),
        from: instant,
        until: instant,
      }),
    )
    .max(64),
  issuedAt: instant,
});
