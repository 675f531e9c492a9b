import type { HeldAct } from '../act/standing.js';
import type { Agreement } from '../documents/agreement.js';
import type { Annex, AnnexKind, HeldAnnex } from '../documents/annex.js';
import type { Instant } from '../instant.js';
import type { Digest, OrganisationId } from '../names.js';

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

/** Whose word an annex is: of the two who sign an exception or a transfer, the one who deviates and the one who gives away. */
export function authorOf(annex: Annex): OrganisationId {
  if ('organisation' in annex) return annex.organisation;
  return annex.typ === 'machine-record' ? annex.resource.owner : annex.from.owner;
}

/** How many of all the annexes an agreement may have are for each party: nobody can use up what another one has to say. */
export const shareOfAnnexes = (most: number, { parties }: Agreement): number => Math.floor(most / parties.length);

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
