import { importList } from '@interlock/company-side';
import type { EmbargoList, LocalId, PartyList, TerritoryList } from '@interlock/domain';
import { BUYER, VENDOR } from './world.js';

const ALWAYS = { validFrom: null, validTo: null };
const town = (country: string | null) => ({ country, subdivision: null, text: null });
const YEAR = 365 * 86_400;

export const provenance = (issuedAt: number) => ({
  origin: 'test',
  issuedAt,
  fetchedAt: issuedAt,
  parser: 'test/1',
  sources: [],
});
export const parties = (names: readonly string[], issuedAt: number): PartyList => ({
  kind: 'parties',
  issuer: 'eu',
  provenance: provenance(issuedAt),
  delisted: [],
  entries: names.map((text, at) => ({
    id: `${at}`,
    version: text,
    names: [{ text, weak: false }],
    identifiers: [],
    programmes: ['FREEZE'],
    places: [],
    ...ALWAYS,
  })),
});
export const territories = (blocked: readonly string[], issuedAt: number): TerritoryList => ({
  kind: 'territories',
  issuer: 'eu',
  provenance: provenance(issuedAt),
  rules: [{ id: 'r1', places: blocked, outcome: 'blocked', acts: null, law: 'test', ...ALWAYS }],
  partly: [],
  placeNames: [],
  postalCodes: [],
});

/** Lists by which an agreement between the vendor in AT and the buyer in NL is clear. */
export function allLists(issuedAt: number): readonly EmbargoList[] {
  const head = { issuer: 'own', provenance: provenance(issuedAt) };
  const kinds = ['parties', 'programmes', 'countries', 'territories', 'items', 'policy', 'register'];
  return [
    parties(['Somebody Else'], issuedAt),
    territories(['CU'], issuedAt),
    {
      kind: 'programmes',
      ...head,
      programmes: [
        { key: 'FREEZE', issuer: 'eu', codes: [], measures: ['Asset freeze'], status: 'in-force', territories: [] },
      ],
    },
    { kind: 'countries', ...head, countries: ['AT', 'NL', 'DE', 'CU'].map((code) => ({ code, names: [] })) },
    {
      kind: 'policy',
      ...head,
      issuerSets: [],
      ownership: [],
      maxAgeSeconds: Object.fromEntries(kinds.map((kind) => [kind, YEAR])),
      names: { review: 0.82, match: 0.97 },
    },
    {
      kind: 'register',
      ...head,
      parties: (
        [
          [VENDOR, 'Alpine Presses', 'AT'],
          [BUYER, 'Delta Foods', 'NL'],
        ] as const
      ).map(([organisation, name, country]) => ({
        organisation,
        name,
        identifiers: [],
        owners: [],
        establishment: town(country),
        access: [],
      })),
      machines: [
        {
          resource: { owner: BUYER, id: 'press-7' as LocalId },
          place: town('NL'),
          classification: [],
          endUse: 'civil',
        },
      ],
      regions: [],
    },
  ];
}

export async function lay(dir: string, ...lists: readonly EmbargoList[]): Promise<void> {
  for (const list of lists) {
    const taken = await importList(dir, list, Date.now());
    if (!taken.allowed) throw new Error(`${taken.refusal.code} ${taken.refusal.detail ?? ''}`);
  }
}
