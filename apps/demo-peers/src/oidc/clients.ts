import { readFile } from 'node:fs/promises';
import { ConfigurationError } from '@interlock/contracts';
import type { ClientMetadata } from 'oidc-provider';
import { z } from 'zod';

const PublicJwk = z
  .looseObject({
    kty: z.enum(['EC', 'OKP']),
    crv: z.enum(['P-256', 'Ed25519']),
    x: z.string(),
    y: z.string().optional(),
  })
  .refine((jwk) => !('d' in jwk), { error: 'is a private key: it belongs to the client alone' });

const Client = z
  .strictObject({
    client_id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
    client_name: z.string().min(1).max(128).optional(),
    redirect_uris: z
      .array(z.url({ protocol: /^https?$/ }))
      .min(1)
      .max(16),
    /** `none` is a program on a person's machine: PKCE alone binds the code to it. */
    token_endpoint_auth_method: z.enum(['private_key_jwt', 'none']),
    jwks: z.strictObject({ keys: z.array(PublicJwk).min(1).max(8) }).optional(),
    application_type: z.enum(['web', 'native']).default('web'),
  })
  .refine(({ token_endpoint_auth_method: method, jwks }) => (method === 'private_key_jwt') === (jwks !== undefined), {
    error: 'jwks is needed for private_key_jwt, and only for it',
  });

const ClientsFile = z
  .array(Client)
  .min(1)
  .max(256)
  .refine((clients) => new Set(clients.map((client) => client.client_id)).size === clients.length, {
    error: 'every client_id may stand there once',
  });

/** Reads the clients once, at the start. All faults of the file are named in one ConfigurationError. */
export async function readClients(file: string): Promise<ClientMetadata[]> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch {
    throw new ConfigurationError([`OIDC_CLIENTS_FILE cannot be read as JSON: ${file}`]);
  }
  const read = ClientsFile.safeParse(json);
  if (read.success) return read.data.map(asMetadata);
  throw new ConfigurationError(
    read.error.issues.map(({ path, message }) => `OIDC_CLIENTS_FILE: ${path.join('.') || 'file'}: ${message}`),
  );
}

const asMetadata = ({ jwks, client_name, ...client }: z.output<typeof Client>): ClientMetadata => ({
  ...client,
  ...(client_name && { client_name }),
  ...(jwks && { jwks }),
  response_types: ['code'],
  grant_types: ['authorization_code'],
  id_token_signed_response_alg: 'ES256',
  // A login proof rests on when the person typed the password, so the time is in every ID token, asked for or not.
  require_auth_time: true,
});
