import { callerOf } from '@interlock/chassis';
import type { FastifyInstance } from 'fastify';
import { type EdgeCaller } from '../callers/callers.js';
import type { KnownRefused } from '../callers/count-refused.js';
import { isForStrangers } from './limit-strangers.js';

/** Tells of every request that was refused, whatever refused it: by address until somebody has proven who sends it, and by his name from then on. */
export function countRefused(
  server: FastifyInstance,
  tell: { readonly stranger: (address: string) => void; readonly known: (refused: KnownRefused) => void },
): void {
  server.addHook('onResponse', async (request, reply) => {
    const status = reply.statusCode;
    if (status < 400 || status >= 500) return;
    const caller = callerOf(request) as EdgeCaller | undefined;
    if (caller) {
      const route = `${request.method} ${request.routeOptions.url ?? ''}`;
      return tell.known({ organisation: caller.organisation, kind: caller.kind, id: caller.id, route, status });
    }
    // Elsewhere only a company that proved itself is told to wait.
    if (status !== 429 || isForStrangers(request)) tell.stranger(request.ip);
  });
}
