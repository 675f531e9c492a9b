import { createHash } from 'node:crypto';
import type { Transactor } from './transactor.js';
import type { Tx } from './tx.js';

/** Which asking it is: the same caller, request and key mean the same asking, sent again. */
export interface Asking {
  readonly caller: string;
  readonly request: string;
  readonly key: string;
  readonly body: unknown;
}

/** The same idempotency key came with another body: one of the two is a mistake, and neither may be guessed. */
export class KeyReused extends Error {
  override readonly name = 'KeyReused';
}

/**
 * Runs `work` at most once for this asking and returns its answer; asked again, returns the first answer.
 * The answer is stored in the transaction of the work, so a crash leaves both or neither.
 * Throws `KeyReused` if the key was used for another body.
 */
export function answerOnce<T>(transactor: Transactor, asking: Asking, work: (tx: Tx) => Promise<T>): Promise<T> {
  const digest = createHash('sha256')
    .update(JSON.stringify(asking.body ?? null))
    .digest('base64url');
  const names = [asking.caller, asking.request, asking.key];
  return transactor.run(async (tx) => {
    // A second asking at the same time waits at this insert until the first has committed or rolled back.
    const taken = await tx.query(
      `insert into answers (caller, request, key, body_digest) values ($1, $2, $3, $4)
       on conflict do nothing returning key`,
      [...names, digest],
    );
    if (taken.length === 0) {
      const [given] = await tx.query<{ body_digest: string; answer: T }>(
        'select body_digest, answer from answers where caller = $1 and request = $2 and key = $3',
        names,
      );
      if (given?.body_digest !== digest) throw new KeyReused('this idempotency key belongs to another request');
      return given.answer;
    }
    const answer = await work(tx);
    await tx.query('update answers set answer = $4 where caller = $1 and request = $2 and key = $3', [
      ...names,
      JSON.stringify(answer),
    ]);
    return answer;
  });
}
