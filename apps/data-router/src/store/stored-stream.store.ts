import type { Tx } from '@interlock/chassis/db';
import type { AgreementId, LocalId } from '@interlock/domain';

/** A stream that a region was made to hold, and under which agreement. */
export interface StoredStream {
  readonly name: string;
  readonly agreementId: AgreementId;
}

/** Notes what a region holds before it holds it: what nobody noted would lie there until it ages. */
export async function noteStored(tx: Tx, region: LocalId, streams: readonly StoredStream[]): Promise<void> {
  await tx.query(
    'insert into stored_streams (region, name, agreement_id) select $1, * from unnest($2::text[], $3::text[]) on conflict do nothing',
    [region, streams.map(({ name }) => name), streams.map(({ agreementId }) => agreementId)],
  );
}

/** Notes whether an agreement is over, retrieval included: then nobody may fetch any more what is stored under it. */
export async function noteRetrievalOver(tx: Tx, id: AgreementId, isOver: boolean): Promise<void> {
  await tx.query('update agreements set retrieval_over = $2 where id = $1 and retrieval_over <> $2', [id, isOver]);
}

/** What a region still holds of agreements that are over, retrieval included. */
export async function storedOfEnded(tx: Tx, region: LocalId): Promise<StoredStream[]> {
  return tx.query<StoredStream>(
    `select s.name, s.agreement_id as "agreementId" from stored_streams s join agreements a on a.id = s.agreement_id
     where s.region = $1 and a.retrieval_over
       and not exists (select from routes r where r.agreement_id = a.id) order by s.name`,
    [region],
  );
}

export async function forgetStored(tx: Tx, region: LocalId, names: readonly string[]): Promise<void> {
  await tx.query('delete from stored_streams where region = $1 and name = any ($2)', [region, names]);
}
