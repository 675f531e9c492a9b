import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../log/logger.js';
import { type Noes, toProblem } from './problem.js';

/** Every error of every route leaves through here, as `application/problem+json` (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly noes: Noes,
    private readonly log: Log,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const problem = toProblem(thrown, this.noes);
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const facts = {
      code: problem.code,
      status: problem.status,
      route: request.routeOptions?.url,
      method: request.method,
    };
    if (problem.status >= 500) this.log.error({ event: 'http.fault', ...facts, err: thrown }, 'request failed');
    else this.log.info({ event: 'http.refused', ...facts }, 'request refused');
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (!reply.sent) void reply.code(problem.status).type('application/problem+json').send(problem);
  }
}
