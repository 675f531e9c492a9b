import { callerOf, Malformed, Refused } from '@interlock/chassis';
import { answerOnce, KeyReused, Transactor } from '@interlock/chassis/db';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';

const READS = ['GET', 'HEAD'];
/** Whose answers are decisions about now, or tickets and tokens, which are kept nowhere: one that was given before must not be given again. */
const NEVER_AGAIN = ['/access/v1/', '/oauth/', '/v1/sessions', '/v1/regions/'];
/** Each record has an id of its own; its transaction inside this one would let as many as the pool is large wait for one another. */
const TAKEN_ONCE_ANYWAY = ['/v1/evidence'];
const WITHOUT_A_KEY = [...NEVER_AGAIN, ...TAKEN_ONCE_ANYWAY];
/** Visible characters only, so that the same key is the same bytes wherever it was copied. */
const KEY = /^[\x21-\x7e]{8,200}$/;

/**
 * Answers a write with an `Idempotency-Key` that was answered before as it was then (draft-ietf-httpapi-idempotency-key-header). A key is of
 * one caller and one route: nobody is told another's answer for guessing his key. A refusal is judged anew each time.
 */
@Injectable()
export class IdempotentInterceptor implements NestInterceptor {
  constructor(private readonly transactor: Transactor) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const key = request.headers['idempotency-key'];
    // The route that was matched: `/%6fauth/token` and an absolute target reach the same one under another spelling.
    const route = request.routeOptions.url ?? '';
    const isRepeatable = READS.includes(request.method) || WITHOUT_A_KEY.some((path) => route.startsWith(path));
    if (key === undefined || isRepeatable) return next.handle();
    if (typeof key !== 'string' || !KEY.test(key))
      throw new Malformed(['Idempotency-Key: send one key of 8 to 200 visible characters']);
    const caller = callerOf(request);
    const asking = {
      caller: caller ? `${caller.organisation} ${caller.thumbprint}` : `anyone ${request.ip}`,
      request: `${request.method} ${request.url}`,
      key,
      body: request.body,
    };
    return from(answered(this.transactor, asking, () => lastValueFrom(next.handle())));
  }
}

async function answered(
  transactor: Transactor,
  asking: Parameters<typeof answerOnce>[1],
  work: () => Promise<unknown>,
): Promise<unknown> {
  try {
    return await answerOnce(transactor, asking, work);
  } catch (thrown) {
    throw thrown instanceof KeyReused ? new Refused({ code: 'idempotency_key_reused' }) : thrown;
  }
}
