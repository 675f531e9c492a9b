import type { Instant } from '../instant.js';
import type { EmbargoHit } from './outcome.js';
import { countryKey, type PreparedLists, plainText } from './prepare-lists.js';
import type { EmbargoQuestion, PlaceFacts } from './question.js';
import { holdsAt } from './records.js';

/** What could be made of a place: its country, and every subdivision that its code, a place name or a postal code puts it into. */
interface Located {
  readonly country: string;
  readonly subdivisions: readonly string[];
}

/** Everything one issuer's rules say about the places of a question. */
export function judgePlaces(
  lists: PreparedLists,
  issuer: string,
  question: EmbargoQuestion,
  now: Instant,
): readonly EmbargoHit[] {
  return question.places.flatMap((place) => judgePlace(lists, issuer, place, question, now));
}

function judgePlace(
  lists: PreparedLists,
  issuer: string,
  place: PlaceFacts,
  { act }: EmbargoQuestion,
  now: Instant,
): readonly EmbargoHit[] {
  const where = `${place.use} ${place.subdivision ?? place.country ?? 'nowhere'}`;
  const unknown = (because: string): EmbargoHit => ({ issuer, rule: 'place', outcome: 'cannot_decide', because });
  const country = countryOf(lists, place.country);
  const named = subdivisionsNamed(lists, issuer, place, country);
  if (country === undefined && named.length === 0) return [unknown(`${where}: no country of ISO 3166-1`)];
  const located = { country: country ?? '', subdivisions: named };
  const fault = country === undefined ? `${where}: no country of ISO 3166-1` : subdivisionFault(place, country);
  const hits = ruleHits(lists, issuer, located, where, act, now);
  const contradicted = place.claimed.find((claim) => countryOf(lists, claim) !== country);
  return [
    ...hits,
    ...(fault ? [unknown(fault)] : []),
    ...(contradicted === undefined
      ? []
      : [{ issuer, rule: 'place', outcome: 'review' as const, because: `${where}: somebody says ${contradicted}` }]),
    ...partlyHits(lists, issuer, located, where),
  ];
}

/** Code or name to code. Reserved, withdrawn and invented codes are nobody's. */
function countryOf(lists: PreparedLists, country: string | null): string | undefined {
  if (country === null) return undefined;
  const key = /^[A-Z]{2}$/.test(country) ? country : (countryKey(country) ?? '');
  return lists.countries.get(key) || undefined;
}

function subdivisionFault({ subdivision, use }: PlaceFacts, country: string): string | undefined {
  if (subdivision === null) return undefined;
  const fits = /^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(subdivision) && subdivision.startsWith(`${country}-`);
  return fits ? undefined : `${use} ${subdivision}: no subdivision of ${country}`;
}

/** The recorded subdivision, and those that a place name or a postal code in the address names, whatever the country says. */
function subdivisionsNamed(
  lists: PreparedLists,
  issuer: string,
  place: PlaceFacts,
  country: string | undefined,
): readonly string[] {
  const found = new Set(place.subdivision === null ? [] : [place.subdivision]);
  const text = `${place.text ?? ''} ${country === undefined ? (place.country ?? '') : ''}`;
  if (text.trim() === '') return [...found];
  const plain = plainText(text);
  for (const { placeNames, postalCodes } of lists.territories.get(issuer) ?? []) {
    for (const { plain: named, code } of placeNames) if (plain.includes(named)) found.add(code);
    for (const { country: of, pattern, code } of postalCodes) if (country === of && pattern.test(text)) found.add(code);
  }
  return [...found];
}

function ruleHits(
  lists: PreparedLists,
  issuer: string,
  { country, subdivisions }: Located,
  where: string,
  act: EmbargoQuestion['act'],
  now: Instant,
): EmbargoHit[] {
  const rules = (lists.territories.get(issuer) ?? []).flatMap((list) => list.rules);
  return rules
    .filter(
      (rule) =>
        holdsAt(rule, now) &&
        (rule.acts === null || rule.acts.includes(act)) &&
        rule.places.some((code) => code === country || subdivisions.includes(code)),
    )
    .map(({ id, outcome, law }) => ({ issuer, rule: id, outcome, because: `${where}: ${law}` }));
}

/** In a country that is partly embargoed only a subdivision that is named as free is without a rule. */
function partlyHits(
  lists: PreparedLists,
  issuer: string,
  { country, subdivisions }: Located,
  where: string,
): EmbargoHit[] {
  return (lists.territories.get(issuer) ?? []).flatMap(({ partly, ruled }) =>
    partly
      .filter((part) => part.country === country)
      .flatMap(({ clear }): EmbargoHit[] => {
        const open = subdivisions.filter((code) => !clear.includes(code) && !ruled.has(code));
        if (subdivisions.length > 0 && open.length === 0) return [];
        const because = `${where}: ${subdivisions.length === 0 ? 'the subdivision is not recorded' : `nobody knows ${open[0]}`}`;
        return [{ issuer, rule: 'subdivision', outcome: 'cannot_decide', because }];
      }),
  );
}
