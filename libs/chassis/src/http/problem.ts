import { HttpException } from '@nestjs/common';
import { Fault } from '../fault.js';
import { Refused } from './refused.js';

/** How a refusal looks from outside. The table is the contracts' own and is complete by type there. */
export interface RefusalRow {
  readonly status: number;
  readonly title: string;
}
export type RefusalTable = Readonly<Record<string, RefusalRow>>;

/** A problem document (RFC 9457), `application/problem+json`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** The refusal's or the fault's code: what a program decides by. */
  readonly code: string;
  readonly clause?: string;
  /** What is wrong with the request, one entry per place. Names the place, never the value. */
  readonly errors?: readonly string[];
}

/** The request is not what the route's schema says. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
  constructor(readonly errors: readonly string[]) {
    super('malformed request');
  }
}

const COULD_NOT = 'The request could not be completed';

/** Titles of what the transport itself refuses; its own words stay inside. */
const TRANSPORT: Readonly<Record<number, { code: string; title: string }>> = {
  400: { code: 'malformed', title: 'The request is malformed' },
  401: { code: 'caller_unknown', title: 'The caller did not prove who it is' },
  403: { code: 'not_allowed', title: 'The caller may not do this' },
  404: { code: 'not_found', title: 'There is nothing here' },
  405: { code: 'method_not_allowed', title: 'This method is not allowed here' },
  408: { code: 'too_slow', title: 'The request took too long to arrive' },
  413: { code: 'too_large', title: 'The request body is larger than this route takes' },
  414: { code: 'too_large', title: 'The address is longer than this server takes' },
  415: { code: 'unsupported_media_type', title: 'This route does not take this content type' },
  431: { code: 'too_large', title: 'The request headers are larger than this server takes' },
};

const problem = (status: number, code: string, title: string, more: Partial<Problem> = {}): Problem => ({
  type: `urn:interlock:problem:${code}`,
  title,
  status,
  code,
  ...more,
});

/**
 * What a peer is told, whatever was thrown: a refusal from the table, a malformed request with its places, a fault with
 * its public sentence, and for everything else one sentence that says nothing. No driver text, address or value leaves.
 */
export function toProblem(thrown: unknown, refusals: RefusalTable): Problem {
  if (thrown instanceof Refused) {
    const { code, clause } = thrown.refusal;
    const row = Object.hasOwn(refusals, code) ? refusals[code] : undefined;
    // A code that is in no table is still a no.
    return row
      ? problem(row.status, code, row.title, clause === undefined ? {} : { clause })
      : problem(403, 'refused', 'The request was refused');
  }
  if (thrown instanceof Malformed)
    return problem(400, 'malformed', 'The request is malformed', { errors: thrown.errors });
  if (thrown instanceof Fault)
    return problem(thrown.code === 'internal' ? 500 : 503, thrown.code, thrown.publicMessage);
  const status = transportStatusOf(thrown);
  const known = status === undefined ? undefined : TRANSPORT[status];
  return status !== undefined && known ? problem(status, known.code, known.title) : problem(500, 'internal', COULD_NOT);
}

/** Nest and Fastify mark their own errors with a status; a driver's error has none. */
function transportStatusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  const isFastify =
    thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' && thrown.code.startsWith('FST_');
  return isFastify && 'statusCode' in thrown && typeof thrown.statusCode === 'number' ? thrown.statusCode : undefined;
}
