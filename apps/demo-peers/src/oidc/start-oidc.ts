import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ConfigurationError, readConfig } from '@interlock/contracts';
import { z } from 'zod';
import { listen } from '../listen.js';
import type { Log, StartRole } from '../running-role.js';
import { readAccounts } from './accounts.js';
import { readClients } from './clients.js';
import { createProvider } from './create-provider.js';
import { faultPage } from './login-page.js';
import { LoginThrottle } from './login-throttle.js';
import { providerKeys } from './provider-keys.js';
import { answer, serveLogin } from './serve-login.js';

const SETTINGS = {
  OIDC_HOST: z.string().default('127.0.0.1'),
  /** 0 takes a free port; the ready line names it and the issuer. */
  OIDC_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** Host in the issuer, as browsers reach it. */
  OIDC_ISSUER_HOST: z
    .string()
    .regex(/^[a-z0-9.-]+$/)
    .default('127.0.0.1'),
  OIDC_NAME: z.string().min(1).max(64).default('Demo identity provider'),
  OIDC_ACCOUNTS_FILE: z.string(),
  OIDC_CLIENTS_FILE: z.string(),
  /** Where the signing key is kept. Without it the key lives as long as the process. */
  OIDC_FOLDER: z.string().optional(),
  /** What a password login is worth, as `acr`. */
  OIDC_ACR: z.string().min(1).max(128).default('urn:interlock:demo:password'),
};

const MOST_CONNECTIONS = 256;
const LONGEST_REQUEST_MS = 10_000;

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** One company's identity provider, small but complete: discovery, login page, codes, ID tokens, userinfo. */
export const startOidc: StartRole = async (_args, env, log) => {
  const config = readConfig(SETTINGS, env);
  const clients = await readClients(config.OIDC_CLIENTS_FILE);
  const { fault } = await readAccounts(config.OIDC_ACCOUNTS_FILE);
  if (fault) throw new ConfigurationError([`OIDC_ACCOUNTS_FILE: ${fault}`]);
  const keys = await providerKeys(config.OIDC_FOLDER);

  let handle: Handle | undefined;
  const server = createServer(
    { requestTimeout: LONGEST_REQUEST_MS, headersTimeout: LONGEST_REQUEST_MS },
    (request, response) => {
      // Between listening and knowing its own issuer the provider has no answer yet.
      if (!handle) return void response.writeHead(503, { 'retry-after': '1' }).end();
      handle(request, response).catch((error: unknown) => fail(response, config.OIDC_NAME, error, log));
    },
  );
  const at = { host: config.OIDC_HOST, port: config.OIDC_PORT, connections: MOST_CONNECTIONS };
  const listening = await listen(server, at);
  const issuer = `http://${config.OIDC_ISSUER_HOST}:${listening.port}`;
  const common = {
    name: config.OIDC_NAME,
    accountsFile: config.OIDC_ACCOUNTS_FILE,
    acr: config.OIDC_ACR,
    now: Date.now,
  };
  const provider = await createProvider({ ...common, issuer, clients, keys }, log).catch(async (error: unknown) => {
    await listening.close();
    throw error;
  });
  const answerProvider = provider.callback();
  const settings = { ...common, throttle: new LoginThrottle() };
  handle = async (request, response) => {
    const served = await serveLogin({ request, response, provider, settings, log });
    if (!served) await answerProvider(request, response);
  };
  return { ready: { port: listening.port, issuer }, close: listening.close };
};

function fail(response: ServerResponse, name: string, error: unknown, log: Log): void {
  log('request failed', { reason: error instanceof Error ? error.message : 'unknown' });
  if (response.headersSent) response.destroy();
  else answer(response, 500, faultPage(name, 'The provider failed', 'Try again; the fault is in its log.'));
}
