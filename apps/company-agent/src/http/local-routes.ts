import { agreementId, holderRef } from '@interlock/contracts';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Agent } from '../agent.js';
import type { MakeBeat } from '../beat/make-beat.js';
import { countAttempts } from '../login/attempts.js';
import { anyone, sendRefusal } from './door.js';
import { malformed } from './grant-reply.js';

const beatBody = z.strictObject({ agreementId, receiver: holderRef, nonce: z.string().min(16).max(64).nullable() });

/**
 * What a gateway may ask directly when the broker is not there. A beat names digests only, is made for one receiver, and is worth
 * nothing anywhere else, so whoever knows the agreement's id may carry one.
 */
export function localRoutes(app: FastifyInstance, agent: Agent, makeBeat: MakeBeat): void {
  const attempts = countAttempts(600, 60_000);
  app.get('/healthz', { config: anyone('it says only that the process answers') }, (_request, reply) =>
    reply.send({ organisation: agent.organisation, ok: true }),
  );
  app.post('/local/beats', { config: anyone('a beat is for its receiver alone') }, async (request, reply) => {
    if (!attempts.mayTry(request.ip, agent.now())) return sendRefusal(request, reply, agent, { code: 'rate_limited' });
    const body = beatBody.safeParse(request.body);
    if (!body.success) return sendRefusal(request, reply, agent, malformed(body));
    const made = await makeBeat(body.data);
    return made.allowed ? reply.send(made.value) : sendRefusal(request, reply, agent, made.refusal);
  });
}
