import type { Tx } from '@interlock/chassis/db';
import type {
  AgreementId,
  Annex,
  AnnexKind,
  Digest,
  HeldAnnex,
  Instant,
  MachineStatus,
  OrganisationId,
  ResourceRef,
  Signed,
} from '@interlock/domain';

/** An annex as it was handed in, with whose signatures were verified. */
export interface AnnexRow {
  readonly annex: Signed<Annex>;
  readonly digest: Digest;
  readonly signers: OrganisationId[];
}

export interface AnnexEnd {
  /** The clause that depends on it, for the log. */
  readonly clause: string | null;
  readonly warnAt: Instant;
  readonly endsAt: Instant;
}

/** False if the annex is held already. */
export async function insertAnnex(
  tx: Tx,
  agreementId: AgreementId,
  held: HeldAnnex,
  annex: Signed<Annex>,
  more: { readonly parties: readonly OrganisationId[]; readonly end: AnnexEnd | null; readonly now: Instant },
): Promise<boolean> {
  const { parties, end, now } = more;
  const rows = await tx.query(
    `insert into annexes (agreement_id, digest, kind, parties, signers, clause, warn_at, ends_at, body, held_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning digest`,
    [
      agreementId,
      held.digest,
      held.annex.typ,
      parties,
      held.signers,
      end?.clause ?? null,
      end?.warnAt ?? null,
      end?.endsAt ?? null,
      JSON.stringify(annex),
      now,
    ],
  );
  return rows.length === 1;
}

/** How many annexes under an agreement this party has signed. */
export async function countAnnexes(tx: Tx, agreementId: AgreementId, signer: OrganisationId): Promise<number> {
  const [row] = await tx.query<{ count: string }>(
    'select count(*) from annexes where agreement_id = $1 and $2 = any (signers)',
    [agreementId, signer],
  );
  return Number(row?.count ?? 0);
}

/** The annexes of one kind and digest, under whatever agreement they were handed in. */
export async function annexesOfDigest(tx: Tx, kind: AnnexKind, digest: Digest): Promise<readonly Annex[]> {
  const rows = await tx.query<{ body: string }>('select body from annexes where kind = $1 and digest = $2', [
    ...[kind, digest],
  ]);
  return rows.map(({ body }) => (JSON.parse(body) as Signed<Annex>).document);
}

/** Whether an annex of this digest, and of this kind where one is named, is held under an agreement. */
export async function annexIsHeld(
  tx: Tx,
  agreementId: AgreementId,
  digest: Digest,
  kind?: AnnexKind,
): Promise<boolean> {
  const rows = await tx.query(
    'select from annexes where agreement_id = $1 and digest = $2 and ($3::text is null or kind = $3)',
    [agreementId, digest, kind ?? null],
  );
  return rows.length === 1;
}

export interface DueAnnex {
  readonly agreementId: AgreementId;
  readonly digest: Digest;
  readonly kind: AnnexKind;
  readonly clause: string | null;
  readonly endsAt: Instant;
  readonly parties: readonly OrganisationId[];
}

/** Annexes whose end is near, or has come, and of which that was not said yet; at most 200. */
export async function annexesDue(tx: Tx, notice: 'expiring' | 'ended', now: Instant): Promise<DueAnnex[]> {
  const column = notice === 'expiring' ? 'warn_at' : 'ends_at';
  const rows = await tx.query<Omit<DueAnnex, 'endsAt'> & { endsAt: string }>(
    `select x.agreement_id as "agreementId", x.digest, x.kind, x.clause, x.ends_at as "endsAt", x.parties from annexes x
     where x.${column} <= $1 and not exists (select from annex_notices n
       where n.agreement_id = x.agreement_id and n.digest = x.digest and n.notice = $2)
     order by x.${column}, x.digest limit 200`,
    [now, notice],
  );
  return rows.map((row) => ({ ...row, endsAt: Number(row.endsAt) }));
}

/** False if another replica said it first. */
export async function giveNotice(
  tx: Tx,
  { agreementId, digest }: Pick<DueAnnex, 'agreementId' | 'digest'>,
  notice: 'expiring' | 'ended',
  now: Instant,
): Promise<boolean> {
  const rows = await tx.query(
    `insert into annex_notices (agreement_id, digest, notice, given_at) values ($1, $2, $3, $4)
     on conflict do nothing returning digest`,
    [agreementId, digest, notice, now],
  );
  return rows.length === 1;
}

export interface MachineRow {
  readonly sequence: number;
  readonly digest: Digest;
  readonly state: MachineStatus;
}

/** Where a machine stands at its owner, locked to the end of the transaction; undefined where it was never commissioned. */
export async function lockMachine(tx: Tx, { owner, id }: ResourceRef): Promise<MachineRow | undefined> {
  const [row] = await tx.query<{ sequence: string; digest: Digest; state: MachineStatus }>(
    'select sequence, digest, state from machines where owner = $1 and id = $2 for update',
    [owner, id],
  );
  return row && { ...row, sequence: Number(row.sequence) };
}

/** Where a machine stands at its owner now; undefined where it was never commissioned. */
export async function machineState(tx: Tx, { owner, id }: ResourceRef): Promise<MachineStatus | undefined> {
  const [row] = await tx.query<{ state: MachineStatus }>('select state from machines where owner = $1 and id = $2', [
    ...[owner, id],
  ]);
  return row?.state;
}

/** Moves a machine along its life; the database refuses a move that does not exist. False if another was first to commission it. */
export async function moveMachine(tx: Tx, { owner, id }: ResourceRef, to: MachineRow): Promise<boolean> {
  const rows = await tx.query(
    `insert into machines (owner, id, sequence, digest, state, state_before) values ($1, $2, $3, $4, $5, 'none')
     on conflict (owner, id) do update set sequence = excluded.sequence, digest = excluded.digest, state = excluded.state
     where machines.sequence + 1 = excluded.sequence returning owner`,
    [owner, id, to.sequence, to.digest, to.state],
  );
  return rows.length === 1;
}
