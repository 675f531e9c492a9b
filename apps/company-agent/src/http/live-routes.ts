import type { FastifyInstance } from 'fastify';
import type { Agent } from '../agent.js';
import { flowWays } from '../audit/flow-ways.js';
import { liveNow } from '../audit/live-now.js';
import { flowsPage } from '../pages/flows-page.js';
import { livePage } from '../pages/live-page.js';
import { people, sendPage, wantsPage } from './door.js';
import { sessionOf } from './grant-reply.js';

/** What is open, what is locked, and where data went: from verified records of the logs, and of nothing else. */
export function liveRoutes(app: FastifyInstance, agent: Agent): void {
  app.get('/live', { config: people('architect', 'approver', 'auditor') }, async (request, reply) => {
    const all = await liveNow(agent);
    if (wantsPage(request))
      return sendPage(request, reply, agent, 'Live', livePage(sessionOf(request), all, agent.timeZone));
    return reply.send({ live: all.map(({ agreement, ...rest }) => ({ agreement: agreement.id, ...rest })) });
  });
  app.get('/flows', { config: people('architect', 'approver', 'auditor') }, async (request, reply) => {
    const all = await flowWays(agent);
    if (wantsPage(request))
      return sendPage(request, reply, agent, 'Data flows', flowsPage(sessionOf(request), all, agent.timeZone));
    return reply.send({ flows: all.map(({ agreement, ...rest }) => ({ agreement: agreement.id, ...rest })) });
  });
}
