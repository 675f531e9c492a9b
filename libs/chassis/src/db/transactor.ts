import type { DataSource, EntityManager } from 'typeorm';
import { type ThroughStep, unbroken } from '../steps.js';
import { brandedTx, OpenTransaction, type Tx } from './tx.js';

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const ATTEMPTS = 4;

/** Runs work in a transaction: `Transactor.run`, or a question's `call.once`. A verb takes it as a parameter. */
export type InOne = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

/** Opens transactions: the only way to a `Tx`. */
export class Transactor {
  private readonly wakers = new Set<() => void>();

  constructor(
    private readonly source: DataSource,
    private readonly service: string,
    private readonly through: ThroughStep = unbroken,
  ) {}

  /**
   * Runs `work` in one transaction and commits what it did, all or nothing; returns what `work` returned.
   * `work` may run again from the start after a deadlock or a serialization failure, so it must have no effect
   * outside the transaction. A refusal is returned, and so committed; whatever is thrown rolls back.
   */
  async run<T>(work: (tx: Tx) => Promise<T>, options: { readonly isolation?: 'SERIALIZABLE' } = {}): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once(work, options.isolation);
      } catch (thrown) {
        if (attempt >= ATTEMPTS || !isRetryable(thrown)) throw thrown;
      }
    }
  }

  /** Calls `wake` after each commit that announced something. Returns how to stop that. */
  onAnnounced(wake: () => void): () => void {
    this.wakers.add(wake);
    return () => this.wakers.delete(wake);
  }

  private async once<T>(work: (tx: Tx) => Promise<T>, isolation: 'SERIALIZABLE' | undefined): Promise<T> {
    const runner = this.source.createQueryRunner();
    try {
      await runner.connect();
      await runner.startTransaction(isolation);
      const open = new OpenTransaction(runner.manager as EntityManager, this.through, this.service);
      const result = await work(brandedTx(open));
      await this.through('commit', () => runner.commitTransaction());
      if (open.announced) for (const wake of this.wakers) wake();
      return result;
    } catch (thrown) {
      // The connection may be gone; then the server has rolled back already.
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw thrown;
    } finally {
      await runner.release();
    }
  }
}

const isRetryable = (thrown: unknown): boolean => {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED;
};
