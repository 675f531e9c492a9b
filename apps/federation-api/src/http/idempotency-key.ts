import { Malformed } from '@interlock/chassis';
import type { FastifyRequest } from 'fastify';

/** Visible characters only, so that the same key is the same bytes wherever it was copied. */
const KEY = /^[\x21-\x7e]{8,200}$/;

/** The `Idempotency-Key` of a request, if it has one. Throws `Malformed` for one that is no key. */
export function idempotencyKeyOf({ headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !KEY.test(key))
    throw new Malformed(['Idempotency-Key: send one key of 8 to 200 visible characters']);
  return key;
}
