import {
  allow,
  type CountryList,
  type Decision,
  type Identifier,
  type ListedParty,
  type PartyList,
  type ProgrammeList,
  type Provenance,
  refuse,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { z } from 'zod';
import { readCsv } from './read-csv.js';

type Row = Readonly<Record<string, string>>;
export type ReadRefusal = 'embargo_list_truncated' | 'malformed';

/** Name and version of the readers below: a list says which one read it. */
export const LIST_PARSER = 'interlock-lists/1';

/**
 * OFAC's list as its three files, joined by `ent_num`. A row of addresses or aliases whose entity is not there means that a file is not whole.
 */
export function readOfac(
  files: { readonly entities: string; readonly addresses: string; readonly aliases: string },
  issuer: string,
  provenance: Provenance,
): Decision<PartyList, ReadRefusal> {
  const entities = readCsv(files.entities, ['ent_num', 'name', 'type', 'programs', 'remarks']);
  if (!entities.allowed) return entities;
  const addresses = readCsv(files.addresses, ['ent_num', 'add_num', 'address', 'city_state_postal', 'country']);
  if (!addresses.allowed) return addresses;
  const aliases = readCsv(files.aliases, ['ent_num', 'alt_num', 'alt_type', 'alt_name']);
  if (!aliases.allowed) return aliases;
  const [placed, named] = [byEntity(addresses.value), byEntity(aliases.value)];
  const known = new Set(entities.value.map((row) => row.ent_num));
  const orphan = [...placed.keys(), ...named.keys()].find((id) => !known.has(id));
  if (orphan !== undefined)
    return refuse('embargo_list_truncated', { detail: `entity ${orphan} is spoken of and is not there` });
  const entries = entities.value.map((row) =>
    listedParty(row, placed.get(row.ent_num ?? '') ?? [], named.get(row.ent_num ?? '') ?? []),
  );
  return allow({ kind: 'parties', issuer, provenance, entries, delisted: [] });
}

function byEntity(rows: readonly Row[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const id = row.ent_num ?? '';
    const held = found.get(id);
    if (held) held.push(row);
    else found.set(id, [row]);
  }
  return found;
}

function listedParty(row: Row, addresses: readonly Row[], aliases: readonly Row[]): ListedParty {
  const remarks = row.remarks ?? '';
  return {
    id: row.ent_num ?? '',
    version: digestOf([row, addresses, aliases]),
    names: [
      { text: row.name ?? '', weak: false },
      ...aliases.map((alias) => ({
        text: alias.alt_name ?? '',
        weak: !['aka', 'fka', 'nka'].includes(alias.alt_type ?? '') || /weak/i.test(alias.remarks ?? ''),
      })),
    ],
    identifiers: identifiersIn(remarks),
    programmes: (row.programs ?? '').split(';').filter((code) => code !== ''),
    places: addresses.map((address) => ({
      country: address.country || null,
      text: [address.address, address.city_state_postal].filter(Boolean).join(', '),
    })),
    validFrom: null,
    validTo: null,
  };
}

const SCHEMES: readonly (readonly [scheme: string, pattern: RegExp])[] = [
  [
    'registration',
    /(?:Registration ID|Registration Number|Company Number|Business Number) ([A-Z0-9./ -]{4,40}?)(?= \(|;|\.|$)/gi,
  ],
  ['tax', /Tax ID No\. ([A-Z0-9./-]{4,40}?)(?= \(|;|\.|$)/gi],
  ['imo', /IMO (\d{7})/g],
  ['swift', /SWIFT\/BIC ([A-Z0-9]{8,11})/g],
];

/** Identifiers as the remarks name them. What cannot be read from free text is left out: the names are there as well. */
const identifiersIn = (remarks: string): readonly Identifier[] =>
  SCHEMES.flatMap(([scheme, pattern]) =>
    [...remarks.matchAll(pattern)].map((found) => ({ scheme, value: (found[1] ?? '').trim() })),
  );

const programmes = z.array(
  z.looseObject({
    key: z.string().min(1),
    issuer: z.string().min(1),
    aliases: z.array(z.string()).default([]),
    measures: z.array(z.string()).default([]),
    status: z.enum(['ended', 'legacy']).optional(),
    target_territories: z.array(z.string()).default([]),
  }),
);

/** Metadata of sanctions programmes, as the open collection keeps it in one JSON file. */
export function readProgrammes(
  text: string,
  issuer: string,
  provenance: Provenance,
): Decision<ProgrammeList, ReadRefusal> {
  const parsed = programmes.safeParse(jsonOf(text));
  if (!parsed.success) return malformedAt(parsed.error);
  return allow({
    kind: 'programmes',
    issuer,
    provenance,
    programmes: parsed.data.map((one) => ({
      key: one.key,
      issuer: one.issuer,
      codes: one.aliases,
      measures: one.measures,
      status: one.status ?? 'in-force',
      territories: one.target_territories,
    })),
  });
}

const NAMES = ['UNTERM English Short', 'official_name_en', 'CLDR display name', 'UNTERM English Formal'];

/** Codes of ISO 3166-1 with the names a country is written by. */
export function readCountries(
  text: string,
  issuer: string,
  provenance: Provenance,
): Decision<CountryList, ReadRefusal> {
  const rows = readCsv(text, ['ISO3166-1-Alpha-2', ...NAMES]);
  if (!rows.allowed) return rows;
  const countries = rows.value
    .map((row) => ({
      code: row['ISO3166-1-Alpha-2'] ?? '',
      names: [...new Set(NAMES.map((name) => row[name] ?? '').filter((name) => name !== ''))],
    }))
    .filter(({ code }) => /^[A-Z]{2}$/.test(code));
  return allow({ kind: 'countries', issuer, provenance, countries });
}

/** The JSON of a text; undefined where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const malformedAt = (error: z.ZodError): Decision<never, 'malformed'> =>
  refuse('malformed', { clause: error.issues[0]?.path.join('.') || 'file', detail: error.issues[0]?.message ?? '' });
