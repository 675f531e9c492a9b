import { callerOf, OPERATION, type OperationRow, Refused } from '@interlock/chassis';
import { answerOnce, KeyReused, Transactor } from '@interlock/chassis/db';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { idempotencyKeyOf } from './idempotency-key.js';

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
    const key = idempotencyKeyOf(request);
    const row = Reflect.getMetadata(OPERATION, context.getHandler()) as OperationRow | undefined;
    const caller = callerOf(request);
    // Whoever proved nothing shares his address with others, and would share their answers.
    if (row?.repeats !== 'by key' || !caller || key === undefined) return next.handle();
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
