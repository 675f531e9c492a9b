import { createHash, randomBytes } from 'node:crypto';
import { outgoingTraceparent, type RobotPage, robotBrowser } from '@interlock/company-side';
import type { GrantId, Thumbprint } from '@interlock/domain';
import { z } from 'zod';
import type { CompanyPlace } from '../up/start-companies.js';
import { StepFailed } from './step.js';

/** Somebody at his own company's agent: what he sees and sends is what a person with a browser sees and sends. */
export interface Person {
  readonly id: string;
  readonly passphrase: string;
  /** Opens a page of the agent, signed in. */
  open(path: string): Promise<RobotPage>;
  submit(page: RobotPage, fields: Readonly<Record<string, string>>, action?: string): Promise<RobotPage>;
  /** Asks the agent as a program that this person let in. */
  get<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T>;
  /** Logs in at the identity provider once more, for one grant and one key: the login proof. */
  loginProof(grant: GrantId, jkt: Thumbprint): Promise<string>;
}

const NOBODY_LISTENS = 'http://127.0.0.1:9/';
const session = z.object({ accessToken: z.string() });
const proof = z.object({ loginProof: z.string() });

interface Redeem<T> {
  readonly from: string;
  readonly query: Readonly<Record<string, string>>;
  readonly at: string;
  readonly schema: z.ZodType<T>;
}

/** Signs a person in at his company's identity provider, through the company's agent. */
export async function signIn(place: CompanyPlace, id: string): Promise<Person> {
  const who = { login: id, password: place.password(id) };
  const pages = robotBrowser();
  const url = (path: string) => new URL(path, place.agentOrigin);
  const asked = { from: '/sign-in', query: {}, at: '/session/token', schema: session };
  const { accessToken } = await redeem(url, who, asked);
  return {
    id,
    passphrase: place.passphrase(id),
    open: async (path) => {
      const page = await pages.logIn(url('/sign-in'), who);
      return page.status === 200 ? pages.open(url(path)) : page;
    },
    submit: (page, fields, action) => pages.submit(page, fields, action),
    get: (path, schema) => send(url(path), 'GET', undefined, accessToken, schema),
    post: (path, body, schema) => send(url(path), 'POST', body, accessToken, schema),
    loginProof: async (grant, jkt) =>
      (await redeem(url, who, { from: '/login', query: { grant, jkt }, at: '/login/token', schema: proof })).loginProof,
  };
}

/** What a program on the person's machine does (RFC 8252 with PKCE), with a robot in the place of the person's browser. */
async function redeem<T>(
  url: (path: string) => URL,
  who: { login: string; password: string },
  { from, query, at, schema }: Redeem<T>,
): Promise<T> {
  const robot = robotBrowser((to) => to.href.startsWith(NOBODY_LISTENS));
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const state = randomBytes(16).toString('base64url');
  const pkce = { redirect_uri: NOBODY_LISTENS, state, code_challenge: challenge, code_challenge_method: 'S256' };
  const begin = url(from);
  for (const [name, value] of Object.entries({ ...query, ...pkce })) begin.searchParams.set(name, value);
  const consent = await robot.logIn(begin, who);
  const back = await robot.submit(consent, {}, '/login/confirm');
  const code = back.url.searchParams.get('code');
  if (!code || back.url.searchParams.get('state') !== state)
    throw new StepFailed(`${who.login} could not log in at ${begin.host}: ${textOf(consent)}`);
  return send(url(at), 'POST', { code, code_verifier: verifier }, undefined, schema);
}

async function send<T>(
  to: URL,
  method: string,
  body: unknown,
  token: string | undefined,
  schema: z.ZodType<T>,
): Promise<T> {
  const response = await fetch(to, {
    method,
    headers: {
      accept: 'application/json',
      traceparent: outgoingTraceparent(),
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok)
    throw new StepFailed(`${method} ${to.pathname} at ${to.host}: ${response.status} ${text.slice(0, 400)}`);
  return schema.parse(JSON.parse(text));
}

export const textOf = (page: RobotPage): string =>
  page.html
    .replace(/<style[\s\S]*?<\/style>|<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 400);
