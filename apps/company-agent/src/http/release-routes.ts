import { agreementId, instant, text } from '@interlock/contracts';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { releasePage, wordsPage } from '../pages/release-page.js';
import { askRelease, heldThere, signRelease } from '../releases/release-held.js';
import { people, sendDecision, sendPage, sendRefusal, wantsPage, withScript } from './door.js';
import { malformed, sessionOf } from './grant-reply.js';
import { signedYes, signsBy, type YesParts } from './signed-yes.js';

const name = z.strictObject({ log: agreementId, id: z.string().min(1).max(100) });
const reason = text.min(1);
const words = z.strictObject({ reason });
const body = signedYes({ reason, issuedAt: z.coerce.number().pipe(instant) });

/** Letting go on what a gateway holds back: one person's signature over a document made from the verified record, given as a file for the gateway. */
export function releaseRoutes(app: FastifyInstance, parts: YesParts): void {
  const { agent, passkeys } = parts;
  app.get('/releases/:log/:id', { config: people('approver') }, async (request, reply) => {
    const [held, said] = [name.safeParse(request.params), words.safeParse(request.query)];
    if (!held.success) return sendRefusal(request, reply, agent, malformed(held));
    const session = sessionOf(request);
    if (!said.success && wantsPage(request)) {
      const there = await heldThere(agent, session, held.data);
      if (!there.allowed) return sendRefusal(request, reply, agent, there.refusal);
      return sendPage(request, reply, agent, TITLE, wordsPage(there.value, agent.timeZone));
    }
    if (!said.success) return sendRefusal(request, reply, agent, malformed(said));
    const asked = await askRelease(agent, session, held.data, { ...said.data, issuedAt: Math.floor(agent.now()) });
    if (!asked.allowed) return sendRefusal(request, reply, agent, asked.refusal);
    // From here on this session may sign it: what is marked as shown is exactly what the next lines render.
    session.shown.add(asked.value.digest);
    const { digest, document, takes } = asked.value;
    if (!wantsPage(request)) return reply.send({ digest, takes, release: document });
    const passkey = passkeys.ask(session, { document, digest });
    if (passkey) withScript(reply);
    return sendPage(request, reply, agent, TITLE, releasePage(session, asked.value, agent.timeZone, passkey));
  });
  app.post('/releases/:log/:id', { config: people('approver') }, async (request, reply) => {
    const [held, said] = [name.safeParse(request.params), body.safeParse(request.body)];
    if (!held.success || !said.success)
      return sendRefusal(request, reply, agent, malformed(held.success ? said : held));
    const session = sessionOf(request);
    const { digest, reason: why, issuedAt } = said.data;
    const sign = signsBy(parts, session, said.data);
    const signed = await signRelease(agent, session, held.data, { digest, reason: why, issuedAt, sign });
    return sendDecision(request, reply, agent, signed, {
      json: (value) => value,
      page: (value) => reply.header('content-disposition', 'attachment; filename="release.json"').send(value),
    });
  });
}

const TITLE = 'Let what is held go on';
