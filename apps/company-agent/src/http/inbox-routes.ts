import { allow, type Decision } from '@interlock/domain';
import type { FastifyInstance } from 'fastify';
import type { Agent } from '../agent.js';
import { listAgreements } from '../agreements/agreements.js';
import { type OwedReviews, owedReviews } from '../audit/owed-reviews.js';
import type { GrantView } from '../broker/broker-api.js';
import { mayApprove } from '../grants/approve-grant.js';
import type { HeldGrant } from '../grants/held-grant.js';
import { holdGrant } from '../grants/read-grant.js';
import type { Session } from '../login/sessions.js';
import { grantRows, inboxPage, type WaitsFor } from '../pages/inbox-page.js';
import { ROWS } from '../pages/page.js';
import { STYLE } from '../pages/style.js';
import { agreementJson, agreementRoutes, rowsFrom } from './agreement-routes.js';
import { anyone, EVERYBODY, sendPage, sendRefusal, wantsPage } from './door.js';
import { sessionOf } from './grant-reply.js';

/** What waits for this company, and its grants and agreements. */
export function inboxRoutes(app: FastifyInstance, agent: Agent): void {
  app.get('/style.css', { config: anyone('it holds no secret') }, (_request, reply) =>
    reply.type('text/css').send(STYLE),
  );
  app.get('/', { config: EVERYBODY }, async (request, reply) => {
    const session = sessionOf(request);
    const [agreements, asked] = [await listAgreements(agent), await listGrants(agent, 'asked')];
    if (!agreements.allowed) return sendRefusal(request, reply, agent, agreements.refusal);
    if (!asked.allowed) return sendRefusal(request, reply, agent, asked.refusal);
    const waiting = agreements.value.filter(({ verified }) => !verified.allowed);
    const reviews = await reviewsFor(agent, session);
    if (wantsPage(request)) {
      const { from } = rowsFrom.parse(request.query);
      const { held, notShown } = await holdSome(agent, asked.value.slice(from, from + ROWS));
      const grants = { held, notShown, from, of: asked.value.length };
      const waitsFor = (one: HeldGrant) => nextOf(agent, session, one);
      return sendPage(request, reply, agent, 'Inbox', inboxPage(agent.timeZone, waiting, grants, reviews, waitsFor));
    }
    const { held } = await holdSome(agent, asked.value);
    return reply.send({
      person: personJson(session),
      agreements: waiting.map(agreementJson(agent)),
      grants: held.map((one) => ({ ...grantJson(one), mine: mayApprove(agent, session, one).allowed })),
      reviews: reviews.owed.map((one) => ({ ...one, mine: one.activatedBy !== session.person.id })),
      reviewsUnread: reviews.unread,
    });
  });
  app.get('/grants', { config: EVERYBODY }, async (request, reply) => {
    const listed = await listGrants(agent);
    if (!listed.allowed) return sendRefusal(request, reply, agent, listed.refusal);
    if (!wantsPage(request)) return reply.send({ grants: (await holdSome(agent, listed.value)).held.map(grantJson) });
    const { from } = rowsFrom.parse(request.query);
    const { held, notShown } = await holdSome(agent, listed.value.slice(from, from + ROWS));
    const grants = { held, notShown, from, of: listed.value.length };
    return sendPage(request, reply, agent, 'Grants', grantRows(agent.timeZone, grants));
  });
  agreementRoutes(app, agent);
}

const personJson = ({ person: { id, groups }, capacities }: Session) => ({
  id,
  groups,
  roles: capacities.filter((one) => one !== 'holder'),
});

const NOTHING_OWED: OwedReviews = { owed: [], unread: [] };

/** Who may see what was open may see what of it is to be looked at. */
const reviewsFor = async (agent: Agent, { capacities }: Session): Promise<OwedReviews> =>
  capacities.some((one) => one === 'approver' || one === 'architect' || one === 'auditor')
    ? owedReviews(agent)
    : NOTHING_OWED;

function nextOf(agent: Agent, session: Session, held: HeldGrant): WaitsFor {
  if (held.owner !== agent.organisation) return 'the partner';
  return mayApprove(agent, session, held).allowed ? 'you' : 'your company';
}

/** What the broker lists, the newest first. Nothing of it is verified yet. */
async function listGrants(agent: Agent, status?: HeldGrant['status']): Promise<Decision<readonly GrantView[]>> {
  const listed = await agent.broker.grants();
  if (!listed.allowed) return listed;
  const wanted = listed.value.grants.filter((one) => status === undefined || one.status === status);
  return allow(wanted.sort((a, b) => b.grant.document.issuedAt - a.grant.document.issuedAt));
}

/** Those of them that hold as far as they are signed. What does not verify is not shown as something to decide on. */
async function holdSome(agent: Agent, views: readonly GrantView[]): Promise<{ held: HeldGrant[]; notShown: number }> {
  const held: HeldGrant[] = [];
  for (const view of views) {
    const one = await holdGrant(agent, view, view.status);
    if (one.allowed) held.push(one.value);
  }
  return { held, notShown: views.length - held.length };
}

const grantJson = ({ id, digest, owner, subjectSide, complete, status, grant: { document } }: HeldGrant) => ({
  ...{ id, digest, owner, subjectSide, complete, status, kind: document.kind },
  subjects: document.subjects,
  resources: document.resources,
  actions: document.actions,
  windows: document.windows,
});
