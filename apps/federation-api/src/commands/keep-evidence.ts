import { Transactor } from '@interlock/chassis/db';
import { ReadParties, type RefusalCode, type ReplyOf } from '@interlock/contracts';
import { type AgreementId, allow, type Decision, type EvidenceRecord, refuse } from '@interlock/domain';
import { Injectable } from '@nestjs/common';
import type { EdgeCaller } from '../callers/callers.js';
import { Services } from './services.js';

export interface KeptEvidence {
  readonly accepted: string[];
  readonly parked: string[];
}

/** Takes what a gateway's journal delivers and puts it behind the one door of the logs, all of it in one transaction. */
@Injectable()
export class KeepEvidence {
  constructor(
    private readonly services: Services,
    private readonly transactor: Transactor,
  ) {}

  /** A record of a log that the gateway's organisation is not party to, or in another's name, refuses the batch. */
  async run(
    caller: EdgeCaller,
    records: readonly EvidenceRecord[],
    opened: Readonly<Record<string, readonly string[]>> = {},
    own: Readonly<Record<string, readonly string[]>> = {},
  ): Promise<Decision<KeptEvidence, RefusalCode>> {
    const logs = new Set(records.map((record) => record.log));
    const agreementIds = [...logs].filter((log): log is AgreementId => log !== 'operator');
    if (logs.has('operator')) return refuse('not_a_party');
    const parties: ReplyOf<typeof ReadParties> = await this.services.ask(ReadParties, {
      organisation: caller.organisation,
      agreementIds,
    });
    if (!parties.allowed) return parties;
    const source = `${caller.organisation}/${caller.id}`;
    const foreign = records.find((record) => record.source !== source || record.organisation !== caller.organisation);
    if (foreign) return refuse('evidence_rejected', { clause: foreign.id });
    const rows = await this.transactor.run((tx) =>
      tx.query<{ id: string; position: string }>(
        `select r.value ->> 'id' as id, evidence.append(r.value, $2::jsonb -> (r.value ->> 'id'),
           $3::jsonb -> (r.value ->> 'id')) as position
         from jsonb_array_elements($1::jsonb) with ordinality as r (value, at) order by r.at`,
        [JSON.stringify(records), JSON.stringify(opened), JSON.stringify(own)],
      ),
    );
    const ids = (wanted: (position: bigint) => boolean) =>
      rows.filter((row) => wanted(BigInt(row.position))).map((row) => row.id);
    return allow({ accepted: ids((position) => position > 0n), parked: ids((position) => position <= 0n) });
  }
}
