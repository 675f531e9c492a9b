import { timingSafeEqual } from 'node:crypto';
import { BrokerUnavailable } from '@interlock/company-side';
import { allow, type Capacity, type Decision, mayUse, type Refusal, ROLES } from '@interlock/domain';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Agent } from '../agent.js';
import { ProviderUnavailable } from '../login/identity-provider.js';
import type { Session, Sessions } from '../login/sessions.js';
import { type Html, html } from '../pages/html.js';
import { page } from '../pages/page.js';
import { problemOf } from './refusal-reply.js';

/** Who may use a route. A route that does not say so is not started: nothing here is open by default. */
export type Access =
  | { readonly who: 'person'; readonly as: readonly Capacity[] | 'whoever' }
  | { readonly who: 'anyone'; readonly because: string };

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route with its row, as `METHOD /path`. */
    readonly accessRows: ReadonlyMap<string, Access>;
  }
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    session?: Session;
  }
}

/** A route for people of this company who are one of these. */
export const people = (...as: readonly [Capacity, ...Capacity[]]): { readonly access: Access } => ({
  access: { who: 'person', as },
});
/** A route for everybody in the company who is something there. */
export const EVERYBODY = people('holder', ...ROLES);
/** A route for whoever is logged in, with or without a role. */
export const loggedIn: { readonly access: Access } = { access: { who: 'person', as: 'whoever' } };
export const anyone = (because: string): { readonly access: Access } => ({ access: { who: 'anyone', because } });

/** Names of cookies carry the company, because browsers share one jar between all ports of a host. */
export const cookieName = (agent: Agent, what: 'session' | 'visit' | 'consent'): string =>
  `${agent.origin.startsWith('https:') ? '__Host-' : ''}interlock-${what}-${agent.organisation}`;

export const cookieOptions = (agent: Agent, maxAge: number) => ({
  path: '/',
  httpOnly: true,
  sameSite: 'lax' as const,
  secure: agent.origin.startsWith('https:'),
  maxAge,
});

/** Every page and answer of the agent carries these: nothing may frame it, nothing of another origin loads in it, nothing is kept. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Not "no-referrer": browsers would then send "Origin: null" with the agent's own forms.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Lets a page's form end at one more origin: the loopback address of the program that asked for a login. */
export const alsoTo = (reply: FastifyReply, origin: string): FastifyReply =>
  reply.header(
    'content-security-policy',
    HEADERS['content-security-policy'].replace("form-action 'self'", `form-action 'self' ${origin}`),
  );

/** Lets a page run the one script that the agent has. */
export const withScript = (reply: FastifyReply): FastifyReply =>
  reply.header('content-security-policy', `${HEADERS['content-security-policy']}; script-src 'self'`);

/** Puts the agent's door before every route: access declared, headers set, session found, forms of others refused. */
export function hangDoor(app: FastifyInstance, agent: Agent, sessions: Sessions): void {
  const rows = new Map<string, Access>();
  app.decorate('accessRows', rows);
  app.addHook('onRoute', (route) => {
    if (!route.config?.access) throw new Error(`${String(route.method)} ${route.url} does not say who may use it`);
    rows.set(`${String(route.method)} ${route.url}`, route.config.access);
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    // A name of another site that resolves to this machine must not reach the pages of people (DNS rebinding).
    const access = request.routeOptions.config.access;
    if (access?.who !== 'person') return;
    if (request.headers.host !== new URL(agent.origin).host)
      return sendRefusal(request, reply, agent, { code: 'form_not_ours' });
    const session = sessionOf(request, agent, sessions);
    if (!session) return sendRefusal(request, reply, agent, { code: 'login_needed' });
    const may = await inRole(request, agent, session, access.as);
    if (!may.allowed) {
      const { code, clause } = may.refusal;
      agent.log.warn(
        { event: 'role.refused', holder: session.person.id, detail: request.routeOptions.url, code, clause },
        'refused',
      );
      return sendRefusal(request, reply, agent, may.refusal);
    }
  });
  app.addHook('preHandler', async (request, reply) => {
    const { session } = request;
    if (!session || request.method === 'GET' || request.method === 'HEAD' || session.how === 'program') return;
    if (!ownForm(request, agent, session.formToken))
      return sendRefusal(request, reply, agent, { code: 'form_not_ours' });
  });
  app.setErrorHandler((error, request, reply) => sendFault(request, reply, agent, error));
  app.setNotFoundHandler({ preHandler: [] }, (request, reply) =>
    sendRefusal(request, reply, agent, { code: 'not_a_party', clause: 'address' }),
  );
}

/** Asked at every request: a role that was taken away, and a time that is over, count at once. */
async function inRole(
  request: FastifyRequest,
  agent: Agent,
  session: Session,
  as: Extract<Access, { who: 'person' }>['as'],
): Promise<Decision<unknown>> {
  const has = await agent.roles.capacities(session.person, session.login);
  request.session = { ...session, capacities: has.allowed ? has.value : [] };
  if (as === 'whoever') return has.allowed ? has : allow(true);
  return has.allowed ? mayUse(as, has.value) : has;
}

/** A program shows its token in the header and nowhere else; a browser its cookie. Never both. */
function sessionOf(request: FastifyRequest, agent: Agent, sessions: Sessions): Session | undefined {
  const bearer = /^Bearer ([A-Za-z0-9_-]{20,200})$/.exec(request.headers.authorization ?? '')?.[1];
  if (request.headers.authorization !== undefined) {
    const session = bearer === undefined ? undefined : sessions.find(bearer, agent.now());
    return session?.how === 'program' ? session : undefined;
  }
  const secret = request.cookies[cookieName(agent, 'session')];
  const session = secret === undefined ? undefined : sessions.find(secret, agent.now());
  return session?.how === 'browser' ? session : undefined;
}

/** Whether a form comes from a page of this agent, made for this very session: the browser says so, and the hidden field too. */
export function ownForm(request: FastifyRequest, agent: Agent, formToken: string): boolean {
  if (request.headers.origin !== new URL(agent.origin).origin) return false;
  const given = (request.body as { formToken?: unknown } | undefined)?.formToken;
  if (typeof given !== 'string' || given.length !== formToken.length) return false;
  return timingSafeEqual(Buffer.from(given), Buffer.from(formToken));
}

/** Whether the answer is read by a person in a browser. */
export const wantsPage = (request: FastifyRequest): boolean =>
  request.session?.how !== 'program' && (request.headers.accept ?? '').includes('text/html');

export function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  agent: Agent,
  title: string,
  body: Html,
): FastifyReply {
  const company = agent.company().settings.name;
  const scripted = String(reply.getHeader('content-security-policy')).includes('script-src');
  const path = request.url.split('?')[0] ?? '';
  const whole = page({ title, company, session: request.session, body, scripted, path });
  return reply.type('text/html; charset=utf-8').send(whole);
}

export function sendRefusal(
  request: FastifyRequest,
  reply: FastifyReply,
  agent: Agent,
  refusal: Refusal,
): FastifyReply {
  const { status, body } = problemOf(refusal, { origin: agent.origin, own: request.session !== undefined });
  const person = request.session?.person.id;
  const route = `${request.method} ${request.routeOptions.url ?? ''}`;
  agent.refused.count({ address: request.ip, route, code: refusal.code, ...(person !== undefined && { person }) });
  reply.status(status);
  if (!wantsPage(request)) return reply.type('application/problem+json').send(JSON.stringify(body));
  if (refusal.code === 'login_needed')
    return sendPage(
      request,
      reply,
      agent,
      'Log in first',
      html`<p class="lead">These pages are for people of this company. You log in at its own identity provider.</p><p><a href="/sign-in">Log in</a></p>`,
    );
  const { title, code, clause, detail } = body as Record<'title' | 'code' | 'clause' | 'detail', string | undefined>;
  const words = html`<p class="no" role="alert">${title}</p><p>Code: <code>${code}</code>${clause && html`, clause: <code>${clause}</code>`}${detail && html`, ${detail}`}. <a href="/errors/${code}">What it means, and who can mend it</a>; at a terminal: <code>interlock explain ${code}</code></p><p><a href="/">To the inbox</a></p>`;
  return sendPage(request, reply, agent, 'This is not possible', words);
}

/** Sends what a verb decided: the page of the yes, its JSON, or the no. */
export function sendDecision<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  agent: Agent,
  decision: Decision<T>,
  present: { readonly json: (value: T) => unknown; readonly page: (value: T) => FastifyReply },
): FastifyReply {
  if (!decision.allowed) return sendRefusal(request, reply, agent, decision.refusal);
  return wantsPage(request) ? present.page(decision.value) : reply.send(present.json(decision.value));
}

function sendFault(request: FastifyRequest, reply: FastifyReply, agent: Agent, error: unknown): FastifyReply {
  if (error instanceof BrokerUnavailable) return sendRefusal(request, reply, agent, { code: 'broker_unavailable' });
  if (error instanceof ProviderUnavailable) {
    agent.log.warn({ event: 'login.refused' }, 'the identity provider does not answer');
    return sendRefusal(request, reply, agent, { code: 'identity_provider_unavailable' });
  }
  const status = (error as { statusCode?: unknown }).statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return sendRefusal(request, reply, agent, { code: status === 413 ? 'too_large' : 'malformed', clause: 'request' });
  }
  agent.log.error({ event: 'request.failed' }, 'request failed', error);
  const words = 'The agent could not do this; the fault is in its log.';
  reply.status(500);
  if (!wantsPage(request)) return reply.type('text/plain').send(words);
  return sendPage(request, reply, agent, 'Something broke', html`<p class="no" role="alert">${words}</p>`);
}
