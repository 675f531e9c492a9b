import type { AddressInfo } from 'node:net';
import { readConfig } from '@interlock/contracts';
import fastify, { type FastifyError, type FastifyReply } from 'fastify';
import { z } from 'zod';
import type { StartRole } from '../running-role.js';
import { adviseOn, FEWEST_STROKES, MOST_STROKES } from './advise.js';

const SETTINGS = {
  ANALYTICS_HOST: z.string().default('127.0.0.1'),
  /** 0 takes a free port; the ready line names it. */
  ANALYTICS_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
};

const AdviceRequest = z.strictObject({
  machine: z.string().min(1).max(128),
  readings: z
    .array(
      z.strictObject({
        at: z.iso.datetime({ offset: true }),
        force: z.number().min(0).max(1_000_000),
        temperature: z.number().min(-273.15).max(10_000),
      }),
    )
    .min(FEWEST_STROKES)
    .max(MOST_STROKES),
});

const LONGEST_BODY = 512 * 1024;
const LONGEST_REQUEST_MS = 10_000;
const MOST_CONNECTIONS = 64;
const MOST_FAULTS_NAMED = 10;

/** The vendor's small advice service: `POST /v1/advice`, `GET /health`. Keeps nothing between requests. */
export const startAnalytics: StartRole = async (_args, env, log) => {
  const settings = readConfig(SETTINGS, env);
  const app = fastify({
    bodyLimit: LONGEST_BODY,
    requestTimeout: LONGEST_REQUEST_MS,
    connectionTimeout: 2 * LONGEST_REQUEST_MS,
    forceCloseConnections: true,
  });
  app.removeContentTypeParser('text/plain');
  app.server.maxConnections = MOST_CONNECTIONS;
  app.get('/health', () => ({ ok: true }));
  app.post('/v1/advice', (request, reply) => {
    const body = AdviceRequest.safeParse(request.body);
    if (!body.success) return problem(reply, 400, 'The request cannot be used', faultsIn(body.error));
    return adviseOn(body.data.readings);
  });
  app.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE'],
    url: '/v1/advice',
    handler: (_request, reply) => problem(reply.header('allow', 'POST'), 405, 'Use POST with a JSON body'),
  });
  app.setNotFoundHandler((_request, reply) => problem(reply, 404, 'There is POST /v1/advice and GET /health'));
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) log('request failed', { code: error.code ?? error.name });
    return problem(reply, status, status < 500 ? error.message : 'The advice could not be computed');
  });
  await app.listen({ host: settings.ANALYTICS_HOST, port: settings.ANALYTICS_PORT });
  const { port } = app.server.address() as AddressInfo;
  return {
    ready: { port, url: `http://${settings.ANALYTICS_HOST}:${port}` },
    close: () => app.close(),
  };
};

/** RFC 9457. The sentence says what to do; nothing of the request is repeated. */
const problem = (reply: FastifyReply, status: number, title: string, faults: readonly string[] = []) =>
  reply
    .code(status)
    .type('application/problem+json')
    .send({ type: 'about:blank', status, title, ...(faults.length > 0 && { faults }) });

const faultsIn = (error: z.ZodError): string[] =>
  error.issues.slice(0, MOST_FAULTS_NAMED).map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
