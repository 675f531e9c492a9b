import { actTarget, agreementId, narrowingParts, signedAct, text } from '@interlock/contracts';
import { type ActTarget, allow, type Decision, PARTS, refuse } from '@interlock/domain';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Cut, type CutWish, cut, takeAct } from '../acts/cut.js';
import type { HandOver } from '../acts/hand-over.js';
import type { Agent } from '../agent.js';
import { allInForce } from '../agreements/agreements.js';
import { cutPage } from '../pages/ask-page.js';
import { html } from '../pages/html.js';
import { facts } from '../pages/page.js';
import { people, sendDecision, sendPage, sendRefusal } from './door.js';
import { malformed, sessionOf } from './grant-reply.js';

const cutBody = z.strictObject({
  verb: z.enum(['suspend', 'narrow', 'revoke']),
  agreementId,
  target: actTarget,
  reason: text.min(1),
  narrows: z.strictObject(narrowingParts).optional(),
  without: z
    .array(z.strictObject({ part: z.enum(PARTS), name: z.string().min(1).max(600) }))
    .max(1_000)
    .optional(),
});
const cutForm = z.strictObject({
  verb: z.enum(['suspend', 'narrow', 'revoke']),
  agreementId,
  kind: z.string().max(20),
  id: z.string().max(600),
  reason: text.min(1),
  formToken: z.string().max(100),
});
const handInBody = z.strictObject({ act: signedAct });

/** Taking rights away, and acts that were signed with the offline keys. */
export function actRoutes(app: FastifyInstance, agent: Agent, over: HandOver): void {
  app.get('/cut', { config: people('architect') }, (request, reply) =>
    sendPage(request, reply, agent, 'Cut', cutPage(sessionOf(request), allInForce(agent))),
  );
  app.post('/acts', { config: people('architect') }, async (request, reply) => {
    const wish = wishOf(request.body);
    if (!wish.allowed) return sendRefusal(request, reply, agent, wish.refusal);
    return showAct(agent, request, reply, over, await cut(agent, wish.value));
  });
  app.post('/acts/hand-in', { config: people('architect') }, async (request, reply) => {
    const body = handInBody.safeParse(request.body);
    if (!body.success) return sendRefusal(request, reply, agent, malformed(body));
    // Its own signatures make it count; the role only keeps others from filling the journal.
    return showAct(agent, request, reply, over, await takeAct(agent, body.data.act));
  });
}

function showAct(
  agent: Agent,
  request: FastifyRequest,
  reply: FastifyReply,
  over: HandOver,
  done: Decision<Cut>,
): FastifyReply {
  // The broker is told without waiting for it: the answer, which the hand carries to the gateway, must not hang on it.
  if (done.allowed) over.add(done.value.act);
  return sendDecision(request, reply, agent, done, {
    json: (value) => value,
    page: ({ act: { document } }) =>
      sendPage(
        request,
        reply,
        agent,
        'It is signed',
        html`${facts([
          { label: 'Act', text: `${document.verb} ${document.target.kind} ${document.target.id}` },
          { label: 'Agreement', text: document.agreementId },
          { label: 'Reason', text: document.reason },
        ])}<p>Every beat of this agent names it from now on.</p>`,
      ),
  });
}

function wishOf(input: unknown): Decision<CutWish> {
  const isForm = typeof input === 'object' && input !== null && 'formToken' in input;
  const read = isForm ? formWish(input) : cutBody.safeParse(input).data;
  return read ? allow(read) : refuse('malformed', { clause: 'act' });
}

function formWish(input: object): CutWish | undefined {
  const form = cutForm.safeParse(input).data;
  if (!form) return undefined;
  const { kind, id, verb, reason } = form;
  if (verb === 'narrow') {
    const target = { kind: 'agreement' as const, id: form.agreementId };
    return cutBody.safeParse({ verb, agreementId: target.id, target, reason, without: [{ part: kind, name: id }] })
      .data;
  }
  const named: unknown = { kind, id: kind === 'agreement' && id === '' ? form.agreementId : id };
  const aimed: ActTarget | undefined = actTarget.safeParse(named).data;
  return aimed && { verb, agreementId: form.agreementId, target: aimed, reason };
}
