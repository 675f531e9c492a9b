import type { EmbargoQuestion, PartyFacts, PlaceFacts } from '../src/embargo/question.js';
import type {
  EmbargoList,
  EmbargoPolicy,
  HeldList,
  ListedParty,
  PartyList,
  Programme,
  TerritoryList,
} from '../src/index.js';
import type { Digest, LocalId, OrganisationId } from '../src/names.js';

export const NOW = Date.UTC(2026, 5, 1);
export const DAY = 86_400_000;
export const US = 'us_ofac';

export const provenance = (over: Partial<PartyList['provenance']> = {}): PartyList['provenance'] => ({
  origin: 'https://lists.example/us',
  issuedAt: NOW - DAY,
  fetchedAt: NOW - DAY,
  parser: 'test/1',
  sources: [],
  ...over,
});
const ALWAYS = { validFrom: null, validTo: null };

export const entry = (over: Partial<ListedParty> = {}): ListedParty => ({
  id: '17',
  version: 'v1',
  names: [{ text: 'NORTHERN HARVEST MACHINERY LTD.', weak: false }],
  identifiers: [{ scheme: 'registration', value: '1234-567' }],
  programmes: ['FREEZE'],
  places: [],
  ...ALWAYS,
  ...over,
});
export const parties = (entries: readonly ListedParty[] = [entry()], over: Partial<PartyList> = {}): PartyList => ({
  kind: 'parties',
  issuer: US,
  provenance: provenance(),
  entries,
  delisted: [],
  ...over,
});
const programme = (key: string, measures: readonly string[], status: Programme['status'] = 'in-force'): Programme => ({
  key,
  issuer: US,
  codes: [],
  measures,
  status,
  territories: [],
});
export const programmes: EmbargoList = {
  kind: 'programmes',
  issuer: 'collection',
  provenance: provenance(),
  programmes: [
    programme('FREEZE', ['Asset freeze', 'Travel ban']),
    programme('TRAVEL', ['Travel ban']),
    programme('TECH', ['Export control']),
    programme('SERVICES', ['Services ban']),
    programme('ARMS', ['Arms embargo']),
    programme('NOTHING', []),
    programme('ODD', ['Moral disapproval']),
    programme('OVER', ['Asset freeze'], 'ended'),
  ],
};
export const countries: EmbargoList = {
  kind: 'countries',
  issuer: 'iso',
  provenance: provenance(),
  countries: [
    { code: 'NL', names: ['Netherlands', 'the Kingdom of the Netherlands'] },
    { code: 'AT', names: ['Austria'] },
    { code: 'UA', names: ['Ukraine'] },
    { code: 'CU', names: ['Cuba'] },
    { code: 'SY', names: ['Syrian Arab Republic'] },
    { code: 'RU', names: ['Russian Federation'] },
  ],
};
const rule = (id: string, places: readonly string[], outcome: 'blocked' | 'review' | 'licence_required') => ({
  id,
  places,
  outcome,
  acts: null,
  law: `law of ${id}`,
  ...ALWAYS,
});
export const territories: TerritoryList = {
  kind: 'territories',
  issuer: US,
  provenance: provenance(),
  rules: [
    rule('cuba', ['CU'], 'blocked'),
    rule('crimea', ['UA-43', 'UA-40'], 'blocked'),
    rule('partly-occupied', ['UA-14', 'UA-09'], 'review'),
    { ...rule('syria', ['SY'], 'licence_required'), validTo: NOW + 10 * DAY },
    { ...rule('russia-updates', ['RU'], 'licence_required'), acts: ['update'] },
  ],
  partly: [{ country: 'UA', clear: ['UA-30', 'UA-46'] }],
  placeNames: [
    { name: 'Crimea', code: 'UA-43' },
    { name: 'Sevastopol', code: 'UA-40' },
    { name: 'Donetsk', code: 'UA-14' },
  ],
  postalCodes: [{ country: 'UA', prefix: '95', code: 'UA-43' }],
};
export const items: EmbargoList = {
  kind: 'items',
  issuer: US,
  provenance: provenance(),
  rules: [
    {
      id: 'machine-tools',
      codes: ['eccn:2b001'],
      places: ['RU'],
      outcome: 'licence_required',
      acts: null,
      endUse: null,
      law: 'CCL',
      ...ALWAYS,
    },
    {
      id: 'any-military',
      codes: ['hs:84'],
      places: null,
      outcome: 'blocked',
      acts: null,
      endUse: 'military',
      law: 'MEU',
      ...ALWAYS,
    },
  ],
};
const YEAR = 365 * 86_400;
export const policy: EmbargoPolicy = {
  kind: 'policy',
  issuer: 'alpine-presses.example',
  provenance: provenance(),
  issuerSets: [],
  ownership: [{ issuer: US, percent: 50, comparison: 'at-least', aggregate: true, control: false, ...ALWAYS }],
  maxAgeSeconds: {
    parties: 7 * 86_400,
    programmes: YEAR,
    countries: YEAR,
    territories: YEAR,
    items: YEAR,
    policy: YEAR,
    register: YEAR,
  },
  names: { review: 0.78, match: 0.97 },
};

export const ALL: readonly EmbargoList[] = [parties(), programmes, countries, territories, items, policy];
export const held = (lists: readonly EmbargoList[]): HeldList[] =>
  lists.map((list, at) => ({ digest: `sha256:list-${at}` as Digest, list }));
/** The lists with those of the same kind replaced. */
export const withLists = (...over: readonly EmbargoList[]): readonly EmbargoList[] => [
  ...ALL.filter((list) => !over.some((one) => one.kind === list.kind)),
  ...over,
];

export const BUYER = 'delta-foods.example' as OrganisationId;
export const party = (over: Partial<PartyFacts> = {}): PartyFacts => ({
  organisation: BUYER,
  role: 'buyer',
  name: 'Delta Foods B.V.',
  identifiers: [],
  owners: [],
  ...over,
});
export const place = (over: Partial<PlaceFacts> = {}): PlaceFacts => ({
  use: 'origin',
  country: 'NL',
  subdivision: null,
  text: null,
  claimed: [],
  ...over,
});
export const question = (over: Partial<EmbargoQuestion> = {}): EmbargoQuestion => ({
  act: 'session',
  purpose: 'maintenance',
  parties: [party()],
  places: [place()],
  items: [
    {
      resource: { owner: BUYER, id: 'press-7' as LocalId },
      classification: ['hs:8462.61'],
      endUse: 'civil',
    },
  ],
  contractFrom: NOW - 100 * DAY,
  ...over,
});
