import { endOfNotice, type HeldAct } from '../act/standing.js';
import type { Agreement } from '../documents/agreement.js';
import type { Instant } from '../instant.js';
import { termsOfType } from './find-terms.js';

/** Acts of parties on the whole agreement. Those of strangers, and on other things, say nothing of it. */
export const onWhole = (agreement: Agreement, acts: readonly HeldAct[]): readonly HeldAct[] =>
  acts.filter(
    ({ act }) =>
      act.agreementId === agreement.id &&
      agreement.parties.some((party) => party.organisation === act.organisation) &&
      act.target.kind === 'agreement' &&
      act.target.id === agreement.id,
  );

/** When nothing is used under a version any more: its own end, the end of a notice, or the moment one side took all of it away. */
export function usesEndAt(agreement: Agreement, acts: readonly HeldAct[]): Instant {
  const ends = onWhole(agreement, acts).flatMap((held) => {
    const { verb, issuedAt } = held.act;
    if (verb === 'terminate') return [endOfNotice(held, agreement)];
    // It ends with its coming, whatever its signer dated it: neither date takes away what is owed after the end.
    return verb === 'revoke' ? [held.heldSince ?? issuedAt] : [];
  });
  return Math.min(agreement.endsAt, ...ends);
}

/** When an act will end what the version's own date does not end before; infinite where none does. */
export function cutShortAt(agreement: Agreement, acts: readonly HeldAct[], now: Instant): Instant {
  if (acts.length === 0) return Number.POSITIVE_INFINITY;
  const ends = usesEndAt(agreement, acts);
  return now < ends && ends < agreement.endsAt ? ends : Number.POSITIVE_INFINITY;
}

/**
 * Until when what was delivered before the end is still fetched by whoever it was delivered to (Regulation (EU) 2023/2854, Article 25(2)(g)). Nobody's act
 * shortens it: it is a duty, and a suspension or a cut stops use alone.
 */
export function retrievalEndsAt(agreement: Agreement, acts: readonly HeldAct[]): Instant {
  const [notice] = termsOfType(agreement, 'notice');
  return usesEndAt(agreement, acts) + (notice?.retrievalSeconds ?? 0) * 1000;
}

/** Until when a version is over but for retrieval; undefined before its uses end, and when the retrieval is over too. */
export function inRetrieval(agreement: Agreement, acts: readonly HeldAct[], now: Instant): Instant | undefined {
  const until = retrievalEndsAt(agreement, acts);
  return usesEndAt(agreement, acts) <= now && now < until ? until : undefined;
}
