import type { Decision } from '@interlock/domain';
import { createParamDecorator, type ExecutionContext, type RawBodyRequest } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from './access.js';

/** Who calls, as proven by what it holds; never as it says of itself. */
export interface VerifiedCaller {
  readonly actor: Exclude<Actor, 'anyone'>;
  readonly organisation: string;
  /** Thumbprint (RFC 7638) of the key that was proven to be held. */
  readonly thumbprint: string;
  /** The caller's own name inside its organisation: a gateway's or a person's id. */
  readonly id?: string;
}

/**
 * Finds out who calls. Given by the app; the chassis calls it for every route that is not for `anyone`,
 * after the body limits and before anything of the body is read by a handler. `request.rawBody` holds the bytes as sent;
 * absent where there was no body.
 */
export type CallerVerifier = (
  request: RawBodyRequest<FastifyRequest>,
  allowed: readonly Actor[],
) => Promise<Decision<VerifiedCaller>>;

const VERIFIED = Symbol('verified caller');
type Carrier = FastifyRequest & { [VERIFIED]?: VerifiedCaller };

export const rememberCaller = (request: FastifyRequest, caller: VerifiedCaller): void => {
  (request as Carrier)[VERIFIED] = caller;
};

export const callerOf = (request: FastifyRequest): VerifiedCaller | undefined => (request as Carrier)[VERIFIED];

/** The verified caller, as a handler's parameter. Throws in a route for `anyone`, which has none. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): VerifiedCaller => {
  const caller = callerOf(context.switchToHttp().getRequest<FastifyRequest>());
  if (!caller) throw new Error('this route has no verified caller; its access row says anyone');
  return caller;
});
