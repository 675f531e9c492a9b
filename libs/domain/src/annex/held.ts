import type { HeldAct } from '../act/standing.js';
import type { Agreement } from '../documents/agreement.js';
import type { Annex, AnnexKind, HeldAnnex } from '../documents/annex.js';
import type { Instant } from '../instant.js';
import type { Digest } from '../names.js';

/** What is held beside an agreement. Both only ever grow. */
export interface HeldPapers {
  readonly annexes: readonly HeldAnnex[];
  readonly acts: readonly HeldAct[];
}

/** The annexes of one kind. */
export const annexesOf = <K extends AnnexKind>(
  annexes: readonly HeldAnnex[],
  kind: K,
): readonly HeldAnnex<Extract<Annex, { typ: K }>>[] =>
  annexes.filter((held): held is HeldAnnex<Extract<Annex, { typ: K }>> => held.annex.typ === kind);

/** When the first party withdrew an annex; undefined where nobody did. Any party may: to withdraw only ever takes away. */
export function withdrawnAt(digest: Digest, agreement: Agreement, acts: readonly HeldAct[]): Instant | undefined {
  const parties = agreement.parties.map((party) => party.organisation);
  const withdrawals = acts.filter(
    ({ act }) =>
      act.verb === 'revoke' &&
      act.target.kind === 'annex' &&
      act.target.id === digest &&
      act.agreementId === agreement.id &&
      parties.includes(act.organisation),
  );
  return withdrawals.length === 0 ? undefined : Math.min(...withdrawals.map(({ act }) => act.issuedAt));
}
