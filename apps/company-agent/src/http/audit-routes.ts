import { agreementId, auditFilter, count } from '@interlock/contracts';
import { type Decision, refuse } from '@interlock/domain';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Agent } from '../agent.js';
import { allInForce } from '../agreements/agreements.js';
import { askLog } from '../audit/ask-log.js';
import type { CheckedAnswer } from '../audit/check-answer.js';
import { auditPage, auditRows, recordPage } from '../pages/audit-page.js';
import { empty, ROWS } from '../pages/page.js';
import { people, sendDecision, sendPage, sendRefusal } from './door.js';
import { malformed } from './grant-reply.js';

/** A question as a form sends it: words, each once; fields that were left empty say nothing. */
const asText = z
  .record(z.string(), z.string())
  .transform((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')))
  .catch({});
const NO_LOG = 'There is no agreement in force, so there is no log yet.';
const placeInLog = z.strictObject({ log: agreementId, index: z.coerce.number().pipe(count) });

/** Questions to the log of an agreement. What the broker answers is verified here before anybody sees it. */
export function auditRoutes(app: FastifyInstance, agent: Agent): void {
  app.get('/api/audit', { config: people('auditor') }, async (request, reply) => {
    const answer = await ask(agent, request.query as Record<string, unknown>);
    return answer.allowed ? reply.send(answer.value) : sendRefusal(request, reply, agent, answer.refusal);
  });
  app.get('/audit', { config: people('auditor') }, async (request, reply) => {
    const asked = asText.parse(request.query);
    const answer = asked.log === undefined ? undefined : await ask(agent, { limit: String(ROWS), ...asked });
    if (answer && !answer.allowed) return sendRefusal(request, reply, agent, answer.refusal);
    const logs = allInForce(agent);
    const before = logs.length === 0 ? NO_LOG : 'Choose a log, and what you look for in it.';
    const shown = answer ? auditRows(answer.value, asked, agent.timeZone) : empty(before);
    return sendPage(request, reply, agent, 'Audit', logs.length === 0 ? shown : auditPage(logs, asked, shown));
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

async function ask(agent: Agent, query: Readonly<Record<string, unknown>>): Promise<Decision<CheckedAnswer>> {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  const filter = auditFilter.safeParse(Object.fromEntries(given));
  return filter.success ? askLog(agent, filter.data) : refuse('malformed', malformed(filter));
}
