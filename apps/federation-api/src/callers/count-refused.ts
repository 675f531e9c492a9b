import { Clock, Ids, LOG, type Log } from '@interlock/chassis';
import { appendAllEvidence, Transactor } from '@interlock/chassis/db';
import { type CountedRefusals, type EvidenceRecord, evidenceOf, RefusedCallers } from '@interlock/domain';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';

/**
 * Refusals to callers who proved nothing: a record of the operator's log for each source and minute, never one for each request. A crash
 * loses what was counted since the last full minute; each replica counts for itself.
 */
@Injectable()
export class CountRefused implements OnApplicationShutdown {
  private readonly counted = new RefusedCallers();
  /** Made and perhaps not committed: the same records under the same ids are tried again, and the log takes each once. */
  private records: readonly EvidenceRecord[] = [];

  constructor(
    private readonly transactor: Transactor,
    private readonly clock: Clock,
    private readonly ids: Ids,
    @Inject(LOG) private readonly log: Log,
  ) {}

  count(address: string | undefined): void {
    this.counted.count(address, this.clock.now());
  }

  /** Writes down the minutes that are over. */
  async record(): Promise<undefined> {
    if (this.records.length === 0) this.records = this.recordsOf(this.counted.takeOver(this.clock.now()));
    await this.append();
    return undefined;
  }

  /** The server has closed: nothing is counted any more. */
  async onApplicationShutdown(): Promise<void> {
    this.records = [...this.records, ...this.recordsOf(this.counted.takeAll())];
    try {
      await this.append();
    } catch (thrown) {
      this.log.error({ event: 'evidence.lost', count: this.records.length, err: thrown }, 'refusals not written down');
    }
  }

  private async append(): Promise<void> {
    if (this.records.length === 0) return;
    await this.transactor.run((tx) => appendAllEvidence(tx, this.records));
    this.records = [];
  }

  private recordsOf(counted: readonly CountedRefusals[]): EvidenceRecord[] {
    return counted.map(({ at, source, count }) =>
      evidenceOf('broker/federation-api', this.ids.next('evd'), {
        ...{ log: 'operator', kind: 'caller.refused', outcome: 'deny', at },
        ...{ addresses: source, count },
      }),
    );
  }
}
