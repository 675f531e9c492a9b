import { termsOfType } from '../agreement/find-terms.js';
import type { Agreement, GrantKind } from '../documents/agreement.js';
import type { Instant } from '../instant.js';

/** Whether one more session of a grant would be one too many, where so many are open. */
export function tooManySessions(agreement: Agreement, kind: GrantKind, open: number): boolean {
  const term = termsOfType(agreement, 'sessions').find((one) => one.kind === kind);
  return term !== undefined && open >= term.most;
}

/** When what rests on a login must end; undefined where no login was needed, or the agreement lets it count as long as everything else. */
export function loginEnd(agreement: Agreement, loggedInAt: Instant | null): Instant | undefined {
  const [term] = termsOfType(agreement, 're-login');
  return term && loggedInAt !== null ? loggedInAt + term.seconds * 1000 : undefined;
}

/** Whether the way somebody logged in is none that the agreement takes. Who shows a certificate logged in nowhere. */
export function loginTooWeak(agreement: Agreement, acr: string | null): boolean {
  const [term] = termsOfType(agreement, 're-login');
  return acr !== null && term?.acr !== undefined && !term.acr.includes(acr);
}

/** What a login must be for this agreement (RFC 9470): its age in seconds, and the ways that count, none where any is good. */
export function loginAsked(
  agreement: Agreement,
): { readonly maxAge: number; readonly acr: readonly string[] } | undefined {
  const [term] = termsOfType(agreement, 're-login');
  return term && { maxAge: term.seconds, acr: term.acr ?? [] };
}

/** How far ahead a partner's clock may run where the agreement does not say, in milliseconds; no agreement makes it more. */
const MOST_SKEW = 60_000;

/** How far ahead a partner's clock may run, in milliseconds. */
export function skewMilliseconds(agreement: Agreement): number {
  const [term] = termsOfType(agreement, 'clock-skew');
  return term ? Math.min(MOST_SKEW, term.seconds * 1000) : MOST_SKEW;
}
