/** A "no" with a code. It is a value and evidence, never an exception. */
export interface Refusal<C extends string = string> {
  readonly code: C;
  /** The clause of the agreement that decided, where there is one. */
  readonly clause?: string;
  /** Internal detail for the evidence of the side it belongs to; never shown to a stranger. */
  readonly detail?: string;
}

export type Decision<T, C extends string = string> =
  | { readonly allowed: true; readonly value: T }
  | { readonly allowed: false; readonly refusal: Refusal<C> };

/** The yes, with what was decided. */
export const allow = <T>(value: T): { readonly allowed: true; readonly value: T } => ({ allowed: true, value });

/** The no. `code` is from the refusals table in contracts; `detail` stays on the refuser's side. */
export const refuse = <C extends string>(
  code: C,
  more: { clause?: string; detail?: string } = {},
): { readonly allowed: false; readonly refusal: Refusal<C> } => ({ allowed: false, refusal: { code, ...more } });
