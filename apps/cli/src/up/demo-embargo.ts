import { importList } from '@interlock/company-side';
import type { EmbargoList, EmbargoRegister, RegisterPlace } from '@interlock/domain';
import { ANALYTICS, BUYER, PRESS, REGION, VENDOR } from './demo-companies.js';

const ALWAYS = { validFrom: null, validTo: null };
const YEAR = 365 * 86_400;
const KINDS = ['parties', 'programmes', 'countries', 'territories', 'items', 'policy', 'register'] as const;
const town = (country: string): RegisterPlace => ({ country, subdivision: null, text: null });

/**
 * The trial's own lists, nobody's law: they know the places of the trial, block a code that ISO 3166-1 leaves to its users, and list one
 * company that does not exist. They are dated by the start, because a list that is too old answers nothing.
 */
export async function layDemoLists(dir: string, now: number): Promise<void> {
  const provenance = {
    origin: 'made by the trial',
    issuedAt: now,
    fetchedAt: now,
    parser: 'interlock-rules/1',
    sources: [],
  };
  for (const list of [...published(provenance), ...own(provenance)]) {
    const taken = await importList(dir, list, now);
    if (!taken.allowed) throw new Error(`the trial's embargo lists were not taken: ${taken.refusal.code}`);
  }
}

const published = (provenance: EmbargoList['provenance']): readonly EmbargoList[] => [
  {
    kind: 'countries',
    issuer: 'trial',
    provenance,
    countries: ['AT', 'DE', 'NL', 'ZZ'].map((code) => ({ code, names: [] })),
  },
  {
    kind: 'programmes',
    issuer: 'trial',
    provenance,
    programmes: [
      { key: 'TRIAL', issuer: 'eu', codes: [], measures: ['Asset freeze'], status: 'in-force', territories: [] },
    ],
  },
  ...ofIssuer(provenance),
];

const ofIssuer = (provenance: EmbargoList['provenance']): readonly EmbargoList[] => [
  {
    kind: 'parties',
    issuer: 'eu',
    provenance,
    delisted: [],
    entries: [
      {
        id: 'trial-1',
        version: '1',
        names: [{ text: 'Nobody at All Trading', weak: false }],
        identifiers: [],
        programmes: ['TRIAL'],
        places: [],
        ...ALWAYS,
      },
    ],
  },
  {
    kind: 'territories',
    issuer: 'eu',
    provenance,
    rules: [{ id: 'trial-zz', places: ['ZZ'], outcome: 'blocked', acts: null, law: 'rule of the trial', ...ALWAYS }],
    partly: [],
    placeNames: [],
    postalCodes: [],
  },
];

const own = (provenance: EmbargoList['provenance']): readonly EmbargoList[] => [
  {
    kind: 'policy',
    issuer: 'trial',
    provenance,
    issuerSets: [],
    ownership: [],
    maxAgeSeconds: Object.fromEntries(KINDS.map((kind) => [kind, YEAR])),
    names: { review: 0.82, match: 0.97 },
  },
  register(provenance),
];

const register = (provenance: EmbargoList['provenance']): EmbargoRegister => ({
  kind: 'register',
  issuer: 'trial',
  provenance,
  parties: [VENDOR, BUYER].map(({ organisation, name, jurisdiction }) => ({
    organisation,
    name,
    identifiers: [],
    owners: [],
    establishment: town(jurisdiction),
    access: [],
  })),
  machines: [
    { resource: { owner: BUYER.organisation, id: PRESS }, place: town('NL'), classification: [], endUse: 'civil' },
    { resource: { owner: VENDOR.organisation, id: ANALYTICS }, place: town('AT'), classification: [], endUse: 'civil' },
  ],
  regions: [{ region: REGION, places: [town('DE')] }],
});
