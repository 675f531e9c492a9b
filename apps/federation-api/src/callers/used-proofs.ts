import { Clock } from '@interlock/chassis';
import { Transactor } from '@interlock/chassis/db';
import type { Instant } from '@interlock/domain';
import { Injectable } from '@nestjs/common';
import { forgetProofs, takeProofs, type UsedProof } from '../store/used-proof.store.js';

interface Waiting {
  readonly proof: UsedProof;
  taken(isFirst: boolean): void;
  failed(thrown: unknown): void;
}

/** Proofs in one transaction; the others wait for the next one, about a millisecond. */
const MOST_IN_A_GROUP = 500;

/** Which proofs were taken, by any replica, until they expire. Only proofs of known callers come here: a stranger fills nothing. */
@Injectable()
export class UsedProofs {
  private waiting: Waiting[] = [];
  private busy = false;

  constructor(
    private readonly transactor: Transactor,
    private readonly clock: Clock,
  ) {}

  /** True the first time; false for a replay, at whichever replica it is shown. */
  firstUse(madeAs: UsedProof['madeAs'], key: string, jti: string, expiresAt: Instant): Promise<boolean> {
    return new Promise((taken, failed) => {
      this.waiting.push({ proof: { madeAs, key, jti, expiresAt: new Date(expiresAt) }, taken, failed });
      if (!this.busy) void this.work();
    });
  }

  /** Forgets what no verifier takes any more. */
  sweep(): Promise<boolean> {
    return this.transactor.run((tx) => forgetProofs(tx, new Date(this.clock.now())));
  }

  private async work(): Promise<void> {
    this.busy = true;
    while (this.waiting.length > 0) {
      const group = this.waiting.splice(0, MOST_IN_A_GROUP);
      try {
        const proofs = group.map(({ proof }) => proof);
        const first = await this.transactor.run((tx) => takeProofs(tx, proofs));
        for (const [at, one] of group.entries()) one.taken(first[at] === true);
      } catch (thrown) {
        for (const one of group) one.failed(thrown);
      }
    }
    this.busy = false;
  }
}
