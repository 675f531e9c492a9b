import { createHash, type KeyObject, sign } from 'node:crypto';
import type { DocumentKind } from '@interlock/contracts';
import type { Instant, OrganisationId, PasskeySignature, PublicJwk, Thumbprint } from '@interlock/domain';
import { newPrivateKey, passkeyChallenge, publicJwkOf, thumbprintOf, toBeSigned } from '@interlock/proof';

/** What an authenticator, or whoever poses as one, says beside the signature. */
export interface Saying {
  readonly challenge?: string;
  readonly origin: string;
  readonly rpId?: string;
  /** UP 0x01, UV 0x04; both where left out. */
  readonly flags?: number;
  readonly counter?: number;
  /** Members of the client data that take the place of the honest ones. */
  readonly client?: object;
}

/** A passkey in software, with a P-256 key as most have it. It signs whatever it is told to say. */
export interface Passkey {
  readonly key: KeyObject;
  readonly jwk: PublicJwk;
  readonly kid: Thumbprint;
  assert(challenge: string, saying: Saying): Omit<PasskeySignature, 'form' | 'protected'>;
  /** What a browser answers where a page adds this passkey: attestation `none`. */
  registered(challenge: string, origin: string): object;
  /** Signs a document as a page of the agent would have it signed. */
  sign<D extends { typ: DocumentKind }>(
    document: D,
    organisation: OrganisationId,
    now: Instant,
    saying: Saying,
  ): PasskeySignature;
}

export function aPasskey(key: KeyObject = newPrivateKey('P-256')): Passkey {
  const jwk = publicJwkOf(key);
  const kid = thumbprintOf(jwk);
  const alg = jwk.crv === 'P-256' ? 'ES256' : 'EdDSA';
  const assert: Passkey['assert'] = (challenge, { origin, rpId, flags = 0x05, counter = 0, client = {} }) => {
    const data = authenticatorData(rpId ?? new URL(origin).hostname, flags, counter);
    const said = Buffer.from(
      JSON.stringify({ type: 'webauthn.get', challenge, origin, crossOrigin: false, ...client }),
    );
    const signed = Buffer.concat([data, createHash('sha256').update(said).digest()]);
    return {
      authenticatorData: data.toString('base64url'),
      clientData: said.toString('base64url'),
      signature: sign(alg === 'ES256' ? 'sha256' : null, signed, key).toString('base64url'),
    };
  };
  return {
    ...{ key, jwk, kid, assert },
    registered: (challenge, origin) => registration(jwk, kid, challenge, origin),
    sign: (document, organisation, now, saying) => {
      const { protected: head, input } = toBeSigned(document, { alg, kid, organisation }, now);
      return { form: 'webauthn', protected: head, ...assert(saying.challenge ?? passkeyChallenge(input), saying) };
    },
  };
}

function authenticatorData(rpId: string, flags: number, counter: number): Buffer {
  const rest = Buffer.alloc(5);
  rest.writeUInt8(flags, 0);
  rest.writeUInt32BE(counter, 1);
  return Buffer.concat([createHash('sha256').update(rpId).digest(), rest]);
}

const credentialId = (kid: Thumbprint): Buffer => Buffer.from(kid, 'base64url');

/** WebAuthn Level 3, sections 6.5 and 6.5.4, with the CBOR (RFC 8949) of a P-256 key written out. */
function registration(jwk: PublicJwk, kid: Thumbprint, challenge: string, origin: string): object {
  if (jwk.kty !== 'EC') throw new TypeError('only a P-256 passkey registers here');
  const id = credentialId(kid);
  const bytes32 = (label: number, text: string) => [Buffer.from([label, 0x58, 32]), Buffer.from(text, 'base64url')];
  const cose = Buffer.concat([Buffer.from('a5010203262001', 'hex'), ...bytes32(0x21, jwk.x), ...bytes32(0x22, jwk.y)]);
  const data = Buffer.concat([
    authenticatorData(new URL(origin).hostname, 0x45, 0),
    ...[Buffer.alloc(16), Buffer.from([0, id.length]), id, cose],
  ]);
  const text = (word: string) => Buffer.concat([Buffer.from([0x60 + word.length]), Buffer.from(word)]);
  const attestation = Buffer.concat([
    ...[Buffer.from([0xa3]), text('fmt'), text('none'), text('attStmt'), Buffer.from([0xa0]), text('authData')],
    ...[Buffer.from([0x58, data.length]), data],
  ]);
  const said = JSON.stringify({ type: 'webauthn.create', challenge, origin, crossOrigin: false });
  const response = {
    clientDataJSON: Buffer.from(said).toString('base64url'),
    attestationObject: attestation.toString('base64url'),
  };
  const name = id.toString('base64url');
  return { id: name, rawId: name, type: 'public-key', clientExtensionResults: {}, response };
}
