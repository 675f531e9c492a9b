import { instant, localId, organisationId } from '@interlock/contracts';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Agent } from '../agent.js';
import { allInForce } from '../agreements/agreements.js';
import { type Reached, reachOf } from '../grants/who-can-reach.js';
import { type ReachQuestion, reachPage } from '../pages/reach-page.js';
import { rowsFrom } from './agreement-routes.js';
import { people, sendDecision, sendPage, sendRefusal, wantsPage } from './door.js';
import { malformed } from './grant-reply.js';

const question = z.strictObject({ owner: organisationId, id: localId, at: z.coerce.number().pipe(instant) });

const form = z.strictObject({
  machine: z.string().max(200).optional(),
  time: z.string().max(40).optional(),
  from: z.string().max(20).optional(),
});

/** Who can reach a machine, for people of this company. */
export function reachRoutes(app: FastifyInstance, agent: Agent): void {
  app.get('/reach', { config: people('architect', 'approver', 'auditor', 'holder') }, async (request, reply) => {
    const given = wantsPage(request) ? questionOfForm(agent, request.query) : request.query;
    const show = (asked?: ReachQuestion, found?: Reached) =>
      sendPage(request, reply, agent, 'Who can reach', reachPage(allInForce(agent), asked, found, agent.timeZone));
    if (given === undefined) return show();
    const asked = question.safeParse(given);
    if (!asked.success) return sendRefusal(request, reply, agent, malformed(asked));
    const { owner, id, at } = asked.data;
    const found = await reachOf(agent, { owner, id }, at);
    return sendDecision(request, reply, agent, found, {
      json: (value) => value,
      page: (value) => show({ ...asked.data, ...rowsFrom.parse(request.query) }, value),
    });
  });
}

/** The question as the page asks it; undefined before one was asked. */
function questionOfForm(agent: Agent, query: unknown): object | undefined {
  const { machine, time } = form.safeParse(query).data ?? {};
  if (machine === undefined) return undefined;
  const slash = machine.indexOf('/');
  const at = time ? Date.parse(`${time}Z`) : agent.now();
  return { owner: machine.slice(0, slash), id: machine.slice(slash + 1), at };
}
