import type { KeyObject } from 'node:crypto';
import type { OrganisationId, PublicJwk } from '@interlock/domain';
import { newPrivateKey, publicJwkOf, thumbprintOf } from '@interlock/proof';
import { SignJWT } from 'jose';
import * as oauth from 'oauth4webapi';
import type { Broker } from './a-broker.js';

export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
export const MACHINE = 'client_credentials';
const JWT_TYPE = 'urn:ietf:params:oauth:token-type:jwt';

/** One key of one caller, as the independent client library wants it. */
export interface OauthKey {
  readonly organisation: OrganisationId;
  readonly id: string;
  readonly key: KeyObject;
  readonly kid: string;
  readonly jwk: PublicJwk;
}
export const anOauthKey = (organisation: OrganisationId, id: string, key = newPrivateKey()): OauthKey => {
  const jwk = publicJwkOf(key);
  return { organisation, id, key, kid: thumbprintOf(jwk), jwk };
};

const pairOf = async (key: KeyObject): Promise<Parameters<typeof oauth.DPoP>[1]> => {
  const [priv, pub] = [key.export({ format: 'jwk' }), { ...publicJwkOf(key) }];
  const take = (jwk: object, use: 'sign' | 'verify') => crypto.subtle.importKey('jwk', jwk, 'Ed25519', true, [use]);
  return { privateKey: await take(priv, 'sign'), publicKey: await take(pub, 'verify') };
};

export interface OauthError {
  readonly status: number;
  readonly error: string;
  readonly code: string;
}

/** `oauth4webapi` against the broker: it discovers, proves, and checks every answer by the standards and nothing of ours. */
export async function anOauthClient(broker: Broker) {
  const options = {
    [oauth.customFetch]: (input: string, init?: object) =>
      fetch(input.replace(broker.origin, broker.url), init as RequestInit),
  };
  const found = await oauth.discoveryRequest(new URL(broker.origin), { algorithm: 'oauth2', ...options });
  const server = await oauth.processDiscoveryResponse(new URL(broker.origin), found);
  const clientOf = (who: OauthKey): oauth.Client => ({ client_id: `${who.organisation}/${who.id}` });
  const authenticated = async (who: OauthKey, modify?: (header: object, payload: object) => void) =>
    oauth.PrivateKeyJwt(
      { key: (await pairOf(who.key)).privateKey, kid: who.kid },
      modify ? { [oauth.modifyAssertion]: modify } : {},
    );
  const token = async (
    who: OauthKey,
    way: string,
    parameters: Record<string, string>,
    more: { dpop?: OauthKey | null; modify?: (header: object, payload: object) => void } = {},
  ) => {
    const client = clientOf(who);
    const DPoP = more.dpop === null ? undefined : oauth.DPoP(client, await pairOf((more.dpop ?? who).key));
    const auth = await authenticated(who, more.modify);
    const sent = { ...options, ...(DPoP && { DPoP }) };
    const response = await oauth.genericTokenEndpointRequest(server, client, auth, way, parameters, sent);
    return oauth.processGenericTokenEndpointResponse(server, client, response);
  };
  return {
    server,
    token,
    /** The token a login proof is taken for, by RFC 8693. */
    exchange: (who: OauthKey, loginProof: string, details: string, over: Record<string, string> = {}) =>
      token(who, EXCHANGE, {
        subject_token: loginProof,
        subject_token_type: JWT_TYPE,
        authorization_details: details,
        ...over,
      }),
    introspect: async (who: OauthKey, shown: string) => {
      const response = await oauth.introspectionRequest(
        server,
        clientOf(who),
        await authenticated(who),
        shown,
        options,
      );
      return oauth.processIntrospectionResponse(server, clientOf(who), response);
    },
    revoke: async (who: OauthKey, shown: string, loginProof?: string) => {
      const iat = Math.floor(Date.now() / 1000);
      const claims = { htm: 'POST', htu: server.revocation_endpoint, iat, jti: crypto.randomUUID() };
      const dpop = await new SignJWT(claims)
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'EdDSA', jwk: { ...who.jwk } })
        .sign(who.key);
      const headers = loginProof === undefined ? {} : { dpop, 'interlock-login-proof': loginProof };
      const sent = { ...options, headers: new Headers(headers as Record<string, string>) };
      const response = await oauth.revocationRequest(server, clientOf(who), await authenticated(who), shown, sent);
      return oauth.processRevocationResponse(response);
    },
  };
}
export type OauthClient = Awaited<ReturnType<typeof anOauthClient>>;

/** What the standards' error body said; fails the test where there was no error. */
export async function errorOf(asking: Promise<unknown>): Promise<OauthError> {
  try {
    await asking;
  } catch (thrown) {
    if (thrown instanceof oauth.ResponseBodyError) {
      const { error, status, cause } = thrown;
      return { status, error, code: String((cause as { code?: unknown }).code) };
    }
    throw thrown;
  }
  throw new Error('a token was given');
}

/** The challenges that the client read in the answer; fails the test where there was none. */
export async function challengeOf(asking: Promise<unknown>): Promise<readonly oauth.WWWAuthenticateChallenge[]> {
  try {
    await asking;
  } catch (thrown) {
    if (thrown instanceof oauth.WWWAuthenticateChallengeError) return thrown.cause;
    throw thrown;
  }
  throw new Error('a token was given');
}
