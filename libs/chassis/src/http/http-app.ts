import { inexactJson } from '@interlock/contracts';
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../log/logger.js';
import { AccessGuard, nobodyIsVerified } from './access.guard.js';
import type { CallerVerifier } from './caller.js';
import { checkRoutes } from './check-routes.js';
import { ProblemFilter } from './problem.filter.js';
import { Malformed, type Noes, toProblem } from './problem.js';
import { Refused } from './refused.js';

/** Enough for any document we take at a route that does not say otherwise. Bytes. */
const BODY_LIMIT = 64 * 1024;
const REQUEST_TIMEOUT_MS = 15_000;

/** What the edge of a service needs from the app. */
export interface HttpEdge extends Noes {
  /** Absent: the app serves nobody but `anyone`. */
  readonly verifyCaller?: CallerVerifier;
  /** Largest request body. Bytes; checked before anybody is authenticated. */
  readonly bodyLimit?: number;
}

/** The HTTP server with its limits, which hold before any code of ours sees a request. `origin`: where the pages of its codes are. */
export const fastifyWithLimits = (bodyLimit = BODY_LIMIT, origin?: string): FastifyAdapter =>
  new FastifyAdapter({
    bodyLimit,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: 256 },
    // A forwarded address is a claim of the caller.
    trustProxy: false,
    logger: false,
    // What fails before a route is found never reaches Nest's filter.
    frameworkErrors: (thrown: unknown, _request: FastifyRequest, reply: FastifyReply) => {
      const problem = toProblem(thrown, { refusals: {}, origin });
      void reply.code(problem.status).type('application/problem+json').send(problem);
    },
  });

/** What two readers could read differently is refused before anybody reads it, whoever sent it. */
function refuseInexactJson(app: NestFastifyApplication, noes: Noes): void {
  const server = app.getHttpAdapter().getInstance();
  server.addHook('preHandler', (request: FastifyRequest & { rawBody?: Buffer }, reply: FastifyReply, done) => {
    const isJson = /^application\/(?:[\w.-]+\+)?json\b/i.test(request.headers['content-type'] ?? '');
    const code = isJson && request.rawBody ? inexactJson(request.rawBody.toString('utf8')) : undefined;
    if (!code) return done();
    const problem = toProblem(new Refused({ code }), noes);
    void reply.code(problem.status).type('application/problem+json').send(problem);
  });
}

/** Guards, pipes and filter in their order, and the walk over all routes. Throws `StartError` for a wrong route. */
export function installEdge(app: NestFastifyApplication, edge: HttpEdge | undefined, log: Log): void {
  const noes = edge ?? { refusals: {} };
  refuseInexactJson(app, noes);
  app.useGlobalFilters(new ProblemFilter(noes, log));
  app.useGlobalGuards(new AccessGuard(edge?.verifyCaller ?? nobodyIsVerified));
  app.useGlobalPipes(
    new StandardSchemaValidationPipe({
      exceptionFactory: (issues) =>
        new Malformed(
          issues.slice(0, 20).map((issue) => {
            const place = (issue.path ?? [])
              .map((part) => String(typeof part === 'object' ? part.key : part))
              .join('.');
            return place ? `${place}: ${issue.message}` : issue.message;
          }),
        ),
    }),
  );
  checkRoutes(app.get(DiscoveryService, { strict: false }));
}
