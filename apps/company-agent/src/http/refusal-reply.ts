import { REFUSALS } from '@interlock/contracts';
import type { Refusal } from '@interlock/domain';

/** RFC 9457 problem of a refusal. What only its own side may know, the detail, stays out unless the caller is of this company. */
export function problemOf(refusal: Refusal, own: boolean): { status: number; body: Record<string, unknown> } {
  const row = rowOf(refusal.code);
  const { clause, detail } = refusal;
  const body = {
    type: `urn:interlock:refusal:${refusal.code}`,
    title: row.title,
    status: row.status,
    code: refusal.code,
    ...(clause !== undefined && { clause }),
    ...(own && detail !== undefined && { detail }),
  };
  return { status: row.status, body };
}

/** A code of a library that has no row of its own is still a no. */
const rowOf = (code: string): { status: number; title: string } =>
  Object.hasOwn(REFUSALS, code)
    ? REFUSALS[code as keyof typeof REFUSALS]
    : { status: 403, title: 'What was fetched does not verify, so nothing is done with it' };
