import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type Provider } from 'oidc-provider';
import type { Log } from '../running-role.js';
import { logIn, readAccounts } from './accounts.js';
import { faultPage, loginPage, PAGE_HEADERS } from './login-page.js';
import type { LoginThrottle } from './login-throttle.js';

export interface LoginSettings {
  readonly name: string;
  readonly accountsFile: string;
  readonly acr: string;
  readonly throttle: LoginThrottle;
  readonly now: () => number;
}

const PATH = /^\/interaction\/([A-Za-z0-9_-]{1,128})(?:\/(login|cancel))?$/;
const LONGEST_FORM = 4_096;
const LONGEST_LOGIN = 254;

interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly provider: Provider;
  readonly settings: LoginSettings;
  readonly log: Log;
}

/**
 * Answers the pages of a login: `GET /interaction/:uid` the form, `POST .../login` its data, `POST .../cancel` a change of mind.
 * Returns false for any other address. Only the browser that began the login holds the cookie that belongs to its uid.
 */
export async function serveLogin(visit: Visit): Promise<boolean> {
  const { request, response, settings } = visit;
  const [, uid, action] = PATH.exec(request.url?.split('?')[0] ?? '') ?? [];
  if (!uid) return false;
  if (request.method !== (action ? 'POST' : 'GET')) {
    answer(response, 405, faultPage(settings.name, 'This address is not used so', 'Start again from the application.'));
    return true;
  }
  try {
    const interaction = await visit.provider.interactionDetails(request, response);
    if (interaction.uid !== uid) throw new errors.SessionNotFound('another login was begun in this browser');
    const { client_id: client, login_hint: hint } = interaction.params;
    const show = await showForm(visit, uid, String(client));
    if (action === 'login') await takePassword(visit, show);
    else if (action === 'cancel') await cancel(visit);
    else show(200, typeof hint === 'string' ? hint.slice(0, LONGEST_LOGIN) : '');
  } catch (error) {
    if (!(error instanceof errors.OIDCProviderError)) throw error;
    answer(response, 400, faultPage(settings.name, 'This login has expired', 'Start again from the application.'));
  }
  return true;
}

type ShowForm = (status: number, login: string, fault?: string) => void;

async function showForm({ provider, response, settings }: Visit, uid: string, clientId: string): Promise<ShowForm> {
  const client = await provider.Client.find(clientId);
  const asking = client?.clientName ?? client?.clientId ?? 'An application';
  return (status, login, fault) =>
    answer(
      response,
      status,
      loginPage({ provider: settings.name, client: asking, uid, login, ...(fault && { fault }) }),
    );
}

async function takePassword({ request, response, provider, settings, log }: Visit, show: ShowForm): Promise<void> {
  const form = await readForm(request);
  const login = form?.get('login') ?? '';
  const password = form?.get('password') ?? '';
  if (login === '' || password === '') return show(400, login, 'Enter your name and your password.');
  const { throttle, now } = settings;
  if (!throttle.mayTry(login, now())) return show(429, login, 'Too many attempts. Wait a minute.');
  const accounts = await readAccounts(settings.accountsFile);
  if (accounts.fault) log('accounts file not usable', { fault: accounts.fault });
  const account = logIn(accounts, login, password);
  if (!account) {
    throttle.failed(login, now());
    log('login refused');
    return show(403, login, 'Name or password is wrong, or the account is closed.');
  }
  throttle.succeeded(login);
  log('login', { sub: account.sub });
  const result = { login: { accountId: account.sub, acr: settings.acr, amr: ['pwd'], remember: false } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

async function cancel({ request, response, provider }: Visit): Promise<void> {
  request.resume();
  const result = { error: 'access_denied', error_description: 'the person cancelled the login' };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

/** Undefined for anything that is not a short form; the rest of a long one is not kept. */
async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const isForm = request.headers['content-type']?.split(';')[0]?.trim() === 'application/x-www-form-urlencoded';
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= LONGEST_FORM) chunks.push(chunk);
  }
  return isForm && length <= LONGEST_FORM ? new URLSearchParams(Buffer.concat(chunks).toString('utf8')) : undefined;
}

export function answer(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, PAGE_HEADERS).end(html);
}
