/** An independent answer to one question: may it go on? Written from the rules in `docs/embargo.md`, and knows nothing of the product's code. */

export interface OracleWorld {
  readonly now: number;
  readonly listed: readonly {
    name: string;
    registration: string;
    programme: string;
    from: number | null;
    to: number | null;
  }[];
  readonly delisted: readonly string[];
  readonly programmes: Readonly<Record<string, { measures: readonly string[]; ended: boolean }>>;
  readonly countries: readonly string[];
  readonly rules: readonly { place: string; from: number | null; to: number | null }[];
  readonly partly: Readonly<Record<string, readonly string[]>>;
  readonly ages: readonly { issued: number; fetched: number; most: number | null }[];
  readonly has: { parties: boolean; territories: boolean; countries: boolean; policy: boolean };
  readonly ownership: number | null;
}
export interface OracleQuestion {
  readonly act: string;
  readonly name: string;
  readonly registration: string | null;
  readonly owners: readonly { name: string; share: number | null }[] | null;
  readonly country: string | null;
  readonly subdivision: string | null;
  readonly claimed: readonly string[];
  readonly endUse: string | null;
}

const holds = (from: number | null, to: number | null, now: number) =>
  !(from !== null && now < from) && !(to !== null && now >= to);
const bare = (name: string) =>
  name
    .toLowerCase()
    .split(' ')
    .filter((word) => !['ltd', 'gmbh', 'co'].includes(word))
    .join('');

const HARMLESS = ['Travel ban', 'Financial restrictions', 'Investment ban'];
const harmless = (measure: string, { act, endUse }: OracleQuestion) => {
  if (HARMLESS.includes(measure)) return true;
  if (measure === 'Services ban') return act === 'collect' || act === 'store';
  if (measure === 'Arms embargo') return endUse === 'civil';
  return false;
};

function nameIsFree(world: OracleWorld, question: OracleQuestion, name: string, registration: string | null): boolean {
  if (world.delisted.some((one) => bare(one) === bare(name))) return false;
  for (const entry of world.listed) {
    const same = bare(entry.name) === bare(name) || (registration !== null && entry.registration === registration);
    if (!same || !holds(entry.from, entry.to, world.now)) continue;
    const programme = world.programmes[entry.programme];
    if (!programme || programme.ended || programme.measures.length === 0) return false;
    if (!programme.measures.every((measure) => harmless(measure, question))) return false;
  }
  return true;
}

function ownersAreFree(world: OracleWorld, question: OracleQuestion): boolean {
  if (world.ownership === null) return true;
  if (question.owners === null) return false;
  let held = 0;
  for (const { name, share } of question.owners) {
    if (nameIsFree(world, question, name, null)) continue;
    // An owner under review or of unknown weight is a no as well as a listed one that holds enough.
    if (share === null || !isCertain(world, question, name)) return false;
    held += share;
  }
  return held === 0 || held < world.ownership;
}

/** Whether a name that is not free is so by a rule, and not by a doubt. */
function isCertain(world: OracleWorld, question: OracleQuestion, name: string): boolean {
  const hits = world.listed.filter((one) => bare(one.name) === bare(name) && holds(one.from, one.to, world.now));
  const says = hits.flatMap((one) => world.programmes[one.programme]?.measures ?? []);
  return (
    hits.some((one) => world.programmes[one.programme]?.ended === false) && says.some((one) => certain(one, question))
  );
}
const certain = (measure: string, question: OracleQuestion) =>
  !harmless(measure, question) &&
  measure !== 'Moral disapproval' &&
  !(measure === 'Arms embargo' && question.endUse === null);

function placeIsFree(world: OracleWorld, { country, subdivision, claimed }: OracleQuestion): boolean {
  if (country === null || !world.countries.includes(country)) return false;
  if (subdivision !== null && !subdivision.startsWith(`${country}-`)) return false;
  if (claimed.some((one) => one !== country)) return false;
  const ruled = (code: string) =>
    world.rules.some((rule) => rule.place === code && holds(rule.from, rule.to, world.now));
  if (ruled(country) || (subdivision !== null && ruled(subdivision))) return false;
  const free = world.partly[country];
  if (!free) return true;
  return subdivision !== null && (free.includes(subdivision) || world.rules.some((rule) => rule.place === subdivision));
}

/** Yes only where everything is there, fresh and known, and nothing speaks against it. */
export function mayGoOnByTheBook(world: OracleWorld, question: OracleQuestion): boolean {
  const there = Object.values(world.has).every(Boolean);
  const fresh = world.ages.every(
    ({ issued, fetched, most }) =>
      most !== null && world.now - issued < most && issued <= world.now + 60_000 && fetched <= world.now + 60_000,
  );
  return (
    there &&
    fresh &&
    nameIsFree(world, question, question.name, question.registration) &&
    ownersAreFree(world, question) &&
    placeIsFree(world, question)
  );
}
