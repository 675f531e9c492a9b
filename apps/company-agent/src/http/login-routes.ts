import { CALLBACK_PATH } from '@interlock/company-side';
import { grantId, thumbprint } from '@interlock/contracts';
import { allow, type Decision, refuse } from '@interlock/domain';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Agent } from '../agent.js';
import { countAttempts } from '../login/attempts.js';
import type { Aim, LoginFlow, Program } from '../login/login-flow.js';
import { loopbackRedirect } from '../login/loopback.js';
import type { Sessions } from '../login/sessions.js';
import { consentPage } from '../pages/login-pages.js';
import {
  alsoTo,
  anyone,
  cookieName,
  cookieOptions,
  loggedIn,
  ownForm,
  sendPage,
  sendRefusal,
  wantsPage,
} from './door.js';

const programQuery = z.strictObject({
  redirect_uri: z.string().max(300),
  state: z.string().min(16).max(200),
  code_challenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  code_challenge_method: z.literal('S256'),
});
const loginQuery = programQuery.extend({ grant: grantId, jkt: thumbprint });
const redeemBody = z.strictObject({ code: z.string().max(200), code_verifier: z.string().max(128) });

interface Parts {
  readonly agent: Agent;
  readonly flow: LoginFlow;
  readonly sessions: Sessions;
}

/** A flood of begun logins costs the provider and us; this many a minute from one address are plenty for people. */
const beginnings = () => countAttempts(120, 60_000);

/** How people and their programs log in. The agent's own client at the company's own provider; no token of anybody else is taken. */
export function loginRoutes(app: FastifyInstance, parts: Parts): void {
  const { agent, flow, sessions } = parts;
  const attempts = beginnings();
  const begin = async (request: FastifyRequest, reply: FastifyReply, aim: Decision<Aim>) => {
    if (!aim.allowed) return sendRefusal(request, reply, agent, aim.refusal);
    if (!attempts.mayTry(request.ip, agent.now())) return sendRefusal(request, reply, agent, { code: 'rate_limited' });
    const { to, visit } = await flow.begin(aim.value);
    return reply.setCookie(cookieName(agent, 'visit'), visit, cookieOptions(agent, 600)).redirect(to.href, 303);
  };
  app.get('/sign-in', { config: anyone('everybody begins here') }, (request, reply) => {
    const given = Object.keys(request.query as object).length > 0;
    return begin(request, reply, given ? programAim(request.query) : allow({ kind: 'pages' }));
  });
  app.get('/login', { config: anyone('a login proof begins here') }, (request, reply) =>
    begin(request, reply, proofAim(request.query)),
  );
  app.get(CALLBACK_PATH, { config: anyone('the provider sends people back here') }, (request, reply) =>
    comeBack(parts, request, reply),
  );
  app.get('/login/confirm', { config: anyone('held by its own cookie') }, (_request, reply) =>
    reply.redirect('/', 303),
  );
  app.post('/login/confirm', { config: anyone('held by its own cookie and form token') }, (request, reply) =>
    confirm(parts, request, reply),
  );
  redeemRoutes(app, parts);
  app.post('/sign-out', { config: loggedIn }, (request, reply) => {
    const secret = request.cookies[cookieName(agent, 'session')];
    if (secret !== undefined) sessions.close(secret);
    reply.clearCookie(cookieName(agent, 'session'), { path: '/' });
    return wantsPage(request) ? reply.redirect('/sign-in', 303) : reply.send({ signedOut: true });
  });
}

/** The back channel: a program exchanges the code that its loopback port was handed. */
function redeemRoutes(app: FastifyInstance, { agent, flow }: Parts): void {
  for (const [path, kind] of [
    ['/login/token', 'proof'],
    ['/session/token', 'program'],
  ] as const) {
    app.post(path, { config: anyone('the code and its verifier are the proof') }, async (request, reply) => {
      const body = redeemBody.safeParse(request.body);
      if (!body.success) return sendRefusal(request, reply, agent, { code: 'malformed', clause: 'body' });
      const redeemed = await flow.redeem(body.data.code, body.data.code_verifier, kind);
      return redeemed.allowed ? reply.send(redeemed.value) : sendRefusal(request, reply, agent, redeemed.refusal);
    });
  }
}

function programOf(query: z.infer<typeof programQuery>): Decision<Program> {
  const redirect = loopbackRedirect(query.redirect_uri);
  if (!redirect.allowed) return redirect;
  return allow({ redirect: redirect.value, state: query.state, challenge: query.code_challenge });
}

function programAim(input: unknown): Decision<Aim> {
  const query = programQuery.safeParse(input);
  if (!query.success) return refuse('malformed', { clause: query.error.issues[0]?.path.join('.') || 'query' });
  const program = programOf(query.data);
  return program.allowed ? allow({ kind: 'program', program: program.value }) : program;
}

function proofAim(input: unknown): Decision<Aim> {
  const query = loginQuery.safeParse(input);
  if (!query.success) return refuse('malformed', { clause: query.error.issues[0]?.path.join('.') || 'query' });
  const program = programOf(query.data);
  if (!program.allowed) return program;
  return allow({ kind: 'proof', program: program.value, ask: { grant: query.data.grant, jkt: query.data.jkt } });
}

async function comeBack({ agent, flow, sessions }: Parts, request: FastifyRequest, reply: FastifyReply) {
  const visit = request.cookies[cookieName(agent, 'visit')] ?? '';
  reply.clearCookie(cookieName(agent, 'visit'), { path: '/' });
  const came = await flow.comeBack(visit, new URL(request.url, agent.origin));
  if (!came.allowed) return sendRefusal(request, reply, agent, came.refusal);
  const { entrant, identity, aim } = came.value;
  if (aim.kind === 'pages') {
    const { secret } = sessions.open(entrant, 'browser', agent.now());
    return reply.setCookie(cookieName(agent, 'session'), secret, cookieOptions(agent, 28_800)).redirect('/', 303);
  }
  const consent = { entrant, person: entrant.person, identity, aim, formToken: agent.newSecret() };
  const explained = await flow.explain(consent);
  if (!explained.allowed) return sendRefusal(request, reply, agent, explained.refusal);
  const secret = flow.consents.put(consent, agent.now());
  reply.setCookie(cookieName(agent, 'consent'), secret, cookieOptions(agent, 600));
  alsoTo(reply, aim.program.redirect.origin);
  return sendPage(
    request,
    reply,
    agent,
    'A program asks for you',
    consentPage(consent, explained.value, agent.timeZone),
  );
}

async function confirm({ agent, flow }: Parts, request: FastifyRequest, reply: FastifyReply) {
  const secret = request.cookies[cookieName(agent, 'consent')] ?? '';
  const consent = flow.consents.take(secret, agent.now());
  reply.clearCookie(cookieName(agent, 'consent'), { path: '/' });
  if (!consent) return sendRefusal(request, reply, agent, { code: 'code_unknown' });
  if (!ownForm(request, agent, consent.formToken)) return sendRefusal(request, reply, agent, { code: 'form_not_ours' });
  const to = await flow.agree(consent);
  if (!to.allowed) return sendRefusal(request, reply, agent, to.refusal);
  alsoTo(reply, consent.aim.program.redirect.origin);
  return reply.redirect(to.value.href, 303);
}
