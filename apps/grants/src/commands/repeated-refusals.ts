import { Ids } from '@interlock/chassis';
import { EVERY_ORGANISATION, Transactor } from '@interlock/chassis/db';
import type { Instant } from '@interlock/domain';
import { Injectable } from '@nestjs/common';
import { record, type Said } from '../store/evidence.store.js';

/** This many refusals of one kind are recorded one by one; a caller who goes on is counted. */
const ONE_BY_ONE = 5;
/** A count is written at least this often, and a caller who pauses this long starts anew. Milliseconds. */
const COUNTED_FOR = 10_000;

interface Repeated {
  recorded: number;
  /** Refusals since the last record. */
  waiting: number;
  since: Instant;
  said: Said;
}

/**
 * Refusals as evidence: each of the first few, then one record with a count, so that a caller who hammers cannot fill a log. A crash loses
 * at most the count of the last ten seconds, never that he was refused.
 */
@Injectable()
export class RepeatedRefusals {
  private readonly callers = new Map<string, Repeated>();

  constructor(
    private readonly transactor: Transactor,
    private readonly ids: Ids,
  ) {}

  /** `which` names caller, thing and code: refusals with the same name are repeats of each other. */
  async record(now: Instant, which: string, said: Said): Promise<void> {
    const had = this.callers.get(which);
    if (had && had.recorded >= ONE_BY_ONE) {
      had.waiting += 1;
      had.said = said;
      return;
    }
    if (had) had.recorded += 1;
    else this.callers.set(which, { recorded: 1, waiting: 0, since: now, said });
    await this.write([said]);
  }

  /** Writes the counts that are due. Called again and again by a worker. */
  async flush(now: Instant): Promise<void> {
    const due = [...this.callers].filter(([, one]) => now - one.since >= COUNTED_FOR);
    const counted = due.filter(([, one]) => one.waiting > 0);
    await this.write(counted.map(([, one]) => ({ ...one.said, at: now, count: one.waiting })));
    for (const [which, one] of due) {
      if (one.waiting === 0) this.callers.delete(which);
      one.waiting = 0;
      one.since = now;
    }
  }

  private async write(all: readonly Said[]): Promise<void> {
    if (all.length === 0) return;
    await this.transactor.run(async (tx) => {
      await tx.actFor(EVERY_ORGANISATION);
      for (const said of all) await record(tx, this.ids, said);
    });
  }
}
