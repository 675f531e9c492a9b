import type { Agreement, Term, ThirdPartyTerm } from '../documents/agreement.js';
import type { Right } from '../documents/right.js';
import type { OrganisationId } from '../names.js';
import { sameResource } from '../names.js';

/** The term that brings a third party in, or undefined where nobody did. */
export const thirdPartyTerm = (agreement: Agreement, party: OrganisationId): ThirdPartyTerm | undefined =>
  agreement.terms.find((term): term is ThirdPartyTerm => isThirdPartyTerm(term) && term.party === party);

const isThirdPartyTerm = (term: Agreement['terms'][number]): term is ThirdPartyTerm => term.type === 'third-party';

/** The organisations that made the agreement for themselves: every party that nobody brought in. */
export const sidesOfAgreement = (agreement: Agreement): readonly OrganisationId[] =>
  agreement.parties.filter((party) => party.role !== 'third-party').map((party) => party.organisation);

/**
 * What is wrong with the third parties of a version, by clause; undefined where nothing is. Each one is brought in by exactly one side, for
 * resources that the agreement names, and receives no data that the side which brought it neither receives nor owns.
 */
export function thirdPartyIncoherence(agreement: Agreement): string | undefined {
  const sides = sidesOfAgreement(agreement);
  if (!agreement.house && sides.length < 2) return 'parties';
  for (const { organisation, role } of agreement.parties) {
    const term = thirdPartyTerm(agreement, organisation);
    // A side that is also brought in could be named a guest of its own agreement, and a guest nobody answers for is a side.
    if ((role === 'third-party') !== (term !== undefined)) return 'third-party';
    if (term && !sides.includes(term.broughtBy)) return 'third-party';
  }
  const terms = agreement.terms.filter(isThirdPartyTerm);
  return terms.some((term) => reachesTooFar(term, agreement)) ? 'third-party' : undefined;
}

function reachesTooFar(term: ThirdPartyTerm, agreement: Agreement): boolean {
  if (!agreement.parties.some((party) => party.organisation === term.party)) return true;
  const named = term.resources.every((one) => agreement.resources.some((other) => sameResource(one, other)));
  return !named || agreement.terms.some((other) => receivesMore(term, other));
}

/** Data that flows to a guest past its host: the guest would hold what its side does not. */
function receivesMore(term: ThirdPartyTerm, other: Agreement['terms'][number]): boolean {
  if (!isDataTerm(other) || !other.recipients.includes(term.party)) return false;
  const itsSideHolds = other.recipients.includes(term.broughtBy) || other.resource.owner === term.broughtBy;
  return !itsSideHolds || !term.resources.some((one) => sameResource(one, other.resource));
}

type DataTermOf = Extract<Term, { type: 'data-collection' }>;
const isDataTerm = (term: Agreement['terms'][number]): term is DataTermOf => term.type === 'data-collection';

type Wanted = Pick<Right, 'kind' | 'purpose' | 'resources' | 'actions' | 'windows'>;

/**
 * Whether a grant gives a third party more than it was brought in for, or more than the side that brought it in could itself be granted.
 * The grant is otherwise judged like one of that side: the same terms, tickets, windows and approvals. A flow is sealed to every recipient of its
 * product, so a guest among these holds it too, whoever asked. False where no guest holds anything by it.
 */
export const exceedsThirdParty = (grant: Wanted, agreement: Agreement, subjectSide: OrganisationId): boolean =>
  [subjectSide, ...receiversOf(grant, agreement)].some((holder) => exceeds(grant, agreement, holder));

const receiversOf = ({ kind, actions, resources }: Wanted, agreement: Agreement): readonly OrganisationId[] =>
  kind === 'data-collection'
    ? agreement.terms
        .filter(isDataTerm)
        .filter(
          ({ product, resource }) => actions.includes(product) && resources.some((one) => sameResource(one, resource)),
        )
        .flatMap(({ recipients }) => recipients)
    : [];

function exceeds(grant: Wanted, agreement: Agreement, holder: OrganisationId): boolean {
  const party = agreement.parties.find((one) => one.organisation === holder);
  if (party?.role !== 'third-party') return false;
  const term = thirdPartyTerm(agreement, holder);
  if (!term?.kinds.includes(grant.kind) || !term.purposes.includes(grant.purpose)) return true;
  const inside =
    grant.resources.every((one) => term.resources.some((other) => sameResource(one, other))) &&
    grant.actions.every((action) => term.actions.includes(action));
  if (!inside) return true;
  return grant.windows.some((span) => span.to - span.from > term.longestWindowSeconds * 1000);
}
