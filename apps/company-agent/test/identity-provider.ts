import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AdapterFactory,
  type AdapterPayload,
  type ClientMetadata,
  interactionPolicy,
  Provider,
} from 'oidc-provider';

export interface TestProvider {
  readonly issuer: string;
  readonly password: string;
  /** The groups that the provider says of a login; none where nothing is set. */
  readonly groups: Map<string, readonly string[]>;
  /** How people log in from now on, and what was asked for. */
  acr: string;
  readonly asked: (string | null)[];
  /** From now on these clients exist. */
  serve(clients: ClientMetadata[]): void;
  close(): Promise<void>;
}

/** A real OpenID provider (`oidc-provider`) where everybody has one password, made for this run. */
export async function startProvider(): Promise<TestProvider> {
  const password = randomBytes(12).toString('base64url');
  const groups = new Map<string, readonly string[]>();
  let provider: Provider | undefined;
  const said = { acr: 'urn:test:password', asked: [] as (string | null)[] };
  const server: Server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://provider');
    if (pathname === '/auth') said.asked.push(searchParams.get('acr_values'));
    if (provider) void answer(provider, { password, acr: said.acr }, request, response);
    else response.writeHead(503).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(said, {
    issuer,
    password,
    groups,
    serve: (clients: ClientMetadata[]) => {
      provider = makeProvider(issuer, clients, groups);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  });
}

async function answer(
  provider: Provider,
  { password, acr }: { readonly password: string; readonly acr: string },
  request: IncomingMessage,
  response: ServerResponse,
) {
  const uid = /^\/interaction\/([^/]+)$/.exec(request.url ?? '')?.[1];
  if (!uid) return provider.callback()(request, response);
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'text/html' });
    const fields = '<input name="login"><input name="password" type="password">';
    return response.end(`<form method="post" action="/interaction/${uid}">${fields}</form>`);
  }
  const form = new URLSearchParams(await bodyOf(request));
  if (form.get('password') !== password) return response.writeHead(403).end();
  const login = { accountId: form.get('login') ?? '', acr };
  return provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
}

function makeProvider(issuer: string, clients: ClientMetadata[], groups: TestProvider['groups']): Provider {
  const policy = interactionPolicy.base();
  policy.remove('consent');
  return new Provider(issuer, {
    adapter: memory(clients.map((one) => ({ ...one, id_token_signed_response_alg: 'ES256', require_auth_time: true }))),
    jwks: { keys: [provideKey()] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    acrValues: ['urn:test:password', 'urn:test:passkey'],
    claims: { openid: ['sub', 'acr', 'auth_time'], groups: ['groups'] },
    scopes: ['openid', 'groups'],
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { policy, url: (_context, { uid }) => `/interaction/${uid}` },
    renderError: (context, { error, error_description: why }) => {
      context.type = 'text/plain';
      context.body = `${error}: ${why}`;
    },
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub, groups: groups.get(sub) ?? [] }) }),
    loadExistingGrant: async (context) => {
      const { client, session } = context.oidc;
      const grant = new context.oidc.provider.Grant({
        ...(client && { clientId: client.clientId }),
        ...(session?.accountId && { accountId: session.accountId }),
      });
      grant.addOIDCScope('openid groups');
      await grant.save();
      return grant;
    },
  });
}

/** What the provider remembers between two requests. Clients come from here, because it would clone static ones into another realm. */
function memory(clients: readonly ClientMetadata[]): AdapterFactory {
  const held = new Map<string, AdapterPayload>();
  return (model) => ({
    upsert: async (id, payload) => void held.set(`${model} ${id}`, payload),
    find: async (id) =>
      model === 'Client' ? clients.find((client) => client.client_id === id) : held.get(`${model} ${id}`),
    findByUid: async (uid) => [...held.values()].find((payload) => payload.uid === uid),
    findByUserCode: async () => undefined,
    consume: async (id) => {
      const payload = held.get(`${model} ${id}`);
      if (payload) payload.consumed = Math.floor(Date.now() / 1000);
    },
    destroy: async (id) => void held.delete(`${model} ${id}`),
    revokeByGrantId: async (grantId) => {
      for (const [key, payload] of held) if (payload.grantId === grantId) held.delete(key);
    },
  });
}

function provideKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'test' };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
