import { agreement, instant } from '@interlock/contracts';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Agent } from '../agent.js';
import { simulateDraft } from '../agreements/simulate-draft.js';
import { people, sendRefusal } from './door.js';
import { malformed } from './grant-reply.js';

/** A draft with every machine of a plant in it is longer than what people otherwise send. Bytes. */
const LONGEST_DRAFT = 1024 * 1024;

const question = z.strictObject({ draft: agreement, from: instant });

/** What a draft would change, for those who may cut and those who may read the history. */
export function simulateRoutes(app: FastifyInstance, agent: Agent): void {
  const options = { config: people('architect', 'auditor'), bodyLimit: LONGEST_DRAFT };
  app.post('/simulations', options, async (request, reply) => {
    const asked = question.safeParse(request.body);
    if (!asked.success) return sendRefusal(request, reply, agent, malformed(asked));
    const found = await simulateDraft(agent, asked.data.draft, asked.data.from);
    return found.allowed ? reply.send(found.value) : sendRefusal(request, reply, agent, found.refusal);
  });
}
