import { instant, localId, organisationId } from '@interlock/contracts';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Agent } from '../agent.js';
import { reachOf } from '../grants/who-can-reach.js';
import { people, sendDecision, sendRefusal } from './door.js';
import { malformed } from './grant-routes.js';

const question = z.strictObject({ owner: organisationId, id: localId, at: z.coerce.number().pipe(instant) });

/** Who can reach a machine, for people of this company. */
export function reachRoutes(app: FastifyInstance, agent: Agent): void {
  app.get('/reach', { config: people('architect', 'approver', 'auditor', 'holder') }, async (request, reply) => {
    const asked = question.safeParse(request.query);
    if (!asked.success) return sendRefusal(request, reply, agent, malformed(asked));
    const { owner, id, at } = asked.data;
    const found = await reachOf(agent, { owner, id }, at);
    return sendDecision(request, reply, agent, found, { json: (value) => value, page: (value) => reply.send(value) });
  });
}
