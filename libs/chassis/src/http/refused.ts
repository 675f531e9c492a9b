import type { Decision, Refusal } from '@interlock/domain';

/** A refusal on its way out of the edge; nothing below `http/` throws or catches it. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(readonly refusal: Refusal) {
    super(refusal.code);
  }
}

/** The value of a yes. A no leaves the edge as a problem document; it was committed before, as a returned value. */
export function orRefuse<T>(decision: Decision<T>): T {
  if (decision.allowed) return decision.value;
  throw new Refused(decision.refusal);
}
