import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { keepSecret } from '../keep-secret.js';

export interface ProviderKeys {
  /** Private ES256 key with its RFC 7638 thumbprint as `kid`. */
  readonly signing: JWK;
  readonly cookie: string;
}

/** The provider's keys: kept in the folder, or for this run only where there is none. */
export async function providerKeys(folder: string | undefined): Promise<ProviderKeys> {
  const text = folder ? await keepSecret(folder, 'oidc-keys.json', makeKeys) : await makeKeys();
  return JSON.parse(text) as ProviderKeys;
}

async function makeKeys(): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  const signing = { ...jwk, alg: 'ES256', use: 'sig', kid: await calculateJwkThumbprint(jwk) };
  return JSON.stringify({ signing, cookie: randomBytes(32).toString('base64url') } satisfies ProviderKeys);
}
