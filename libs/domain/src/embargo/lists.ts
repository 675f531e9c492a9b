import type { Instant } from '../instant.js';
import type { Digest, OrganisationId, ResourceRef } from '../names.js';
import type { EmbargoAct, Identifier, PartyFacts, PlaceFacts } from './question.js';

/** Where a list comes from. A list without one is not taken. */
export interface Provenance {
  readonly origin: string;
  /** The issuer's own date of this edition. */
  readonly issuedAt: Instant;
  readonly fetchedAt: Instant;
  /** Name and version of what read it. */
  readonly parser: string;
  /** Of the bytes as they were fetched; several files of one edition in their order. */
  readonly sources: readonly Digest[];
}

/** From when until when a rule holds; null is open. */
export interface Validity {
  readonly validFrom: Instant | null;
  readonly validTo: Instant | null;
}

interface ListHead<K extends string> {
  readonly kind: K;
  /** Whose list it is; the company's own files name the company. */
  readonly issuer: string;
  readonly provenance: Provenance;
}

export interface ListedName {
  readonly text: string;
  /** A weak alias is never a match by itself. */
  readonly weak: boolean;
}

export interface ListedParty extends Validity {
  readonly id: string;
  /** Digest of everything the issuer says of it: a ruling is about one version of one entry. */
  readonly version: string;
  readonly names: readonly ListedName[];
  readonly identifiers: readonly Identifier[];
  readonly programmes: readonly string[];
  readonly places: readonly { readonly country: string | null; readonly text: string }[];
}

export interface PartyList extends ListHead<'parties'> {
  readonly entries: readonly ListedParty[];
  /** Who stood in an earlier edition and no longer does: kept, because going away opens nothing by itself. */
  readonly delisted: readonly ListedParty[];
}

export interface Programme {
  readonly key: string;
  readonly issuer: string;
  readonly codes: readonly string[];
  readonly measures: readonly string[];
  readonly status: 'in-force' | 'ended' | 'legacy';
  readonly territories: readonly string[];
}

export interface ProgrammeList extends ListHead<'programmes'> {
  readonly programmes: readonly Programme[];
}

export interface CountryList extends ListHead<'countries'> {
  readonly countries: readonly { readonly code: string; readonly names: readonly string[] }[];
}

export type RuleOutcome = 'blocked' | 'licence_required' | 'review' | 'clear';

/** A rule about places. An ISO 3166-1 code reaches its subdivisions; one of ISO 3166-2 reaches itself. */
export interface TerritoryRule extends Validity {
  readonly id: string;
  readonly places: readonly string[];
  readonly outcome: Exclude<RuleOutcome, 'clear'>;
  /** Null: every act. */
  readonly acts: readonly EmbargoAct[] | null;
  readonly law: string;
}

export interface TerritoryList extends ListHead<'territories'> {
  readonly rules: readonly TerritoryRule[];
  /** Countries of which a part is embargoed: without a subdivision there is no answer, and only those named here are without a rule. */
  readonly partly: readonly { readonly country: string; readonly clear: readonly string[] }[];
  /** Names of towns and regions, and beginnings of postal codes, that put an address into a subdivision whatever its country says. */
  readonly placeNames: readonly { readonly name: string; readonly code: string }[];
  readonly postalCodes: readonly { readonly country: string; readonly prefix: string; readonly code: string }[];
}

/** A rule about goods, software and technology: by the beginning of a classification, for the places it names (null: everywhere). */
export interface ItemRule extends Validity {
  readonly id: string;
  readonly codes: readonly string[];
  readonly places: readonly string[] | null;
  readonly outcome: Exclude<RuleOutcome, 'clear'>;
  readonly acts: readonly EmbargoAct[] | null;
  readonly endUse: 'military' | null;
  readonly law: string;
}

export interface ItemList extends ListHead<'items'> {
  readonly rules: readonly ItemRule[];
}

/** How an issuer counts ownership. A rule that is suspended until a date is two of these. */
export interface OwnershipRule extends Validity {
  readonly issuer: string;
  readonly percent: number;
  readonly comparison: 'at-least' | 'more-than';
  readonly aggregate: boolean;
  readonly control: boolean;
}

/** The company's own decisions: whose lists bind whom and why, how old a list may be, how near a name must be. */
export interface EmbargoPolicy extends ListHead<'policy'> {
  readonly issuerSets: readonly {
    readonly organisation: OrganisationId;
    readonly issuers: readonly string[];
    readonly because: string;
  }[];
  readonly ownership: readonly OwnershipRule[];
  /** Seconds after the issuer's own date; a kind that is not named here is never fresh. */
  readonly maxAgeSeconds: Readonly<Partial<Record<EmbargoList['kind'], number>>>;
  /** Between 0 and 1: from `review` on a human looks, from `match` on it is the party. */
  readonly names: { readonly review: number; readonly match: number };
}

/** The company's own record of parties, machines and regions: the source of every fact that is asked about. */
export interface EmbargoRegister extends ListHead<'register'> {
  readonly parties: readonly (Omit<PartyFacts, 'role' | 'organisation'> & {
    readonly organisation: OrganisationId;
    readonly establishment: RegisterPlace;
    /** Where its people sit who use the right; empty: where it is established. */
    readonly access: readonly RegisterPlace[];
  })[];
  readonly machines: readonly {
    readonly resource: ResourceRef;
    readonly place: RegisterPlace;
    readonly classification: readonly string[] | null;
    readonly endUse: 'civil' | 'military' | null;
  }[];
  readonly regions: readonly { readonly region: string; readonly places: readonly RegisterPlace[] }[];
}
export type RegisterPlace = Pick<PlaceFacts, 'country' | 'subdivision' | 'text'>;

export type EmbargoList =
  | PartyList
  | ProgrammeList
  | CountryList
  | TerritoryList
  | ItemList
  | EmbargoPolicy
  | EmbargoRegister;
