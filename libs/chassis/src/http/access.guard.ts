import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Fault } from '../fault.js';
import { ACCESS, type AccessRow, actorsOf } from './access.js';
import { type CallerVerifier, rememberCaller } from './caller.js';
import { orRefuse, Refused } from './refused.js';

/** Lets in who the route's row names, and nobody where there is no row. */
export class AccessGuard implements CanActivate {
  constructor(private readonly verify: CallerVerifier) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const row = Reflect.getMetadata(ACCESS, context.getHandler()) as AccessRow | undefined;
    if (!row) throw new Fault('internal', 'The request could not be completed', { cause: 'a route without @Access' });
    if (row.actor === 'anyone') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const allowed = actorsOf(row);
    const caller = orRefuse(await this.verify(request, allowed));
    rememberCaller(request, caller);
    // The verifier is told whom to look for, but the row decides, whatever it found.
    if (!allowed.includes(caller.actor)) throw new Refused({ code: 'caller_not_allowed' });
    return true;
  }
}

/** For an app that serves nobody but `anyone`. */
export const nobodyIsVerified: CallerVerifier = async () => ({ allowed: false, refusal: { code: 'caller_unknown' } });
