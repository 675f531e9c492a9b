import type { Agreement, Term, TermType } from '../documents/agreement.js';

/** The term whose `type` is this one. */
export type TermOf<K extends TermType> = Term extends infer T
  ? T extends { readonly type: infer U }
    ? K extends U
      ? T & { readonly type: K }
      : never
    : never
  : never;

/** What a change of one thing does to what is granted to anybody and to what is owed to anybody. Nothing that is not provably narrower is. */
export type Effect = 'narrower' | 'wider' | 'both';

/** A rule of its own for one member: whether `after` provably allows nothing that `before` did not, and takes no duty away. */
export interface Proven<T, V> {
  /** In words for the page of terms, such as "at least the seats it had". */
  readonly words: string;
  /** `term` is the clause after the change; `version` is what stood before it, with all its other clauses. */
  readonly holds: (before: V, after: V, term: T, version: Agreement) => boolean;
}

/**
 * The place of one member in the order of trust model section 5.
 * `identity`: it names the clause, so another value is another clause. `fewer`, `more`: a set of what is allowed, of what is demanded.
 * `less`: a number of which less allows less. `both`: any change needs every party.
 */
export type Place<T, V> =
  | 'identity'
  | 'both'
  | ([V] extends [readonly string[]] ? 'fewer' | 'more' : [V] extends [number] ? 'less' : never)
  | Proven<T, V>;

/** Who decides by a term at run time. A term that nobody evaluates where it must hold cannot take effect. */
export type EvaluationPoint = 'gateway' | 'agent' | 'broker';

/** Everything there is to say about one kind of term, in one place. A member without a place in the order does not compile. */
export interface TermDeclaration<T extends { readonly type: string }> {
  /** What it means, in one sentence for the page of terms. */
  readonly meaning: string;
  /** The rule in libs/domain/src that decides by it. */
  readonly evaluator: string;
  readonly points: readonly EvaluationPoint[];
  readonly order: { readonly [M in keyof Omit<T, 'type'>]-?: Place<T, T[M]> };
  /** What it does to write the term where there was none, and to strike it. */
  readonly added: Effect;
  readonly removed: Effect;
  /** The term in plain words, for whoever signs it. */
  readonly words: (term: T) => string;
  /** Whether it contradicts the rest of the agreement. Two terms of one identity are found without it. */
  readonly incoherent?: (term: T, agreement: Agreement) => boolean;
}
