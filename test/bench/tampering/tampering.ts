/** One altered thing, and the code it was refused with; undefined where it was taken for the real one. */
export interface Tampered {
  readonly what: string;
  readonly refused: string | undefined;
}

/** The named properties of one area. Each yields as many altered things as it has: nothing is drawn by chance. */
export type TamperingArea = Readonly<Record<string, () => AsyncIterable<Tampered> | Promise<AsyncIterable<Tampered>>>>;

interface Answer {
  readonly allowed: boolean;
  readonly refusal?: { readonly code: string };
}

/** The code a verifier refused with, undefined where it did not. A verifier that throws refused nothing: it fell over. */
export async function codeOf(answer: Promise<Answer>): Promise<string | undefined> {
  try {
    const decision = await answer;
    return decision.allowed ? undefined : (decision.refusal?.code ?? 'without a code');
  } catch (error) {
    return `threw ${String(error)}`;
  }
}
