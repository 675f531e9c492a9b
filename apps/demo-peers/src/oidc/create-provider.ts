import { ConfigurationError } from '@interlock/contracts';
import Provider, { type ClientMetadata, type Configuration, errors, interactionPolicy } from 'oidc-provider';
import type { Log } from '../running-role.js';
import { activeAccount, readAccounts } from './accounts.js';
import { faultPage, PAGE_HEADERS } from './login-page.js';
import type { ProviderKeys } from './provider-keys.js';
import { rememberInMemory } from './remember-in-memory.js';

export interface ProviderSettings {
  readonly issuer: string;
  readonly name: string;
  readonly accountsFile: string;
  readonly clients: readonly ClientMetadata[];
  readonly keys: ProviderKeys;
  readonly acr: string;
  readonly now: () => number;
}

const SCOPES = 'openid profile email groups';

/** The OpenID provider: code flow with PKCE only, ES256, the company's own clients only, so nobody is asked for consent. */
export async function createProvider(settings: ProviderSettings, log: Log): Promise<Provider> {
  const provider = new Provider(settings.issuer, {
    ...behaviour(settings, log),
    adapter: rememberInMemory(settings.clients, settings.now),
    jwks: { keys: [settings.keys.signing] },
    cookies: { keys: [settings.keys.cookie] },
    findAccount: async (_ctx, sub) => {
      const now = await readAccounts(settings.accountsFile);
      if (now.fault) log('accounts file not usable', { fault: now.fault });
      const account = activeAccount(now, sub);
      if (!account) return undefined;
      const { name, email, groups } = account;
      return { accountId: sub, claims: () => ({ sub, name, email, groups }) };
    },
  });
  provider.on('server_error', (_ctx, error) => log('provider failed', { reason: error.message }));
  await refuseUnusableClients(provider, settings.clients);
  return provider;
}

/** The library looks at a client when it first comes; a mistake in its registration must stop the start instead. */
async function refuseUnusableClients(provider: Provider, clients: readonly ClientMetadata[]): Promise<void> {
  const faults: string[] = [];
  for (const { client_id: id } of clients) {
    await provider.Client.find(id).catch((error: unknown) => {
      if (!(error instanceof errors.InvalidClientMetadata)) throw error;
      faults.push(`OIDC_CLIENTS_FILE: ${id}: ${error.error_description}`);
    });
  }
  if (faults.length > 0) throw new ConfigurationError(faults);
}

const behaviour = ({ name, acr }: ProviderSettings, log: Log): Configuration => ({
  acrValues: [acr],
  scopes: SCOPES.split(' '),
  claims: { openid: ['sub', 'acr', 'auth_time'], profile: ['name'], email: ['email'], groups: ['groups'] },
  // Name, address and groups stand in the ID token itself: the company agent verifies one signature and asks nobody again.
  conformIdTokenClaims: false,
  responseTypes: ['code'],
  pkce: { required: () => true },
  enabledJWA: {
    idTokenSigningAlgValues: ['ES256'],
    userinfoSigningAlgValues: ['ES256'],
    clientAuthSigningAlgValues: ['ES256', 'EdDSA', 'Ed25519'],
  },
  clientAuthMethods: ['private_key_jwt', 'none'],
  features: {
    devInteractions: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    dPoP: { enabled: false },
  },
  ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Interaction: 600, Session: 28_800, Grant: 28_800 },
  interactions: { policy: loginOnly(), url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  loadExistingGrant: async (ctx) => {
    const { client, session, provider } = ctx.oidc;
    if (!client || !session?.accountId) return undefined;
    const known = session.grantIdFor(client.clientId);
    const existing = known ? await provider.Grant.find(known) : undefined;
    if (existing) return existing;
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope(SCOPES);
    await grant.save();
    return grant;
  },
  renderError: (ctx, { error, error_description: description }) => {
    log('authorization refused', { error });
    ctx.set(PAGE_HEADERS);
    ctx.body = faultPage(name, 'This login cannot go on', `${description ?? error}. Start again from the application.`);
  },
});

/** The clients are the company's own: who logs in has said yes. */
function loginOnly(): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  policy.remove('consent');
  return policy;
}
