import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Decision, EmbargoList, PartyList, TerritoryList } from '@interlock/domain';
import { readCountries, readOfac, readProgrammes } from '../src/embargo/index.js';

const DATA = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
/** Real lists beside this repository. A user's clone has none; with CI set their absence is a failure. */
export const areListsWanted = (): boolean => existsSync(`${DATA}ofac-sdn-entities`) || process.env.CI === 'true';

const text = (file: string): string => readFileSync(`${DATA}${file}`, 'utf8');
export const EDITIONS = { '2019-01': Date.UTC(2019, 0, 15), '2021-07': Date.UTC(2021, 6, 7) } as const;
export type Edition = keyof typeof EDITIONS;

export const ofacFiles = (edition: Edition) => ({
  entities: text(`ofac-sdn-entities/entities-${edition}.csv`),
  addresses: text(`ofac-sdn-entities/addresses-${edition}.csv`),
  aliases: text(`ofac-sdn-entities/aliases-${edition}.csv`),
});

export const dated = (issuedAt: number) => ({
  origin: 'published lists',
  issuedAt,
  fetchedAt: issuedAt,
  parser: 'test/1',
  sources: [],
});

function whole<T>(read: Decision<T>): T {
  if (!read.allowed) throw new Error(read.refusal.detail ?? read.refusal.code);
  return read.value;
}
export const ofac = (edition: Edition): PartyList =>
  whole(readOfac(ofacFiles(edition), 'us_ofac', dated(EDITIONS[edition])));
export const publishedProgrammes = (): EmbargoList =>
  whole(readProgrammes(text('sanctions-programmes/programmes.json'), 'opensanctions', dated(EDITIONS['2021-07'])));
export const publishedCountries = (): EmbargoList =>
  whole(readCountries(text('country-codes/country-codes.csv'), 'iso', dated(EDITIONS['2021-07'])));

const rule = (id: string, places: readonly string[], outcome: 'blocked' | 'review') => ({
  id,
  places,
  outcome,
  acts: null,
  law: id,
  validFrom: null,
  validTo: null,
});
const TOWNS: Readonly<Record<string, string>> = {
  Crimea: 'UA-43',
  Simferopol: 'UA-43',
  Kerch: 'UA-43',
  Feodosiya: 'UA-43',
  Feodosia: 'UA-43',
  Yalta: 'UA-43',
  Sevastopol: 'UA-40',
  Donetsk: 'UA-14',
  Luhansk: 'UA-09',
  Lugansk: 'UA-09',
};
/** Rules a compliance officer would write for the occupied regions: codes, and the names of places in addresses. */
export const occupied: TerritoryList = {
  kind: 'territories',
  issuer: 'us_ofac',
  provenance: dated(EDITIONS['2021-07']),
  rules: [
    rule('cuba', ['CU'], 'blocked'),
    rule('crimea', ['UA-43', 'UA-40'], 'blocked'),
    rule('partly-occupied', ['UA-14', 'UA-09'], 'review'),
  ],
  partly: [{ country: 'UA', clear: ['UA-30', 'UA-46', 'UA-51'] }],
  placeNames: Object.entries(TOWNS).map(([name, code]) => ({ name, code })),
  postalCodes: [
    { country: 'UA', prefix: '95', code: 'UA-43' },
    { country: 'UA', prefix: '98', code: 'UA-43' },
  ],
};
const YEARS = 20 * 365 * 86_400;
export const patient: EmbargoList = {
  kind: 'policy',
  issuer: 'alpine-presses.example',
  provenance: dated(EDITIONS['2019-01']),
  issuerSets: [],
  ownership: [],
  maxAgeSeconds: {
    parties: 7 * 86_400,
    programmes: YEARS,
    countries: YEARS,
    territories: YEARS,
    items: YEARS,
    policy: YEARS,
    register: YEARS,
  },
  names: { review: 0.82, match: 0.97 },
};
