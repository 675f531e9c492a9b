import { callerOf, Malformed, OPERATION, type OperationRow, Refused } from '@interlock/chassis';
import { answerOnce, KeyReused, Transactor } from '@interlock/chassis/db';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';

/** Visible characters only, so that the same key is the same bytes wherever it was copied. */
const KEY = /^[\x21-\x7e]{8,200}$/;

/**
 * Answers a write that says `repeats` of itself (see `Operation`) and has an `Idempotency-Key` as it was answered before
 * (draft-ietf-httpapi-idempotency-key-header). A key is of one caller and one route: nobody is told another's answer for guessing his key. A
 * refusal is judged anew each time.
 */
@Injectable()
export class IdempotentInterceptor implements NestInterceptor {
  constructor(private readonly transactor: Transactor) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const key = request.headers['idempotency-key'];
    const row = Reflect.getMetadata(OPERATION, context.getHandler()) as OperationRow | undefined;
    const caller = callerOf(request);
    // Whoever proved nothing shares his address with others, and would share their answers.
    if (key === undefined || row?.repeats !== true || !caller) return next.handle();
    if (typeof key !== 'string' || !KEY.test(key))
      throw new Malformed(['Idempotency-Key: send one key of 8 to 200 visible characters']);
    const asking = {
      caller: `${caller.organisation} ${caller.thumbprint}`,
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
