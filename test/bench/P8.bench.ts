// P8: the embargo check of one party, place and item against the largest lists beside this repository, and everything that stands asked again
// after a list changed. The limit in the same run: a bare Map lookup of the same names.

import { availableParallelism } from 'node:os';
import {
  acceptImport,
  checkEmbargo,
  type Digest,
  type EmbargoList,
  type EmbargoQuestion,
  mayGoOn,
  type OrganisationId,
  type PreparedLists,
  prepareLists,
  recheck,
  type StandingRight,
} from '@interlock/domain';
import {
  dated,
  EDITIONS,
  occupied,
  ofac,
  patient,
  publishedCountries,
  publishedProgrammes,
} from '../../libs/company-side/test/published-lists.js';
import { randomOf } from './properties/property.js';

const quick = process.argv.includes('--quick');
const SECONDS = quick ? 1 : 5;
const STANDING = 100_000;
const NOW = EDITIONS['2021-07'] + 3_600_000;
const ISSUERS = ['us_ofac'];
const none = { rulings: [], authorisations: [] };
const began = performance.now();
const chosen = randomOf(8);

const prepared = (lists: readonly EmbargoList[]): PreparedLists =>
  prepareLists(lists.map((list, at) => ({ digest: `sha256:${at}` as Digest, list })));
const own = [publishedProgrammes(), publishedCountries(), occupied, patient];
const [first, second] = [ofac('2019-01'), ofac('2021-07')];
const taken = acceptImport(first, second, null);
if (!taken.allowed) throw new Error(taken.refusal.code);
const before = prepared([{ ...first, provenance: dated(EDITIONS['2021-07']) }, ...own]);
const indexing = performance.now();
const after = prepared([taken.value.list, ...own]);
const indexMs = Math.round(performance.now() - indexing);

const WORDS = second.entries.flatMap(({ names }) => names[0]?.text.split(' ') ?? []);
const LISTED = second.entries.flatMap(({ names }) => names.map(({ text }) => text));
const PLACES = second.entries.flatMap(({ places }) => places);
/** Most are honest and made of the words real names are made of; some are listed, some one letter off. Every name is another. */
function name(at: number): string {
  const kind = chosen.below(20);
  if (kind === 0) return chosen.pick(LISTED);
  if (kind === 1) return chosen.pick(LISTED).slice(1);
  return `${chosen.pick(WORDS)} ${chosen.pick(WORDS)} ${at.toString(36)} Ltd`;
}
const right = (at: number): StandingRight => {
  const place = chosen.pick(PLACES);
  const question: EmbargoQuestion = {
    act: 'session',
    purpose: 'repair',
    parties: [
      {
        organisation: `p${at}.example` as OrganisationId,
        role: 'buyer',
        name: name(at),
        identifiers: [{ scheme: 'lei', value: `${at}` }],
        owners: [],
      },
    ],
    places: [{ use: 'origin', country: place.country, subdivision: null, text: place.text, claimed: [] }],
    items: [{ resource: { owner: 'a.example', id: 'm' } as never, classification: ['hs:8462'], endUse: 'civil' }],
    contractFrom: 0,
  };
  return { id: `${at}`, issuers: ISSUERS, question };
};
const standing = Array.from({ length: STANDING }, (_, at) => right(at));

function perSecond(work: (one: StandingRight) => unknown): number {
  const start = performance.now();
  let done = 0;
  while (performance.now() - start < SECONDS * 1000)
    for (let burst = 0; burst < 500; burst += 1, done += 1) work(standing[(done * 7919) % STANDING] as StandingRight);
  return Math.round((done * 1000) / (performance.now() - start));
}
// A service that has just started compiles while it answers; that is not what is measured.
for (const { question } of standing.slice(0, 20_000)) checkEmbargo(after, ISSUERS, question, none, NOW);
const names = new Map(LISTED.map((text) => [text, true]));
const barePerSecond = perSecond(({ question }) => names.has(question.parties[0]?.name ?? ''));
const checksPerSecond = perSecond(({ question }) => checkEmbargo(after, ISSUERS, question, none, NOW));

const went = new Set(
  [...recheck(standing, before, none, NOW)].filter(({ decision }) => mayGoOn(decision)).map((one) => one.right.id),
);
const rechecking = performance.now();
let stopped = 0;
for (const { right: one, decision } of recheck(standing, after, none, NOW))
  if (!mayGoOn(decision) && went.has(one.id)) stopped += 1;
const recheckSeconds = Math.round(performance.now() - rechecking) / 1000;

const conditions = {
  listedParties: second.entries.length,
  names: LISTED.length,
  indexMs,
  wentOnBefore: went.size,
  stoppedByTheChange: stopped,
  cores: availableParallelism(),
  node: process.version,
};
console.log(
  JSON.stringify({
    id: 'P8',
    figures: { checksPerSecond, recheckSeconds, standingRights: STANDING },
    conditions,
    peers: { bareMapPerSecond: barePerSecond },
    seconds: Math.round(performance.now() - began) / 1000,
  }),
);
