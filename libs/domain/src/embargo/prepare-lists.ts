import type { Instant } from '../instant.js';
import type { Digest } from '../names.js';
import type {
  CountryList,
  EmbargoList,
  EmbargoPolicy,
  EmbargoRegister,
  ItemList,
  ListedParty,
  PartyList,
  Programme,
  ProgrammeList,
  TerritoryList,
  Validity,
} from './lists.js';
import { indexNames, type NameIndex } from './match-name.js';
import { normaliseName } from './normalise-name.js';
import type { Identifier } from './question.js';

/** An immutable list with the digest it is known by. */
export interface HeldList<L extends EmbargoList = EmbargoList> {
  readonly digest: Digest;
  readonly list: L;
}

export interface IndexedEntry {
  readonly list: HeldList<PartyList>;
  readonly entry: ListedParty;
  readonly delisted: boolean;
}

/** One issuer's territory list with what is looked for in addresses, in the form in which it is compared. */
export interface PreparedTerritories extends Pick<TerritoryList, 'rules' | 'partly'> {
  /** Every place that some rule names, in force or not. */
  readonly ruled: ReadonlySet<string>;
  readonly placeNames: readonly { readonly plain: string; readonly code: string }[];
  readonly postalCodes: readonly { readonly country: string; readonly pattern: RegExp; readonly code: string }[];
}

/** Everything a check looks at, indexed once for each set of lists. */
export interface PreparedLists {
  readonly held: readonly HeldList[];
  /** Of every list, in their order. */
  readonly digests: readonly Digest[];
  readonly parties: ReadonlyMap<
    string,
    { readonly names: NameIndex<IndexedEntry>; readonly identifiers: ReadonlyMap<string, readonly IndexedEntry[]> }
  >;
  readonly programmes: ReadonlyMap<string, readonly Programme[]>;
  readonly territories: ReadonlyMap<string, readonly PreparedTerritories[]>;
  readonly items: ReadonlyMap<string, readonly HeldList<ItemList>[]>;
  /** Upper-case code, or name in comparable form, to code. */
  readonly countries: ReadonlyMap<string, string>;
  readonly policy: EmbargoPolicy | undefined;
  readonly register: EmbargoRegister | undefined;
  /** Every instant at which some rule begins or ends, ascending. */
  readonly boundaries: readonly Instant[];
}

const ofKind = <K extends EmbargoList['kind']>(lists: readonly HeldList[], kind: K) =>
  lists.filter((held): held is HeldList<Extract<EmbargoList, { kind: K }>> => held.list.kind === kind);

/** Indexes a set of lists. Two policies, registers or country lists contradict each other, so then there is none. */
export function prepareLists(lists: readonly HeldList[]): PreparedLists {
  const [parties, countries] = [ofKind(lists, 'parties'), ofKind(lists, 'countries')];
  const only = <T>(found: readonly T[]): T | undefined => (found.length === 1 ? found[0] : undefined);
  const issuers = new Set(parties.map(({ list }) => list.issuer));
  return {
    held: lists,
    digests: lists.map(({ digest }) => digest),
    parties: new Map([...issuers].map((issuer) => [issuer, indexParties(parties, issuer)])),
    programmes: indexProgrammes(ofKind(lists, 'programmes')),
    territories: prepareTerritories(ofKind(lists, 'territories')),
    items: byIssuer(ofKind(lists, 'items')),
    countries: indexCountries(only(countries)?.list),
    policy: only(ofKind(lists, 'policy'))?.list,
    register: only(ofKind(lists, 'register'))?.list,
    boundaries: boundariesOf(lists),
  };
}

function indexParties(lists: readonly HeldList<PartyList>[], issuer: string) {
  const entries = lists
    .filter(({ list }) => list.issuer === issuer)
    .flatMap((list) => [
      ...list.list.entries.map((entry) => ({ list, entry, delisted: false })),
      ...list.list.delisted.map((entry) => ({ list, entry, delisted: true })),
    ]);
  const identifiers = new Map<string, IndexedEntry[]>();
  for (const one of entries)
    for (const key of one.entry.identifiers.map(identifierKey))
      identifiers.set(key, [...(identifiers.get(key) ?? []), one]);
  const names = indexNames(
    entries.flatMap((of) => of.entry.names.map(({ text, weak }) => ({ of, text, weak: weak || of.delisted }))),
  );
  return { names, identifiers };
}

/** Scheme and value as they are compared: letters and digits alone. */
export const identifierKey = ({ scheme, value }: Identifier): string =>
  `${scheme.toLowerCase()}:${value.toUpperCase().replace(/[^0-9A-Z]/g, '')}`;

function indexProgrammes(lists: readonly HeldList<ProgrammeList>[]): ReadonlyMap<string, readonly Programme[]> {
  const found = new Map<string, Programme[]>();
  for (const programme of lists.flatMap(({ list }) => list.programmes))
    for (const code of new Set([programme.key, ...programme.codes]))
      found.set(code, [...(found.get(code) ?? []), programme]);
  return found;
}

function indexCountries(list: CountryList | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { code, names } of list?.countries ?? []) {
    found.set(code, code);
    for (const name of names) {
      const key = countryKey(name);
      // A name that two countries have is the name of none.
      if (key !== undefined) found.set(key, (found.get(key) ?? code) === code ? code : '');
    }
  }
  return found;
}

/** A country's name in comparable form; never the form of a code. */
export const countryKey = (name: string): string | undefined => {
  const normal = normaliseName(name);
  return normal && `name:${normal.squashed}`;
};

function byIssuer<L extends EmbargoList>(lists: readonly HeldList<L>[]): ReadonlyMap<string, readonly HeldList<L>[]> {
  const found = new Map<string, HeldList<L>[]>();
  for (const held of lists) found.set(held.list.issuer, [...(found.get(held.list.issuer) ?? []), held]);
  return found;
}

function prepareTerritories(
  lists: readonly HeldList<TerritoryList>[],
): ReadonlyMap<string, readonly PreparedTerritories[]> {
  const prepared = ({ list: { rules, partly, placeNames, postalCodes } }: HeldList<TerritoryList>) => ({
    rules,
    partly,
    ruled: new Set(rules.flatMap((rule) => rule.places)),
    placeNames: placeNames.map(({ name, code }) => ({ plain: plainText(name), code })),
    postalCodes: postalCodes.map(({ country, prefix, code }) => ({
      country,
      pattern: new RegExp(`(^|\\D)${prefix}\\d*(\\D|$)`),
      code,
    })),
  });
  return new Map([...byIssuer(lists)].map(([issuer, held]) => [issuer, held.map(prepared)]));
}

/** A text as place names are looked for in it. */
export function plainText(text: string): string {
  const bare = /^[\x20-\x7e]*$/.test(text) ? text : text.normalize('NFKD').replace(/\p{M}/gu, '');
  return bare.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ');
}

function boundariesOf(lists: readonly HeldList[]): readonly Instant[] {
  const rules = lists.flatMap(({ list }): readonly Validity[] => {
    if (list.kind === 'parties') return list.entries;
    if (list.kind === 'territories' || list.kind === 'items') return list.rules;
    return list.kind === 'policy' ? list.ownership : [];
  });
  const all = rules.flatMap(({ validFrom, validTo }) => [validFrom, validTo]).filter((at) => at !== null);
  return [...new Set(all)].sort((a, b) => a - b);
}
