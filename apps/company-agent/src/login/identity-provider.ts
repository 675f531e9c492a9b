import { webcrypto } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CALLBACK_PATH, layout, readKeyFile } from '@interlock/company-side';
import { isThisMachine } from '@interlock/contracts';
import type { LoggedIn, RoleMapping } from '@interlock/domain';
import * as openid from 'openid-client';
import type { Agent } from '../agent.js';

/** Who the company's own identity provider says logged in, for this agent's own client id and this very login. */
export interface Identity {
  readonly login: LoggedIn;
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

/** The provider could not be asked. Nothing is known about the login, so there is none. */
export class ProviderUnavailable extends Error {}

export interface IdentityProvider {
  /** `freshWithin` seconds: a login older than that is asked again. `ways`: the first of these that the provider has (OpenID Connect Core section 3.1.2.1). */
  begin(freshWithin?: number, ways?: readonly string[]): Promise<{ readonly url: URL; readonly begun: BegunLogin }>;
  /** Throws where the answer is not for this login, not of this provider, or its ID token not for this client. */
  finish(callback: URL, begun: BegunLogin): Promise<Identity>;
}

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
      throw new ProviderUnavailable('the identity provider does not answer', { cause: error });
    });
    return known;
  };
  return {
    begin: async (freshWithin, ways = []) => {
      const config = await configuration();
      const verifier = openid.randomPKCECodeVerifier();
      const begun = { state: openid.randomState(), nonce: openid.randomNonce(), verifier, freshWithin };
      const url = openid.buildAuthorizationUrl(config, {
        redirect_uri: new URL(CALLBACK_PATH, agent.origin).href,
        scope: ['openid', ...(await mappingOf(agent)).scopes].join(' '),
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state: begun.state,
        nonce: begun.nonce,
        ...(freshWithin !== undefined && { max_age: String(freshWithin) }),
        ...(ways.length > 0 && { acr_values: ways.join(' ') }),
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
      return identityIn(claims, (await mappingOf(agent)).rules);
    },
  };
}

async function discover(agent: Agent): Promise<openid.Configuration> {
  const { settings, clientSecret } = agent.company();
  const { issuer, clientId } = settings.identityProvider;
  const authentication = clientSecret ? openid.ClientSecretPost(clientSecret) : await keyAuthentication(agent.dir);
  // Plain HTTP is for a provider on this machine alone; any other must be reached by TLS.
  const local = isThisMachine(new URL(issuer).hostname);
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

/** What the mapping asks of a login. Without a mapping people still log in: those with a key of their own need no role. */
async function mappingOf(agent: Agent): Promise<Pick<RoleMapping, 'scopes' | 'rules'>> {
  const held = await agent.roles.mapping();
  return held.allowed ? held.value.mapping : { scopes: [], rules: [] };
}

const identityIn = (said: openid.IDToken, rules: RoleMapping['rules']): Identity => ({
  login: { issuer: said.iss, subject: said.sub, claims: read(said, rules) },
  acr: typeof said.acr === 'string' ? said.acr.slice(0, 200) : 'unknown',
  authTime: typeof said.auth_time === 'number' ? said.auth_time : said.iat,
});

const MOST_VALUES = 256;
const LONGEST_VALUE = 200;

/** The claims that a rule reads, each as a list of texts. A value that is none, or too long, is as if it were not there. */
function read(claims: object, rules: RoleMapping['rules']): LoggedIn['claims'] {
  const names = [...new Set(rules.map(({ claim }) => claim))].filter((name) => Object.hasOwn(claims, name));
  const valuesOf = (name: string) => {
    const value: unknown = (claims as Record<string, unknown>)[name];
    const all: readonly unknown[] = Array.isArray(value) ? value.slice(0, MOST_VALUES) : [value];
    return all.filter((one) => typeof one === 'string' && one.length <= LONGEST_VALUE) as string[];
  };
  return Object.fromEntries(names.map((name) => [name, valuesOf(name)]));
}
