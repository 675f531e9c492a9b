import type { Tx } from '@interlock/chassis/db';
import {
  type AgreementId,
  type Digest,
  type OrganisationId,
  type Signal,
  type Signed,
  signalName,
} from '@interlock/domain';

/**
 * Keeps what counts of two signals of one name (`countsOver` of the domain): the later one, and of one instant the one that says no. False where this one changes nothing, or
 * its company has said as much as is kept.
 */
export async function keepSignal(
  tx: Tx,
  signal: Signed<Signal>,
  under: { readonly agreementId: AgreementId; readonly parties: readonly OrganisationId[]; readonly most: number },
  digest: Digest,
): Promise<'kept' | 'not newer' | 'too many'> {
  const { organisation, at, holds } = signal.document;
  const { agreementId, parties, most } = under;
  const name = signalName(signal.document);
  const [room] = await tx.query<{ said: boolean; names: string }>(
    `select coalesce(bool_or(name = $3), false) as said, count(*) as names from signals where agreement_id = $1 and organisation = $2`,
    [agreementId, organisation, name],
  );
  if (room && !room.said && Number(room.names) >= most) return 'too many';
  const rows = await tx.query(
    `insert into signals as s (agreement_id, organisation, name, parties, said_at, holds, digest, body)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (agreement_id, organisation, name) do update set parties = excluded.parties, said_at = excluded.said_at,
       holds = excluded.holds, digest = excluded.digest, body = excluded.body
       where s.said_at < excluded.said_at or (s.said_at = excluded.said_at and s.holds and not excluded.holds) returning digest`,
    [agreementId, organisation, name, parties, at, holds, digest, JSON.stringify(signal)],
  );
  return rows.length === 1 ? 'kept' : 'not newer';
}

/** The newest of each, the newest first. */
export async function signalsUnder(tx: Tx, agreementId: AgreementId, most: number): Promise<Signed<Signal>[]> {
  const rows = await tx.query<{ body: string }>(
    'select body from signals where agreement_id = $1 order by said_at desc, name limit $2',
    [agreementId, most],
  );
  return rows.map(({ body }) => JSON.parse(body) as Signed<Signal>);
}
