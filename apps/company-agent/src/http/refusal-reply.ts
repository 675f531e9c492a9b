import { problemType, REFUSALS } from '@interlock/contracts';
import type { Refusal } from '@interlock/domain';
import { whyNot } from '../pages/words.js';

/** RFC 9457 problem of a refusal. What only its own side may know, the detail, stays out unless the caller is of this company. */
export function problemOf(
  refusal: Refusal,
  { origin, own }: { origin: string; own: boolean },
): { status: number; body: Record<string, unknown> } {
  const status = statusOf(refusal.code);
  const { clause, detail } = refusal;
  const body = {
    type: problemType(origin, refusal.code),
    title: whyNot(refusal),
    status,
    code: refusal.code,
    ...(clause !== undefined && { clause }),
    ...(own && detail !== undefined && { detail }),
  };
  return { status, body };
}

/** A code of a library that has no row of its own is still a no. */
const statusOf = (code: string): number =>
  Object.hasOwn(REFUSALS, code) ? REFUSALS[code as keyof typeof REFUSALS].status : 403;
