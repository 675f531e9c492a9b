import { Clock } from '@interlock/chassis';
import { Transactor } from '@interlock/chassis/db';
import type { Instant } from '@interlock/domain';
import { Injectable } from '@nestjs/common';
import { forgetProofs, takeProof, type UsedProof } from '../store/used-proof.store.js';

/** Which proofs were taken, by any replica, until they expire. Only proofs of known callers come here: a stranger fills nothing. */
@Injectable()
export class UsedProofs {
  constructor(
    private readonly transactor: Transactor,
    private readonly clock: Clock,
  ) {}

  /** True the first time; false for a replay, at whichever replica it is shown. */
  firstUse(madeAs: UsedProof['madeAs'], key: string, jti: string, expiresAt: Instant): Promise<boolean> {
    return this.transactor.run((tx) => takeProof(tx, { madeAs, key, jti, expiresAt: new Date(expiresAt) }));
  }

  /** Forgets what no verifier takes any more. */
  sweep(): Promise<boolean> {
    return this.transactor.run((tx) => forgetProofs(tx, new Date(this.clock.now())));
  }
}
