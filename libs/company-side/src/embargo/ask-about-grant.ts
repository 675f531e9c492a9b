import {
  type Agreement,
  dataTerm,
  type EmbargoQuestion,
  type EmbargoRegister,
  type EntityDocument,
  knownTerms,
  type OrganisationId,
  type PartyFacts,
  type PlaceFacts,
  type RegionTerm,
  type RegisterPlace,
  type Right,
} from '@interlock/domain';

const NOWHERE: RegisterPlace = { country: null, subdivision: null, text: null };

/**
 * What one grant asks of the lists: every party of the agreement, every recipient and region operator, and every place that people, data or
 * machines of it are in. Facts come from the company's own register; where it is silent, from the partner's signed entity document, and
 * what neither says is not known. An envelope says nothing here.
 */
export function questionAbout(
  grant: Right,
  agreement: Agreement,
  register: EmbargoRegister | undefined,
  entities: readonly EntityDocument[],
): EmbargoQuestion {
  const regions = regionsOf(grant, agreement);
  const known = (organisation: OrganisationId) => register?.parties.find((one) => one.organisation === organisation);
  const machines = grant.resources.map((resource) => ({
    resource,
    facts: register?.machines.find((one) => one.resource.owner === resource.owner && one.resource.id === resource.id),
  }));
  return {
    act: grant.kind === 'remote-service' ? 'session' : 'forward',
    purpose: grant.purpose,
    parties: [
      ...agreement.parties.map((party) =>
        partyFacts(party.organisation, party.role, known(party.organisation), entities),
      ),
      ...regions.map(operator),
    ],
    places: [
      ...agreement.parties.map(({ organisation }) => establishment(organisation, known(organisation), entities)),
      ...grant.subjects
        .flatMap((subject) => known(subject.organisation)?.access ?? [])
        .map((at) => place('access', at)),
      ...machines.map(({ facts }) => place('origin', facts?.place ?? NOWHERE)),
      ...regions.flatMap((term) => regionPlaces(term, register).map((at) => place('storage', at, [term.jurisdiction]))),
    ],
    items: machines.map(({ resource, facts }) => ({
      resource,
      classification: facts?.classification ?? null,
      endUse: facts?.endUse ?? null,
    })),
    contractFrom: agreement.effectiveFrom,
  };
}

const place = (use: PlaceFacts['use'], at: RegisterPlace, claimed: readonly string[] = []): PlaceFacts => ({
  use,
  ...at,
  claimed,
});

/** Where a party is established by the register; what its own entity document says is a claim beside it, or all there is. */
function establishment(
  organisation: OrganisationId,
  known: EmbargoRegister['parties'][number] | undefined,
  entities: readonly EntityDocument[],
): PlaceFacts {
  const said = newestOf(organisation, entities)?.jurisdiction;
  const at = known?.establishment ?? { ...NOWHERE, country: said ?? null };
  return place('establishment', at, said === undefined ? [] : [said]);
}

function regionsOf(grant: Right, agreement: Agreement): readonly RegionTerm[] {
  const [product, resource] = [grant.actions[0], grant.resources[0]];
  const term = grant.kind === 'data-collection' && product && resource && dataTerm(agreement, product, resource);
  const named = term ? term.regions : [];
  return knownTerms(agreement).filter((one): one is RegionTerm => one.type === 'region' && named.includes(one.region));
}

const regionPlaces = (term: RegionTerm, register: EmbargoRegister | undefined): readonly RegisterPlace[] =>
  register?.regions.find((one) => one.region === term.region)?.places ?? [{ ...NOWHERE, country: term.jurisdiction }];

const operator = ({ operator: name }: RegionTerm): PartyFacts => ({
  organisation: null,
  role: 'operator',
  name,
  identifiers: [],
  owners: null,
});

function partyFacts(
  organisation: OrganisationId,
  role: string,
  known: EmbargoRegister['parties'][number] | undefined,
  entities: readonly EntityDocument[],
): PartyFacts {
  if (known) return { organisation, role, name: known.name, identifiers: known.identifiers, owners: known.owners };
  const name = newestOf(organisation, entities)?.name ?? organisation;
  return { organisation, role, name, identifiers: [], owners: null };
}

const newestOf = (organisation: OrganisationId, entities: readonly EntityDocument[]): EntityDocument | undefined =>
  entities.filter((one) => one.organisation === organisation).sort((a, b) => b.sequence - a.sequence)[0];
