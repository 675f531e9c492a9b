import { createHash } from 'node:crypto';
import { inexactJson } from '@interlock/contracts';
import type { PasskeySignature, PublicJwk } from '@interlock/domain';
import { z } from 'zod';
import { asserts } from './keys.js';
import { strictBase64url } from './strict-base64url.js';

export type PasskeyFault =
  | 'malformed'
  | 'bad_signature'
  | 'passkey_other_document'
  | 'passkey_other_origin'
  | 'passkey_unattended';

/** The challenge an authenticator is given for these bytes, in base64url: it commits to the document, its kind, its signer and the time. */
export const passkeyChallenge = (toBeSigned: Uint8Array): string =>
  createHash('sha256').update(toBeSigned).digest('base64url');

/** The name a passkey of this origin is bound to: the whole host, so that no other host of the same domain can use it. */
export const relyingParty = (origin: string): string => new URL(origin).hostname;

const clientData = z.object({
  type: z.literal('webauthn.get'),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.literal(false).optional(),
  topOrigin: z.never().optional(),
});

/** WebAuthn Level 3, section 6.1: hash of the relying party (32 bytes), flags, counter. */
const SHORTEST = 37;
const [PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED] = [0x01, 0x04, 0x08, 0x10, 0x40];

/**
 * What is wrong with a passkey's assertion over these bytes (WebAuthn Level 3, section 7.2, steps that need no memory); undefined where nothing is.
 * The page that asked for it is not believed: challenge, origin, relying party and the verification of its holder are read from what the authenticator
 * signed. Its counter is for the company that keeps one.
 */
export function passkeyFault(
  assertion: PasskeySignature,
  toBeSigned: Uint8Array,
  key: PublicJwk,
  agentOrigin: string | undefined,
): PasskeyFault | undefined {
  if (!strictBase64url(assertion.authenticatorData) || !strictBase64url(assertion.clientData)) return 'malformed';
  const [data, client] = [
    Buffer.from(assertion.authenticatorData, 'base64url'),
    Buffer.from(assertion.clientData, 'base64url'),
  ];
  const said = clientData.safeParse(unambiguous(client));
  if (!said.success || data.length < SHORTEST) return 'malformed';
  if (said.data.challenge !== passkeyChallenge(toBeSigned)) return 'passkey_other_document';
  if (agentOrigin === undefined || said.data.origin !== new URL(agentOrigin).origin) return 'passkey_other_origin';
  const party = createHash('sha256').update(relyingParty(agentOrigin)).digest();
  if (!data.subarray(0, 32).equals(party)) return 'passkey_other_origin';
  const flags = data.readUInt8(32);
  // No assertion makes a credential, and none is backed up that cannot be.
  if (flags & ATTESTED || (flags & BACKED_UP && !(flags & ELIGIBLE))) return 'malformed';
  if (!(flags & PRESENT) || !(flags & VERIFIED)) return 'passkey_unattended';
  const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
  return asserts(key, signed, Buffer.from(assertion.signature, 'base64url')) ? undefined : 'bad_signature';
}

function unambiguous(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return inexactJson(text) ? undefined : value;
  } catch {
    return undefined;
  }
}
