import { toProblem } from '@interlock/chassis';
import { REFUSALS } from '@interlock/contracts';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** The body of an error is a message (AuthZEN 1.0, section 10.1.2). */
@Catch()
export class AuthzenFilter implements ExceptionFilter {
  catch(thrown: unknown, host: ArgumentsHost): void {
    const { status, title, errors } = toProblem(thrown, { refusals: REFUSALS });
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const message = errors && errors.length > 0 ? `${title}: ${errors.join('; ')}` : title;
    if (!reply.sent) void reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(message));
  }
}

const ENDPOINTS = '/access/v1/';
const REQUEST_ID = 'x-request-id';
const LONGEST_REQUEST_ID = 256;

/** What AuthZEN asks of the transport: another content type is 400, and a request's own id comes back. */
export function speakAuthzen(server: FastifyInstance): void {
  server.addHook('onRequest', async (request, reply) => {
    if (!request.routeOptions.url?.startsWith(ENDPOINTS)) return;
    const id = request.headers[REQUEST_ID];
    if (typeof id === 'string' && id.length <= LONGEST_REQUEST_ID) reply.header(REQUEST_ID, id);
    const [type = ''] = (request.headers['content-type'] ?? '').split(';');
    if (request.method === 'POST' && type.trim().toLowerCase() !== 'application/json')
      await reply.code(400).type('application/json; charset=utf-8').send('"The content type must be application/json"');
  });
}
