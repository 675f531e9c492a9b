import { sidesOfAgreement, thirdPartyTerm } from '../agreement/third-party.js';
import type { Agreement, InsolvencyTerm } from '../documents/agreement.js';
import type { Right } from '../documents/right.js';
import type { Instant } from '../instant.js';
import type { OrganisationId } from '../names.js';
import { sameResource } from '../names.js';
import { annexesOf, type HeldPapers, withdrawnAt } from './held.js';

export const insolvencyTerms = (agreement: Agreement): readonly InsolvencyTerm[] =>
  agreement.terms.filter((term): term is InsolvencyTerm => term.type === 'insolvency');

/**
 * The terms whose case has come: another side said so, the wait that both agreed to is over since it was signed and since it was held here, and nobody has withdrawn it. Whoever can
 * still sign a withdrawal is not gone. A guest is not heard: a successor's own word would free him of the verdicts and the lease of his host.
 */
export const inInsolvency = (agreement: Agreement, papers: HeldPapers, now: Instant): readonly InsolvencyTerm[] =>
  insolvencyTerms(agreement).filter((term) =>
    annexesOf(papers.annexes, 'insolvency-notice').some(
      ({ annex, digest, heldSince = annex.issuedAt }) =>
        annex.agreementId === agreement.id &&
        annex.party === term.party &&
        annex.organisation !== term.party &&
        sidesOfAgreement(agreement).includes(annex.organisation) &&
        Math.max(annex.issuedAt, heldSince) + term.waitSeconds * 1000 <= now &&
        withdrawnAt(digest, agreement, papers.acts) === undefined,
    ),
  );

/**
 * Whether what an agreement keeps for an insolvency covers this use: of the named successor, or of nobody but those who are left. Every
 * right of the chain is looked at, the grant first: what was granted to the party that is gone ends whoever it was handed to, and a
 * successor's right hands nothing to somebody else. A guest of the party that is gone is not left: it would hold more than its host.
 */
export const keptInInsolvency = (
  term: InsolvencyTerm,
  rights: readonly Right[],
  owner: OrganisationId,
  agreement: Agreement,
): boolean =>
  owner !== term.party &&
  rights.every(
    ({ kind, resources, subjects }) =>
      term.kinds.includes(kind) &&
      resources.every((one) => term.resources.some((other) => sameResource(one, other))) &&
      subjects.every(({ organisation }) => holdsOn(term, organisation, agreement)),
  );

function holdsOn({ party, successor }: InsolvencyTerm, holder: OrganisationId, agreement: Agreement): boolean {
  if (holder === party) return false;
  return successor === null ? thirdPartyTerm(agreement, holder)?.broughtBy !== party : holder === successor;
}
