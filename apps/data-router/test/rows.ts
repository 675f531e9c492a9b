import type { Agreement } from '@interlock/domain';
import type { World } from './a-world.js';

/** The routes of an agreement, as the router keeps them. */
export const routesIn = ({ broker }: World, { id }: Agreement) =>
  broker.database.query('select grant_id, carried_in from data_router.routes where agreement_id = $1', [id]);

/** What the router said in a log. */
export const evidenceIn = ({ broker }: World, agreement: Agreement | 'operator', kind: string) =>
  broker.database.query<{ code: string; region: string | null }>(
    `select body ->> 'code' as code, body ->> 'region' as region from audit.appended
     where writer = 'interlock_data_router' and log = $1 and body ->> 'kind' = $2`,
    [agreement === 'operator' ? agreement : agreement.id, kind],
  );

/** Agreements of which a region was made to hold a stream. */
export async function storedIn({ broker }: World): Promise<readonly string[]> {
  const rows = await broker.database.query<{ id: string }>('select agreement_id as id from data_router.stored_streams');
  return rows.map(({ id }) => id);
}

/** The revision of an agreement that was judged last. */
export async function revisionIn({ broker }: World, { id }: Agreement): Promise<string | undefined> {
  const sql = 'select read_revision as read from data_router.agreements where id = $1';
  const [row] = await broker.database.query<{ read: string }>(sql, [id]);
  return row?.read;
}
