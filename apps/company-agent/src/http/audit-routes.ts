import { auditFilter } from '@interlock/contracts';
import { allow, type Decision, fitsFilter, refuse } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Agent } from '../agent.js';
import { allInForce } from '../agreements/agreements.js';
import { type CheckedAnswer, checkAnswer, readerOf } from '../audit/check-answer.js';
import { auditPage, auditRows } from '../pages/audit-page.js';
import { html } from '../pages/html.js';
import { people, sendPage, sendRefusal } from './door.js';
import { malformed } from './grant-routes.js';

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
}

async function ask(agent: Agent, request: FastifyRequest): Promise<Decision<CheckedAnswer>> {
  const given = Object.entries(request.query as Record<string, unknown>).filter(([, value]) => value !== '');
  const filter = auditFilter.safeParse(Object.fromEntries(given));
  if (!filter.success) return refuse('malformed', malformed(filter));
  const reader = await readerOf(agent, filter.data.log);
  if (!reader.allowed) return reader;
  // A busy log has always a newer tree that is not cosigned yet; what is shown is what was cosigned as agreed.
  const size =
    filter.data.treeSize === undefined
      ? await agent.broker.cosignedSize(filter.data.log, reader.value.cosigners)
      : allow(filter.data.treeSize);
  if (!size.allowed) return size;
  if (size.value === 0) return allow({ size: 0, rows: [], cosigned: [], sameAsSeen: SAME, next: null });
  const asked = { ...filter.data, treeSize: size.value };
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) words.set(name, String(value));
  const answer = await agent.broker.audit(words);
  if (!answer.allowed) return answer;
  // An answer to another question would be true and still mislead, and so would true rows that do not fit it.
  const same = digestOf(answer.value.filter) === digestOf(asked);
  if (!same || !answer.value.rows.every(({ record }) => fitsFilter(record, asked)))
    return refuse('evidence_rejected', { clause: 'filter' });
  return checkAnswer(agent, answer.value, reader.value);
}
const SAME = 'older than what was seen' as const;
