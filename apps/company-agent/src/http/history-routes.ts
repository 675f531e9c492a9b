import type { FastifyInstance } from 'fastify';
import type { Agent } from '../agent.js';
import { people, sendRefusal } from './door.js';
import { sessionOf } from './grant-reply.js';

/** What an auditor may have read in the name of the company. Everything else of the API is for the agent itself. */
const READINGS =
  /^\/v1\/(audit\/(events|checkpoint|consistency|counts)|logs\/agr_[0-9a-z]{26}\/(checkpoint|tile\/[0-9a-z./]+)|agreements(\/agr_[0-9a-z]{26}\/standing)?|entities\/[A-Za-z0-9_-]{43})$/;

/**
 * The history as the broker tells it to this company, for an auditor's own program, which verifies every answer by itself: the bytes go
 * through as they are. Who read what is written down here first.
 */
export function historyRoutes(app: FastifyInstance, agent: Agent): void {
  app.get('/history/*', { config: people('auditor') }, async (request, reply) => {
    const target = request.url.slice('/history'.length);
    if (!READINGS.test(target.split('?', 1)[0] ?? '') || target.includes('..'))
      return sendRefusal(request, reply, agent, { code: 'not_a_party', clause: 'address' });
    const person = sessionOf(request).person.id;
    const noted = await agent.store.note({ kind: 'history', person, target, at: agent.now() });
    if (!noted.allowed) return sendRefusal(request, reply, agent, noted.refusal);
    const answer = await agent.broker.file(target);
    if (!answer.allowed) return sendRefusal(request, reply, agent, answer.refusal);
    return reply.type('application/octet-stream').send(answer.value);
  });
}
