import type { Agreement, InsolvencyTerm } from '../documents/agreement.js';
import type { Grant } from '../documents/right.js';
import type { Instant } from '../instant.js';
import type { OrganisationId } from '../names.js';
import { sameResource } from '../names.js';
import { annexesOf, type HeldPapers, withdrawnAt } from './held.js';

export const insolvencyTerms = (agreement: Agreement): readonly InsolvencyTerm[] =>
  agreement.terms.filter((term): term is InsolvencyTerm => term.type === 'insolvency');

/**
 * The terms whose case has come: another party said so, the wait that both agreed to is over, and nobody has withdrawn it. Whoever can
 * still sign a withdrawal is not gone.
 */
export const inInsolvency = (agreement: Agreement, papers: HeldPapers, now: Instant): readonly InsolvencyTerm[] =>
  insolvencyTerms(agreement).filter((term) =>
    annexesOf(papers.annexes, 'insolvency-notice').some(
      ({ annex, digest }) =>
        annex.agreementId === agreement.id &&
        annex.party === term.party &&
        annex.organisation !== term.party &&
        annex.issuedAt + term.waitSeconds * 1000 <= now &&
        withdrawnAt(digest, agreement, papers.acts) === undefined,
    ),
  );

/** Whether what an agreement keeps for an insolvency covers this grant: of the named successor, or of nobody but those who are left. */
export function keptInInsolvency(
  term: InsolvencyTerm,
  grant: Grant,
  sides: { readonly owner: OrganisationId; readonly subjectSide: OrganisationId },
): boolean {
  if (sides.owner === term.party || sides.subjectSide === term.party) return false;
  if (term.successor !== null && sides.subjectSide !== term.successor) return false;
  return (
    term.kinds.includes(grant.kind) &&
    grant.resources.every((one) => term.resources.some((other) => sameResource(one, other)))
  );
}
