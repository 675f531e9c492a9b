import { FAULTS, problemType, REFUSALS } from '@interlock/contracts';
import { HttpException } from '@nestjs/common';
import { Fault } from '../fault.js';
import { Refused } from './refused.js';

/** How a refusal looks from outside. The table is the contracts' own and is complete by type there. */
export interface RefusalRow {
  readonly status: number;
  readonly title: string;
}
export type RefusalTable = Readonly<Record<string, RefusalRow>>;

/** What a server says no with, and where the pages of its codes are: its own origin. */
export interface Noes {
  readonly refusals: RefusalTable;
  readonly origin?: string | undefined;
}

/** A problem document (RFC 9457), `application/problem+json`. */
export interface Problem {
  /** Address of the page of the code, at whoever answers; `about:blank` where the server has no such pages. */
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

/** Codes of what the transport itself refuses; its own words stay inside. */
const TRANSPORT: Readonly<Record<number, { code: string; title: string }>> = {
  400: { code: 'malformed', title: 'The request is malformed' },
  401: { code: 'caller_unknown', title: REFUSALS.caller_unknown.title },
  403: { code: 'not_allowed', title: FAULTS.not_allowed.title },
  404: { code: 'not_found', title: FAULTS.not_found.title },
  405: { code: 'method_not_allowed', title: FAULTS.method_not_allowed.title },
  408: { code: 'too_slow', title: FAULTS.too_slow.title },
  413: { code: 'too_large', title: REFUSALS.too_large.title },
  414: { code: 'too_large', title: 'The address is longer than this server takes' },
  415: { code: 'unsupported_media_type', title: FAULTS.unsupported_media_type.title },
  431: { code: 'too_large', title: 'The request headers are larger than this server takes' },
};

/**
 * What a peer is told, whatever was thrown: a refusal from the table, a malformed request with its places, a fault with
 * its public sentence, and for everything else one sentence that says nothing. No driver text, address or value leaves.
 */
export function toProblem(thrown: unknown, { refusals, origin }: Noes): Problem {
  const problem = (status: number, code: string, title: string, more: Partial<Problem> = {}): Problem => ({
    ...{ type: origin === undefined ? 'about:blank' : problemType(origin, code), title, status, code },
    ...more,
  });
  if (thrown instanceof Refused) {
    const { code, clause } = thrown.refusal;
    const row = Object.hasOwn(refusals, code) ? refusals[code] : undefined;
    // A code that is in no table is still a no.
    return row
      ? problem(row.status, code, row.title, clause === undefined ? {} : { clause })
      : problem(403, 'refused', FAULTS.refused.title);
  }
  if (thrown instanceof Malformed)
    return problem(400, 'malformed', 'The request is malformed', { errors: thrown.errors });
  if (thrown instanceof Fault)
    return problem(thrown.code === 'internal' ? 500 : 503, thrown.code, thrown.publicMessage);
  const status = transportStatusOf(thrown);
  const known = status === undefined ? undefined : TRANSPORT[status];
  return status !== undefined && known
    ? problem(status, known.code, known.title)
    : problem(500, 'internal', FAULTS.internal.title);
}

/** Nest and Fastify mark their own errors with a status; a driver's error has none. */
function transportStatusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  const isFastify =
    thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' && thrown.code.startsWith('FST_');
  return isFastify && 'statusCode' in thrown && typeof thrown.statusCode === 'number' ? thrown.statusCode : undefined;
}
