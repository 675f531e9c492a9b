/** One change of the question, as of JSON Patch (RFC 6902). */
export interface Change {
  readonly op: 'replace' | 'add' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

export interface RightVector {
  readonly name: string;
  readonly changes: readonly Change[];
  /** `allow`, or the refusal code. */
  readonly answer: string;
}

export const replace = (path: string, value: unknown): Change => ({ op: 'replace', path, value });

export const vector = (name: string, answer: string, ...changes: Change[]): RightVector => ({ name, answer, changes });
