import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.js';

/** Times every request by the pattern of its route; what no route takes is one row, so that a stranger cannot make rows. */
export function timeRequests(server: FastifyInstance, metrics: Metrics): void {
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const labels = { method: request.method, route, status: String(reply.statusCode) };
    metrics.took('httpRequests', labels, reply.elapsedTime / 1_000);
  });
}
