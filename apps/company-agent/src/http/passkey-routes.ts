import { readPasskeys } from '@interlock/company-side';
import type { Thumbprint } from '@interlock/domain';
import { thumbprintOf } from '@interlock/proof';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Agent } from '../agent.js';
import { PASSKEY_SCRIPT, passkeyPage } from '../pages/passkey-page.js';
import type { PasskeyDesk } from '../passkeys/passkey-desk.js';
import { anyone, people, sendPage, sendRefusal, withScript } from './door.js';
import { malformed, sessionOf } from './grant-reply.js';
import { passkeyAnswer } from './passkey-answer.js';

const body = z.strictObject({ ...passkeyAnswer, formToken: z.string().max(100) });

/** An approver's own passkeys. Adding one gives it no power: the company's offline key does. */
export function passkeyRoutes(app: FastifyInstance, agent: Agent, desk: PasskeyDesk): void {
  app.get('/passkey.js', { config: anyone('it holds no secret') }, (_request, reply) =>
    reply.type('text/javascript').send(PASSKEY_SCRIPT),
  );
  app.get('/passkeys', { config: people('approver') }, async (request, reply) => {
    const session = sessionOf(request);
    const certified = new Set(agent.company().certificates.map(({ document }) => thumbprintOf(document.key)));
    const own = readPasskeys(agent.dir, session.person.id);
    const stateOf = (kid: Thumbprint) =>
      !certified.has(kid) ? 'not certified' : agent.publishedKeys.has(kid) ? 'signs' : 'being published';
    const passkeys = own.map((one) => ({ ...one, state: stateOf(thumbprintOf(one.key)) }) as const);
    const page = passkeyPage(session, passkeys, await desk.enrol(session), agent.timeZone);
    return sendPage(request, withScript(reply), agent, 'Passkeys', page);
  });
  app.post('/passkeys', { config: people('approver') }, async (request, reply) => {
    const read = body.safeParse(request.body);
    if (!read.success) return sendRefusal(request, reply, agent, malformed(read));
    const added = await desk.enrolled(sessionOf(request), read.data.attempt, read.data.answer);
    return added.allowed ? reply.redirect('/passkeys', 303) : sendRefusal(request, reply, agent, added.refusal);
  });
}
