import type { Instant } from '../instant.js';
import type { OrganisationId, ResourceRef } from '../names.js';

/** What a right lets happen: data is collected, stored or forwarded; a session is opened; something is put on the machine. */
export type EmbargoAct = 'collect' | 'store' | 'forward' | 'session' | 'update';

export interface Identifier {
  /** `lei`, `registration`, `tax`, `imo`, ... */
  readonly scheme: string;
  readonly value: string;
}

/** Who holds how much of a party. `share` in per cent, null where nobody knows; control is control without shares. */
export interface Owner {
  readonly name: string;
  readonly identifiers: readonly Identifier[];
  readonly share: number | null;
  readonly control: boolean;
  /** Its own owners; null where nobody knows. */
  readonly owners: readonly Owner[] | null;
}

export interface PartyFacts {
  /** Null for somebody who has no domain of his own here, such as the operator of a region. */
  readonly organisation: OrganisationId | null;
  readonly role: string;
  readonly name: string;
  readonly identifiers: readonly Identifier[];
  /** Null where nobody knows. */
  readonly owners: readonly Owner[] | null;
}

/** A place that the right touches, as the company's own register has it; never what an envelope says of itself. */
export interface PlaceFacts {
  readonly use: 'establishment' | 'origin' | 'ingest' | 'transit' | 'storage' | 'destination' | 'access';
  /** ISO 3166-1 alpha-2 or a country's name; null where nobody knows. */
  readonly country: string | null;
  /** ISO 3166-2; null where it is not recorded. */
  readonly subdivision: string | null;
  /** Address, town, postal code: place names and postal codes are looked for in it. */
  readonly text: string | null;
  /** Countries that others say of this place (an entity document, an address of the network). A contradiction is for a human. */
  readonly claimed: readonly string[];
}

export interface ItemFacts {
  readonly resource: ResourceRef;
  /** `hs:8457.10`, `eccn:2b001`, ...; null where nobody classified it. Empty: classified, and in no list. */
  readonly classification: readonly string[] | null;
  readonly endUse: 'civil' | 'military' | null;
}

/** Every input of a check, explicit. What is null is not known, and unknown is never clear. */
export interface EmbargoQuestion {
  readonly act: EmbargoAct;
  readonly purpose: string;
  readonly parties: readonly PartyFacts[];
  readonly places: readonly PlaceFacts[];
  readonly items: readonly ItemFacts[];
  /** When the contract was concluded: wind-down exceptions hold for what was agreed before a date. */
  readonly contractFrom: Instant;
}
