import { Clock, Ids, LOG, type Log } from '@interlock/chassis';
import { appendAllEvidence, Transactor } from '@interlock/chassis/db';
import {
  type CountedRefusals,
  type EvidenceRecord,
  evidenceOf,
  type HolderKind,
  type LocalId,
  type OrganisationId,
  RefusedCallers,
  type SaidEvidence,
} from '@interlock/domain';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';

/** A request of somebody who has proven who he is. */
export interface KnownRefused {
  readonly organisation: OrganisationId;
  readonly kind: HolderKind;
  readonly id: LocalId;
  readonly route: string;
  readonly status: number;
}

/**
 * Refusals to callers who proved nothing, by source, and to callers who are known, by caller, route and status: a record of the operator's log for each of them and minute, never one for each request. A crash
 * loses what was counted since the last full minute; each replica counts for itself.
 */
@Injectable()
export class CountRefused implements OnApplicationShutdown {
  private readonly counted = new RefusedCallers();
  private readonly known = new RefusedCallers();
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

  countKnown({ organisation, kind, id, route, status }: KnownRefused): void {
    this.known.countAs([organisation, kind, id, status, route].join(' '), this.clock.now());
  }

  /** Writes down the minutes that are over. */
  async record(): Promise<undefined> {
    const now = this.clock.now();
    if (this.records.length === 0) this.records = this.recordsOf(this.counted.takeOver(now), this.known.takeOver(now));
    await this.append();
    return undefined;
  }

  /** The server has closed: nothing is counted any more. */
  async onApplicationShutdown(): Promise<void> {
    this.records = [...this.records, ...this.recordsOf(this.counted.takeAll(), this.known.takeAll())];
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

  private recordsOf(counted: readonly CountedRefusals[], known: readonly CountedRefusals[]): EvidenceRecord[] {
    const record = (said: Omit<SaidEvidence, 'log' | 'outcome'>) =>
      evidenceOf('broker/federation-api', this.ids.next('evd'), { log: 'operator', outcome: 'deny', ...said });
    return [
      ...counted.map(({ at, source, count }) => record({ kind: 'caller.refused', at, addresses: source, count })),
      ...known.map(({ at, source, count }) => record({ kind: 'request.refused', at, count, ...namedIn(source) })),
    ];
  }
}

/** Who he is, by what `countKnown` called him; too many at once have no name. A person's name goes beside the log, as everywhere. */
function namedIn(source: string): Partial<EvidenceRecord> {
  const [organisation, kind, id, status, ...route] = source.split(' ') as [OrganisationId, HolderKind, LocalId, string];
  if (kind === undefined) return { addresses: source };
  const clause = `${status} ${route.join(' ')}`;
  return kind === 'person' || kind === 'machine' || kind === 'workload'
    ? { organisation, clause, subject: { organisation, kind, id } }
    : { organisation, clause: `${kind} ${id}: ${clause}` };
}
