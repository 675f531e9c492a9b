import { sidesOfAgreement } from '../agreement/third-party.js';
import type { Agreement, EquivalenceTerm, GrantKind } from '../documents/agreement.js';
import type { Attestation, Exception, HeldAnnex } from '../documents/annex.js';
import type { Instant } from '../instant.js';
import type { Digest, OrganisationId, ResourceRef } from '../names.js';
import { sameResource } from '../names.js';
import { annexesOf, type HeldPapers, withdrawnAt } from './held.js';

/** What stands for a control now, and until when. */
export interface Assurance {
  readonly by: 'attestation' | 'exception';
  readonly digest: Digest;
  readonly until: Instant;
}

export const equivalenceTerms = (agreement: Agreement): readonly EquivalenceTerm[] =>
  agreement.terms.filter((term): term is EquivalenceTerm => term.type === 'equivalence');

/** Whether uses of this kind on this resource depend on the control that a term asks for. */
export const dependsOn = (term: EquivalenceTerm, kind: GrantKind, resource: ResourceRef): boolean =>
  term.kinds.includes(kind) &&
  (term.resources.length === 0 || term.resources.some((one) => sameResource(one, resource)));

/**
 * What assures that a party meets a control: its attestation, accepted by every other side, or a deviation that every other side conceded.
 * Undefined where nothing does: then what depends on the term stands still. A withdrawal counts after the warning the term asks for.
 */
export function assurance(
  term: EquivalenceTerm,
  agreement: Agreement,
  papers: HeldPapers,
  now: Instant,
): Assurance | undefined {
  const others = sidesOfAgreement(agreement).filter((side) => side !== term.party);
  // Nobody accepts for himself: in a house agreement there is no one to say that a control counts.
  if (others.length === 0) return undefined;
  const found = [...attested(term, agreement, papers, others, now), ...excepted(term, agreement, papers, others, now)];
  return found.filter((one) => now < one.until).sort((a, b) => b.until - a.until)[0];
}

/** Whether a party's own attestation of a control counts now, taken by every other side. A deviation that was conceded is no protection. */
export const meets = (
  claim: Omit<Claim, 'warnSeconds'>,
  agreement: Agreement,
  papers: HeldPapers,
  now: Instant,
): boolean => {
  const others = sidesOfAgreement(agreement).filter((side) => side !== claim.party);
  const asked = { party: claim.party, control: claim.control, warnSeconds: 0 };
  return others.length > 0 && attested(asked, agreement, papers, others, now).some(({ until }) => now < until);
};

/** That a party meets a control, and how long that still counts after a withdrawal. */
type Claim = Pick<EquivalenceTerm, 'party' | 'control' | 'warnSeconds'>;

/** Whether it is the party's own word for the control under this agreement, and has begun to count. */
const isClaim =
  (term: Claim, agreement: Agreement, now: Instant) =>
  ({ annex }: { readonly annex: Attestation | Exception }): boolean =>
    annex.organisation === term.party &&
    annex.control === term.control &&
    annex.agreementId === agreement.id &&
    annex.validFrom <= now;

function attested(
  term: Claim,
  agreement: Agreement,
  papers: HeldPapers,
  others: readonly OrganisationId[],
  now: Instant,
): readonly Assurance[] {
  const attestations = annexesOf(papers.annexes, 'attestation').filter(isClaim(term, agreement, now));
  const acceptances = annexesOf(papers.annexes, 'acceptance').filter(({ annex }) => annex.agreementId === agreement.id);
  return attestations.map((held) => {
    const accepted = others.map((side) =>
      latest(
        acceptances
          .filter(({ annex }) => annex.attestation === held.digest && annex.organisation === side)
          .map((one) => endOfAnnex(one, term, agreement, papers)),
      ),
    );
    const until = Math.min(endOfAnnex(held, term, agreement, papers), ...accepted);
    return { by: 'attestation', digest: held.digest, until };
  });
}

function excepted(
  term: Claim,
  agreement: Agreement,
  papers: HeldPapers,
  others: readonly OrganisationId[],
  now: Instant,
): readonly Assurance[] {
  const exceptions = annexesOf(papers.annexes, 'exception').filter(isClaim(term, agreement, now));
  return exceptions.map((held) => {
    const conceded = others.map((side) =>
      latest(
        exceptions
          .filter(({ annex }) => annex.acceptedBy === side)
          .map((one) => endOfAnnex(one, term, agreement, papers)),
      ),
    );
    return { by: 'exception', digest: held.digest, until: Math.min(...conceded) };
  });
}

const latest = (instants: readonly Instant[]): Instant => Math.max(Number.NEGATIVE_INFINITY, ...instants);

type Dated = HeldAnnex & { readonly annex: { readonly validUntil: Instant } };

/** When an annex stops to count: by its own date, or as long after a withdrawal as the term warns. */
function endOfAnnex(held: Dated, term: Claim, agreement: Agreement, papers: HeldPapers): Instant {
  const withdrawn = withdrawnAt(held.digest, agreement, papers.acts);
  return withdrawn === undefined
    ? held.annex.validUntil
    : Math.min(held.annex.validUntil, withdrawn + term.warnSeconds * 1000);
}

/** The first control that a use of this kind on this resource depends on and that nothing assures now. */
export const lapsedControl = (
  agreement: Agreement,
  kind: GrantKind,
  resource: ResourceRef,
  papers: HeldPapers,
  now: Instant,
): EquivalenceTerm | undefined =>
  equivalenceTerms(agreement).find(
    (term) => dependsOn(term, kind, resource) && !assurance(term, agreement, papers, now),
  );
