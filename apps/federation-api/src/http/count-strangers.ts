import { callerOf } from '@interlock/chassis';
import type { FastifyInstance } from 'fastify';
import { isForStrangers } from './limit-strangers.js';

/** Tells `count` of every request that was refused before anybody had proven who sends it, whatever refused it. */
export function countStrangers(server: FastifyInstance, count: (address: string) => void): void {
  server.addHook('onResponse', async (request, reply) => {
    const status = reply.statusCode;
    if (status < 400 || status >= 500 || callerOf(request)) return;
    // Elsewhere only a company that proved itself is told to wait.
    if (status !== 429 || isForStrangers(request)) count(request.ip);
  });
}
