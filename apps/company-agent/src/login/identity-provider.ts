import { webcrypto } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CALLBACK_PATH, layout, readKeyFile } from '@interlock/company-side';
import * as openid from 'openid-client';
import type { Agent } from '../agent.js';

/** Who the company's own identity provider says logged in, for this agent's own client id and this very login. */
export interface Identity {
  readonly login: string;
  readonly acr: string;
  /** Seconds since the epoch. */
  readonly authTime: number;
}

/** What this agent remembers of a login it began; bound to the browser by a cookie. */
export interface BegunLogin {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly freshWithin: number | undefined;
}

export interface IdentityProvider {
  /** `freshWithin` seconds: a login older than that is asked again. */
  begin(freshWithin?: number): Promise<{ readonly url: URL; readonly begun: BegunLogin }>;
  /** Throws where the answer is not for this login, not of this provider, or its ID token not for this client. */
  finish(callback: URL, begun: BegunLogin): Promise<Identity>;
}

const SCOPE = 'openid';

/**
 * The company's provider as relying party: code flow, PKCE, state and nonce. The ID token is read here and nowhere else, and only as it
 * comes from the provider's own token endpoint for this agent's own client id: no door of the agent takes one from anybody.
 */
export function identityProvider(agent: Agent): IdentityProvider {
  let known: Promise<openid.Configuration> | undefined;
  const configuration = () => {
    known ??= discover(agent).catch((error: unknown) => {
      // The provider may be back at the next try.
      known = undefined;
      throw error;
    });
    return known;
  };
  return {
    begin: async (freshWithin) => {
      const config = await configuration();
      const verifier = openid.randomPKCECodeVerifier();
      const begun = { state: openid.randomState(), nonce: openid.randomNonce(), verifier, freshWithin };
      const url = openid.buildAuthorizationUrl(config, {
        redirect_uri: new URL(CALLBACK_PATH, agent.origin).href,
        scope: SCOPE,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state: begun.state,
        nonce: begun.nonce,
        ...(freshWithin !== undefined && { max_age: String(freshWithin) }),
      });
      return { url, begun };
    },
    finish: async (callback, begun) => {
      const tokens = await openid.authorizationCodeGrant(await configuration(), callback, {
        pkceCodeVerifier: begun.verifier,
        expectedState: begun.state,
        expectedNonce: begun.nonce,
        idTokenExpected: true,
        ...(begun.freshWithin !== undefined && { maxAge: begun.freshWithin }),
      });
      const claims = tokens.claims();
      if (!claims) throw new Error('the provider sent no ID token');
      const acr = typeof claims.acr === 'string' ? claims.acr.slice(0, 200) : 'unknown';
      return { login: claims.sub, acr, authTime: typeof claims.auth_time === 'number' ? claims.auth_time : claims.iat };
    },
  };
}

async function discover(agent: Agent): Promise<openid.Configuration> {
  const { settings, clientSecret } = agent.company();
  const { issuer, clientId } = settings.identityProvider;
  const authentication = clientSecret ? openid.ClientSecretPost(clientSecret) : await keyAuthentication(agent.dir);
  // Plain HTTP is for a provider on this machine alone; any other must be reached by TLS.
  const local = ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(issuer).hostname);
  const options = { execute: local ? [openid.allowInsecureRequests] : [], timeout: 10 };
  return openid.discovery(new URL(issuer), clientId, undefined, authentication, options);
}

async function keyAuthentication(dir: string): Promise<openid.ClientAuth> {
  const { keys } = layout(dir);
  if (!existsSync(join(keys, 'oidc.pem'))) return openid.None();
  const der = readKeyFile(keys, 'oidc').export({ type: 'pkcs8', format: 'der' });
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  return openid.PrivateKeyJwt(await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']));
}
