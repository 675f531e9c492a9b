import { parseTraceparent, traceparentOf } from '@interlock/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { inTrace, type Span, type Tracer } from './trace.js';

/**
 * Makes each HTTP request one span: of the caller's trace where it names one (W3C Trace Context), else of a new one. The answer's
 * `traceresponse` says which, so that whoever has a complaint can name it.
 */
export function traceRequests(server: FastifyInstance, tracer: Tracer): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  server.addHook('onRequest', (request, reply, done) => {
    const span = tracer.start({
      name: `${request.method} ${request.routeOptions.url ?? 'none'}`,
      kind: 'server',
      parent: parseTraceparent(request.headers.traceparent),
    });
    spans.set(request, span);
    void reply.header('traceresponse', traceparentOf(span.context));
    inTrace(span.context, done);
  });
  // Again: a body that came in pieces is handed over by the socket's own turn, which belongs to no trace.
  server.addHook('preValidation', (request, _reply, done) => {
    const span = spans.get(request);
    if (span) inTrace(span.context, done);
    else done();
  });
  server.addHook('onResponse', async (request, reply) => {
    spans.get(request)?.end({
      failed: reply.statusCode >= 500,
      attributes: { 'http.request.method': request.method, 'http.response.status_code': reply.statusCode },
    });
  });
}
