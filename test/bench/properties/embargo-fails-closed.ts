import {
  checkEmbargo,
  type Digest,
  type EmbargoList,
  type EmbargoQuestion,
  mayGoOn,
  type OrganisationId,
  prepareLists,
} from '@interlock/domain';
import { mayGoOnByTheBook, type OracleQuestion, type OracleWorld } from './oracles/embargo.js';
import type { PropertyArea, Random } from './property.js';

const NOW = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;
const HEAD = ['Northern', 'Harvest', 'Quiet', 'Silver', 'Granite', 'Meadow', 'Falcon', 'Copper', 'Juniper', 'Saffron'];
const TAIL = ['Machinery', 'Foundry', 'Weaving', 'Optics', 'Dairy', 'Hydraulics', 'Robotics', 'Ceramics', 'Millwork'];
const FORMS = ['', ' Ltd', ' GmbH', ' Co'];
const MEASURES = [
  'Asset freeze',
  'Travel ban',
  'Export control',
  'Services ban',
  'Arms embargo',
  'Moral disapproval',
  'Investment ban',
];
const COUNTRIES = ['NL', 'AT', 'UA', 'CU', 'RU', 'GE'];
const CODES = [...COUNTRIES, 'XK', 'UK', 'SU', 'ZZ'];
const SUBDIVISIONS = ['UA-43', 'UA-30', 'UA-14', 'UA-99', 'GE-AB', 'GE-TB', 'NL-UT'];
const ACTS = ['collect', 'store', 'forward', 'session', 'update'] as const;

const name = (c: Random) => `${c.pick(HEAD)} ${c.pick(TAIL)}`;
const date = (c: Random) => c.pick([null, null, null, NOW - DAY, NOW, NOW + DAY]);
const DATES = ['issued', 'fetched'] as const;

function world(c: Random): OracleWorld {
  const broken = c.below(4) === 0;
  const programmes = Object.fromEntries(
    ['P1', 'P2', 'P3', 'P4', 'P5'].map((key) => [key, { measures: some(c, MEASURES, 3), ended: c.below(8) === 0 }]),
  );
  const listed = Array.from({ length: 6 }, (_, at) => ({
    name: name(c),
    registration: `${1000 + at}`,
    programme: c.pick(['P1', 'P2', 'P3', 'P4', 'P5', 'P9']),
    from: date(c),
    to: date(c),
  }));
  const has = { parties: true, territories: true, countries: true, policy: true };
  if (broken && c.below(2) === 0) has[c.pick(['parties', 'territories', 'countries', 'policy'] as const)] = false;
  const ages = Array.from({ length: 5 }, () => ({
    issued: NOW - DAY,
    fetched: NOW - DAY,
    most: (7 * DAY) as number | null,
  }));
  if (broken) {
    const one = c.pick(ages);
    if (c.below(3) === 0) one.most = null;
    else one[c.pick(DATES)] = c.pick([NOW - 8 * DAY, NOW - 7 * DAY, NOW - 7 * DAY + 1, NOW + 60_000, NOW + 60_001]);
  }
  return {
    now: NOW,
    listed,
    delisted: c.below(2) === 0 ? [name(c)] : [],
    programmes,
    countries: COUNTRIES,
    rules: Array.from({ length: 3 }, () => ({
      place: c.pick([...COUNTRIES, ...SUBDIVISIONS]),
      from: date(c),
      to: date(c),
    })),
    partly: { UA: ['UA-30'], GE: ['GE-TB'] },
    ages,
    has,
    ownership: c.pick([null, 50, 25]),
  };
}

function question(c: Random, { listed, delisted }: OracleWorld): OracleQuestion {
  const someName = () =>
    (c.below(3) === 0 ? c.pick([...listed.map((one) => one.name), ...delisted]) : name(c)) + c.pick(FORMS);
  return {
    act: c.pick(ACTS),
    name: someName(),
    registration: c.below(6) === 0 ? `${1000 + c.below(9)}` : null,
    owners:
      c.below(9) === 0
        ? null
        : Array.from({ length: c.below(3) }, () => ({
            name: someName(),
            share: c.pick([null, 10, 24.9, 25, 49.9, 50, 60]),
          })),
    country: c.pick([...CODES, 'NL', 'NL', 'AT', null]),
    subdivision: c.below(2) === 0 ? null : c.pick([...SUBDIVISIONS, null]),
    claimed: c.below(5) === 0 ? [c.pick(CODES)] : [],
    endUse: c.pick(['civil', 'civil', 'military', null]),
  };
}

function listsOf(w: OracleWorld): EmbargoList[] {
  const provenance = (at: number) => ({
    origin: 'x',
    parser: 'x',
    sources: [],
    issuedAt: w.ages[at]?.issued ?? 0,
    fetchedAt: w.ages[at]?.fetched ?? 0,
  });
  const KINDS = ['parties', 'territories', 'countries', 'policy', 'programmes'] as const;
  const most = KINDS.flatMap((kind, at) => {
    const age = w.ages[at]?.most;
    return age === null || age === undefined ? [] : [[kind, age / 1000]];
  });
  const entry = (one: Partial<OracleWorld['listed'][number]> & { name: string }, id: string) => ({
    id,
    version: '1',
    names: [{ text: one.name, weak: false }],
    identifiers: one.registration ? [{ scheme: 'registration', value: one.registration }] : [],
    programmes: one.programme ? [one.programme] : [],
    places: [],
    validFrom: one.from ?? null,
    validTo: one.to ?? null,
  });
  const always = { validFrom: null, validTo: null };
  const all: EmbargoList[] = [
    {
      kind: 'parties',
      issuer: 'us',
      provenance: provenance(0),
      entries: w.listed.map((one, at) => entry(one, `${at}`)),
      delisted: w.delisted.map((one, at) => entry({ name: one }, `gone-${at}`)),
    },
    {
      kind: 'territories',
      issuer: 'us',
      provenance: provenance(1),
      rules: w.rules.map(({ place, from, to }, at) => ({
        id: `${at}`,
        places: [place],
        outcome: 'blocked' as const,
        acts: null,
        law: 'x',
        validFrom: from,
        validTo: to,
      })),
      partly: Object.entries(w.partly).map(([country, clear]) => ({ country, clear })),
      placeNames: [],
      postalCodes: [],
    },
    {
      kind: 'countries',
      issuer: 'iso',
      provenance: provenance(2),
      countries: w.countries.map((code) => ({ code, names: [] })),
    },
    {
      kind: 'policy',
      issuer: 'own',
      provenance: provenance(3),
      issuerSets: [],
      ownership:
        w.ownership === null
          ? []
          : [
              {
                issuer: 'us',
                percent: w.ownership,
                comparison: 'at-least',
                aggregate: true,
                control: false,
                ...always,
              },
            ],
      maxAgeSeconds: Object.fromEntries(most),
      // Only the same name: how near a name has to be is measured on real lists, not here.
      names: { review: 1, match: 1 },
    },
    {
      kind: 'programmes',
      issuer: 'x',
      provenance: provenance(4),
      programmes: Object.entries(w.programmes).map(([key, { measures, ended }]) => ({
        key,
        issuer: 'us',
        codes: [],
        measures,
        status: ended ? ('ended' as const) : ('in-force' as const),
        territories: [],
      })),
    },
  ];
  return all.filter(({ kind }) => !(kind in w.has) || w.has[kind as keyof typeof w.has]);
}

const BUYER = 'delta-foods.example' as OrganisationId;
const asked = (q: OracleQuestion): EmbargoQuestion => ({
  act: q.act as EmbargoQuestion['act'],
  purpose: 'x',
  parties: [
    {
      organisation: BUYER,
      role: 'buyer',
      name: q.name,
      identifiers: q.registration === null ? [] : [{ scheme: 'registration', value: q.registration }],
      owners: q.owners?.map((one) => ({ ...one, identifiers: [], control: false, owners: null })) ?? null,
    },
  ],
  places: [{ use: 'origin', country: q.country, subdivision: q.subdivision, text: null, claimed: q.claimed }],
  items: [{ resource: { owner: BUYER, id: 'press-7' as never }, classification: [], endUse: q.endUse as 'civil' }],
  contractFrom: 0,
});

const some = <T>(c: Random, choices: readonly T[], most: number): T[] => [
  ...new Set(Array.from({ length: c.below(most + 1) }, () => c.pick(choices))),
];

/** The embargo check says yes exactly where the book does: unknown, missing, old and doubtful are no. */
export const data: PropertyArea = {
  'embargo fails closed': (random) => {
    const w = world(random);
    const q = question(random, w);
    const lists = prepareLists(listsOf(w).map((list, at) => ({ digest: `sha256:${at}` as Digest, list })));
    const ours = mayGoOn(checkEmbargo(lists, ['us'], asked(q), { rulings: [], authorisations: [] }, NOW));
    return ours === mayGoOnByTheBook(w, q) ? undefined : `${ours ? 'yes' : 'no'} to ${JSON.stringify({ q, w })}`;
  },
};
