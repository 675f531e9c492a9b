import { auditFilter } from '@interlock/contracts';
import { type Decision, refuse } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Agent } from '../agent.js';
import { allInForce } from '../agreements/agreements.js';
import { type CheckedAnswer, checkAnswer } from '../audit/check-answer.js';
import { auditPage, auditRows } from '../pages/audit-page.js';
import { html } from '../pages/html.js';
import { person, sendPage, sendRefusal } from './door.js';
import { malformed } from './grant-routes.js';

/** Questions to the log of an agreement. What the broker answers is verified here before anybody sees it. */
export function auditRoutes(app: FastifyInstance, agent: Agent): void {
  app.get('/api/audit', { config: person }, async (request, reply) => {
    const answer = await ask(agent, request);
    return answer.allowed ? reply.send(answer.value) : sendRefusal(request, reply, agent, answer.refusal);
  });
  app.get('/audit', { config: person }, async (request, reply) => {
    const { log } = request.query as { log?: string };
    const answer = log === undefined ? undefined : await ask(agent, request);
    if (answer && !answer.allowed) return sendRefusal(request, reply, agent, answer.refusal);
    const shown = answer ? auditRows(answer.value, agent.timeZone) : html`<p>Choose a log.</p>`;
    return sendPage(request, reply, agent, 'Audit', auditPage(allInForce(agent), log ?? '', shown));
  });
}

async function ask(agent: Agent, request: FastifyRequest): Promise<Decision<CheckedAnswer>> {
  const given = Object.entries(request.query as Record<string, unknown>).filter(([, value]) => value !== '');
  const filter = auditFilter.safeParse(Object.fromEntries(given));
  if (!filter.success) return refuse('malformed', malformed(filter));
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(filter.data)) if (value !== undefined) words.set(name, String(value));
  const answer = await agent.broker.audit(words);
  if (!answer.allowed) return answer;
  // An answer to another question would be true and still mislead.
  const same = digestOf(answer.value.filter) === digestOf(filter.data);
  return same ? checkAnswer(agent, answer.value) : refuse('evidence_rejected', { clause: 'filter' });
}
