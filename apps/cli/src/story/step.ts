import type { Bundle } from '@interlock/proof';
import type { Trial } from '../up/trial.js';

/** What earlier steps leave for later ones; a step that needs something that is not there fails by name. */
export interface StoryMemory {
  [name: string]: unknown;
}

export interface StepContext {
  readonly trial: Trial;
  readonly memory: StoryMemory;
  /** What is being done, for whoever watches. */
  readonly say: (what: string) => void;
}

export interface StepOutcome {
  /** One sentence per thing that was shown, in the order it was shown. */
  readonly shown: readonly string[];
  /** Everything that proves it, verifiable against the two companies' roots alone. */
  readonly bundle: Bundle;
}

export interface Step {
  readonly id: 'pin' | 'agree' | 'grant' | 'enter' | 'flow' | 'cut' | 'prove';
  readonly title: string;
  run(context: StepContext): Promise<StepOutcome>;
}

/** A step did not show what it has to show. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

/** Throws with what was expected where a decision of a running process was a no. */
export function must<T>(
  what: string,
  decision:
    | { allowed: true; value: T }
    | { allowed: false; refusal: { code: string; clause?: string; detail?: string } },
): T {
  if (decision.allowed) return decision.value;
  const { code, clause, detail } = decision.refusal;
  throw new StepFailed(`${what}: refused with ${[code, clause, detail].filter(Boolean).join(', ')}`);
}

/** Asks until the answer is there; throws with `what` when it does not come in time. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  milliseconds = 15_000,
): Promise<T> {
  const end = Date.now() + milliseconds;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (cause) {
      if (cause instanceof StepFailed) throw cause;
      last = cause;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new StepFailed(`${what} did not happen within ${milliseconds / 1000} s`, { cause: last });
}
