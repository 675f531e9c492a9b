import {
  actionName,
  agreementId,
  dormancy,
  grantId,
  instant,
  localId,
  memberLists,
  recurrence,
  resourceRef,
  subjectRef,
  text,
} from '@interlock/contracts';
import { allow, type Decision, parseAction, parseLocalId, parseOrganisationId, refuse } from '@interlock/domain';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { HandOver } from '../acts/hand-over.js';
import type { Agent } from '../agent.js';
import { allInForce } from '../agreements/agreements.js';
import { approveGrant, mayApprove } from '../grants/approve-grant.js';
import { delegateGrant } from '../grants/delegate-grant.js';
import { denyGrant } from '../grants/deny-grant.js';
import type { HeldGrant } from '../grants/held-grant.js';
import { readGrant } from '../grants/read-grant.js';
import { type GrantWish, requestGrant } from '../grants/request-grant.js';
import type { Attempts } from '../login/attempts.js';
import { askPage } from '../pages/ask-page.js';
import { html } from '../pages/html.js';
import type { PasskeyDesk } from '../passkeys/passkey-desk.js';
import { EVERYBODY, people, sendDecision, sendPage, sendRefusal, wantsPage } from './door.js';
import { malformed, passphrase, sessionOf, show } from './grant-reply.js';
import { signedYes, signsBy } from './signed-yes.js';
import { standingApprovalRoutes } from './standing-approval-routes.js';

const formToken = z.string().max(100).optional();
const approveBody = signedYes({});
/** A field of a form that was left empty says nothing. */
const orNothing = (most: number) =>
  z
    .string()
    .max(most)
    .optional()
    .transform((said) => said || undefined);
const denyBody = z.strictObject({
  ...{ reason: z.string().min(1).max(500), internalReason: orNothing(500), internalTicket: orNothing(200) },
  formToken,
});
const wishBody = z.strictObject({
  agreementId,
  kind: z.enum(['remote-service', 'data-collection', 'machine-to-machine']),
  subjects: z.array(subjectRef).min(1).max(100).optional(),
  resources: z.array(resourceRef).min(1).max(100).optional(),
  actions: z.array(actionName).min(1).max(64),
  purpose: localId,
  ticket: z.string().max(120).nullable(),
  memberLists: memberLists.optional(),
  windows: z
    .array(z.strictObject({ from: instant, to: instant }))
    .min(1)
    .max(100)
    .optional(),
  recurrence: recurrence.omit({ zoneDatabase: true, calendar: true }).extend({ until: instant }).optional(),
  dormant: dormancy.optional(),
  standingApproval: grantId.optional(),
  passphrase,
});
const delegationBody = z.strictObject({
  delegates: z.array(subjectRef).min(1).max(100),
  resources: z.array(resourceRef).min(1).max(100).optional(),
  actions: z.array(actionName).min(1).max(64).optional(),
  windows: z
    .array(z.strictObject({ from: instant, to: instant }))
    .min(1)
    .max(100)
    .optional(),
  uses: z.number().int().min(1).max(1_000_000).optional(),
  reason: z.string().min(1).max(500),
  passphrase,
});
/** The browser's form: the same wish, of one machine and one window. */
const wishForm = z.strictObject({
  agreementId,
  resource: text,
  actions: text,
  purpose: localId,
  ticket: z.string().max(120),
  from: z.string().max(30),
  to: z.string().max(30),
  passphrase,
  formToken,
});

interface GrantParts {
  readonly over: HandOver;
  readonly soon: () => void;
  readonly passkeys: PasskeyDesk;
  readonly attempts: Attempts;
}

/** Reading, asking for, approving and denying grants. Every page is made from a document that was verified here. */
export function grantRoutes(app: FastifyInstance, agent: Agent, { over, soon, passkeys, attempts }: GrantParts): void {
  delegationRoute(app, agent, soon, attempts);
  approveRoute(app, agent, passkeys, attempts);
  standingApprovalRoutes(app, agent, attempts);
  app.get('/grants/new', { config: people('holder') }, (request, reply) =>
    sendPage(request, reply, agent, 'Ask for access', askPage(sessionOf(request), allInForce(agent))),
  );
  app.get('/grants/:id', { config: EVERYBODY }, async (request, reply) => {
    const held = await read(agent, request);
    const signs = held.allowed && wantsPage(request) && mayApprove(agent, sessionOf(request), held.value).allowed;
    const asked = signs && { document: held.value.grant.document, digest: held.value.digest };
    return show(agent, request, reply, held, asked ? passkeys.ask(sessionOf(request), asked) : undefined);
  });
  app.post('/grants', { config: people('holder') }, async (request, reply) => {
    const wish = wishOf(request.body);
    if (!wish.allowed) return sendRefusal(request, reply, agent, wish.refusal);
    const asked = await requestGrant(agent, sessionOf(request), wish.value, wish.value.passphrase, attempts);
    if (asked.allowed) {
      // A verdict of this company may be what the grant waits for.
      soon();
      reply.status(201);
    }
    return show(agent, request, reply, asked);
  });
  app.post('/grants/:id/deny', { config: people('approver') }, async (request, reply) => {
    const [id, body] = [idOf(request), denyBody.safeParse(request.body)];
    if (!id || !body.success) return sendRefusal(request, reply, agent, malformed(body));
    const { formToken: _, ...said } = body.data;
    const denied = await denyGrant(agent, sessionOf(request), { id, ...said });
    if (denied.allowed && denied.value.cut) over.add(denied.value.cut.act);
    return sendDecision(request, reply, agent, denied, {
      json: ({ cut }) => ({ denied: true, ...(cut && { revoked: cut.act }) }),
      page: () => sendPage(request, reply, agent, 'Denied', html`<p><a href="/">To the inbox</a></p>`),
    });
  });
}

/** A yes, signed by the person's key file or passkey. */
function approveRoute(app: FastifyInstance, agent: Agent, passkeys: PasskeyDesk, attempts: Attempts): void {
  app.post('/grants/:id/approve', { config: people('approver') }, async (request, reply) => {
    const [id, body] = [idOf(request), approveBody.safeParse(request.body)];
    if (!id || !body.success) return sendRefusal(request, reply, agent, malformed(body));
    const session = sessionOf(request);
    const sign = signsBy({ agent, passkeys, attempts }, session, body.data);
    return show(agent, request, reply, await approveGrant(agent, session, { id, digest: body.data.digest, sign }));
  });
}

/** Handing on what a person holds. */
function delegationRoute(app: FastifyInstance, agent: Agent, soon: () => void, attempts: Attempts): void {
  app.post('/grants/:id/delegations', { config: people('holder') }, async (request, reply) => {
    const [id, body] = [idOf(request), delegationBody.safeParse(request.body)];
    if (!id || !body.success) return sendRefusal(request, reply, agent, malformed(body));
    const { passphrase: typed, ...wish } = body.data;
    const given = await delegateGrant(agent, sessionOf(request), id, wish, typed, attempts);
    if (given.allowed) {
      soon();
      reply.status(201);
    }
    return show(agent, request, reply, given);
  });
}

async function read(agent: Agent, request: FastifyRequest): Promise<Decision<HeldGrant>> {
  const id = idOf(request);
  return id ? readGrant(agent, id) : refuse('malformed', { clause: 'id' });
}

const idOf = (request: FastifyRequest) => grantId.safeParse((request.params as { id?: unknown }).id).data;

function wishOf(input: unknown): Decision<GrantWish & { passphrase: string }> {
  const isForm = typeof input === 'object' && input !== null && 'formToken' in input;
  if (!isForm) {
    const body = wishBody.safeParse(input);
    if (!body.success) return refuse('malformed', malformed(body));
    const { subjects, windows, recurrence: recurring, ...rest } = body.data;
    return allow({
      ...rest,
      ...(subjects && { subjects }),
      ...(windows && { windows }),
      ...(recurring && { recurrence: recurring }),
    });
  }
  const form = wishForm.safeParse(input);
  if (!form.success) return refuse('malformed', malformed(form));
  const { resource, actions, ticket, from, to, purpose, passphrase: typed, agreementId: agreement } = form.data;
  const slash = resource.indexOf('/');
  const [owner, id] = [parseOrganisationId(resource.slice(0, slash)), parseLocalId(resource.slice(slash + 1))];
  const services = actions.split(',').map((action) => parseAction(action.trim()));
  const window = { from: Date.parse(`${from}Z`), to: Date.parse(`${to}Z`) };
  if (!owner || !id || services.some((one) => one === undefined) || Number.isNaN(window.from + window.to)) {
    return refuse('malformed', { clause: 'form' });
  }
  return allow({
    agreementId: agreement,
    kind: 'remote-service',
    resources: [{ owner, id }],
    actions: services.filter((one) => one !== undefined),
    purpose,
    ticket: ticket === '' ? null : ticket,
    windows: [window],
    passphrase: typed,
  });
}
