import { agreementId, auditFilter, count } from '@interlock/contracts';
import { type Decision, refuse } from '@interlock/domain';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Agent } from '../agent.js';
import { allInForce } from '../agreements/agreements.js';
import { askLog } from '../audit/ask-log.js';
import type { CheckedAnswer } from '../audit/check-answer.js';
import { auditPage, auditRows, recordPage } from '../pages/audit-page.js';
import { html } from '../pages/html.js';
import { people, sendDecision, sendPage, sendRefusal } from './door.js';
import { malformed } from './grant-routes.js';

const placeInLog = z.strictObject({ log: agreementId, index: z.coerce.number().pipe(count) });

/** Questions to the log of an agreement. What the broker answers is verified here before anybody sees it. */
export function auditRoutes(app: FastifyInstance, agent: Agent): void {
  app.get('/api/audit', { config: people('auditor') }, async (request, reply) => {
    const answer = await ask(agent, request);
    return answer.allowed ? reply.send(answer.value) : sendRefusal(request, reply, agent, answer.refusal);
  });
  app.get('/audit', { config: people('auditor') }, async (request, reply) => {
    const { log } = request.query as { log?: string };
    const answer = log === undefined ? undefined : await ask(agent, request);
    if (answer && !answer.allowed) return sendRefusal(request, reply, agent, answer.refusal);
    const shown = answer ? auditRows(answer.value, agent.timeZone) : html`<p>Choose a log.</p>`;
    return sendPage(request, reply, agent, 'Audit', auditPage(allInForce(agent), log ?? '', shown));
  });
  app.get('/audit/:log/:index', { config: people('auditor') }, async (request, reply) => {
    const place = placeInLog.safeParse(request.params);
    if (!place.success) return sendRefusal(request, reply, agent, malformed(place));
    const { log, index } = place.data;
    const asked = { log, limit: 1, ...(index > 0 && { after: index - 1 }) };
    const answer = await askLog(agent, auditFilter.parse(asked));
    return sendDecision(request, reply, agent, answer, {
      json: (value) => value,
      page: (value) => sendPage(request, reply, agent, `Record ${index}`, recordPage(value, index, agent.timeZone)),
    });
  });
}

async function ask(agent: Agent, request: FastifyRequest): Promise<Decision<CheckedAnswer>> {
  const given = Object.entries(request.query as Record<string, unknown>).filter(([, value]) => value !== '');
  const filter = auditFilter.safeParse(Object.fromEntries(given));
  return filter.success ? askLog(agent, filter.data) : refuse('malformed', malformed(filter));
}
