import type { Clock } from '@interlock/chassis';
import { problemType, REFUSALS } from '@interlock/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RateLimit } from '../callers/rate-limit.js';

/** The routes for which nobody proves who he is and which ask another service. */
const FOR_STRANGERS = '/v1/entities';

export const isForStrangers = (request: FastifyRequest): boolean =>
  request.routeOptions.url?.startsWith(FOR_STRANGERS) === true;

interface StrangersLimit {
  readonly perSecond: number;
  readonly origin: string;
}

/** Limits what anyone may ask, before the body is read, and tells everybody who is limited when to come again. */
export function limitStrangers(server: FastifyInstance, clock: Clock, { perSecond, origin }: StrangersLimit): void {
  const limit = new RateLimit(perSecond, 3 * perSecond);
  server.addHook('onRequest', async (request, reply) => {
    if (!isForStrangers(request) || limit.take(request.ip, clock.monotonic())) return;
    const { status, title } = REFUSALS.rate_limited;
    const problem = { type: problemType(origin, 'rate_limited'), title, status, code: 'rate_limited' };
    await reply.code(status).type('application/problem+json').send(problem);
  });
  server.addHook('onSend', async (_request, reply) => {
    if (reply.statusCode === REFUSALS.rate_limited.status) reply.header('retry-after', '1');
  });
}
