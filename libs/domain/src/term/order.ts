import { agreedAs } from '../agreement/agreed-as.js';
import type { AgreedResource, Agreement, Term, UnknownTerm } from '../documents/agreement.js';
import type { Effect, Place, Proven } from './declare-term.js';
import { clauseOf, declarationOf, isKnownTerm } from './term-table.js';

/** One thing that two versions say differently, and what the difference does. */
export interface VersionChange {
  /** The member, resource or clause that differs, by the names of the document. */
  readonly at: string;
  readonly effect: Effect;
}

type AnyPlace = 'identity' | 'both' | 'fewer' | 'more' | 'less' | Proven<never, never>;

/** The members of a version itself. Its own dates carry duties as well as rights: an earlier end is a termination without notice. */
const VERSION_ORDER: { readonly [M in keyof Omit<Agreement, 'resources' | 'terms'>]: Place<Agreement, Agreement[M]> } =
  {
    typ: 'both',
    v: 'both',
    id: 'both',
    version: 'identity',
    previous: 'identity',
    house: 'both',
    parties: 'both',
    effectiveFrom: 'both',
    endsAt: 'both',
  };

/** The class of a resource decides its lease and offline mode, and these always need both. */
const RESOURCE_ORDER: { readonly [M in keyof AgreedResource]: Place<AgreedResource, AgreedResource[M]> } = {
  owner: 'identity',
  id: 'identity',
  class: 'both',
  services: 'fewer',
};

/**
 * Everything the second version says differently, with what each difference does to rights and duties (trust model, section 5). Whatever is
 * not provably narrower needs every party; a resource or clause that either version names twice cannot be compared at all.
 */
export function compareVersions(before: Agreement, after: Agreement): readonly VersionChange[] {
  return [
    ...membersThatDiffer(before, after, VERSION_ORDER, before, COMPARED_ONE_BY_ONE).map(([member, effect]) => ({
      at: member,
      effect,
    })),
    ...compareNamed(before.resources, after.resources, (one) => `resource ${one.owner}/${one.id}`, {
      added: () => 'wider',
      // Struck from the list it is what a selector makes of it, which may be more.
      removed: (one) => (agreedAs(after, one).length > 0 ? 'wider' : 'narrower'),
      changed: (was, is) => worst(membersThatDiffer(was, is, RESOURCE_ORDER, before).map(([, effect]) => effect)),
    }),
    ...compareNamed<Term | UnknownTerm>(before.terms, after.terms, (term) => `term ${clauseOf(term)}`, {
      added: (term) => (isKnownTerm(term) ? declarationOf(term).added : 'wider'),
      removed: (term) => (isKnownTerm(term) ? declarationOf(term).removed : 'wider'),
      changed: (was, is) =>
        isKnownTerm(was) && isKnownTerm(is)
          ? worst(membersThatDiffer(was, is, declarationOf(was).order, before).map(([, effect]) => effect))
          : 'wider',
    }),
  ];
}

/** Whether one side alone may turn the first version into the second: nothing it changes grants more, or owes less, to anybody. */
export const provablyNarrower = (before: Agreement, after: Agreement): boolean =>
  compareVersions(before, after).every(({ effect }) => effect === 'narrower');

interface Effects<T> {
  added(one: T): Effect;
  removed(one: T): Effect;
  changed(was: T, is: T): Effect;
}

function compareNamed<T>(
  before: readonly T[],
  after: readonly T[],
  name: (one: T) => string,
  effects: Effects<T>,
): readonly VersionChange[] {
  const [old, fresh] = [byName(before, name), byName(after, name)];
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((at): VersionChange[] => {
    const [was = [], is = []] = [old.get(at), fresh.get(at)];
    const [first, second] = [was[0], is[0]];
    if (was.length > 1 || is.length > 1) return same(was, is) ? [] : [{ at, effect: 'wider' }];
    if (first === undefined) return [{ at, effect: effects.added(second as T) }];
    if (second === undefined) return [{ at, effect: effects.removed(first) }];
    return same(first, second) ? [] : [{ at, effect: effects.changed(first, second) }];
  });
}

function byName<T>(all: readonly T[], name: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const named = new Map<string, T[]>();
  for (const one of all) named.set(name(one), [...(named.get(name(one)) ?? []), one]);
  return named;
}

const RANK: Readonly<Record<Effect, number>> = { narrower: 0, both: 1, wider: 2 };
const worst = (effects: readonly Effect[]): Effect =>
  effects.reduce<Effect>((found, one) => (RANK[one] > RANK[found] ? one : found), 'narrower');

type Members = Readonly<Record<string, unknown>>;

/** Every member that differs, with its effect. A member that the table does not place is wider. */
function membersThatDiffer(
  before: object,
  after: object,
  order: object,
  version: Agreement,
  elsewhere: ReadonlySet<string> = MAKES_THE_CLAUSE,
): readonly (readonly [string, Effect])[] {
  const [was, is] = [before as Members, after as Members];
  const places = order as Readonly<Record<string, AnyPlace>>;
  const members = [...new Set([...Object.keys(places), ...Object.keys(was), ...Object.keys(is)])];
  return members
    .filter((member) => !elsewhere.has(member) && !same(was[member], is[member]))
    .flatMap((member): (readonly [string, Effect])[] => {
      const place = Object.hasOwn(places, member) ? places[member] : undefined;
      if (place === undefined) return [[member, 'wider']];
      if (place === 'identity') return [];
      if (place === 'both') return [[member, 'both']];
      return [[member, holds(place, [was[member], is[member]], after, version) ? 'narrower' : 'wider']];
    });
}

/** The lists of a version. A term has lists of these names too, and there they are members like any other. */
const COMPARED_ONE_BY_ONE: ReadonlySet<string> = new Set(['resources', 'terms']);
const MAKES_THE_CLAUSE: ReadonlySet<string> = new Set(['type']);

function holds(
  place: Exclude<AnyPlace, 'identity' | 'both'>,
  [was, is]: readonly [unknown, unknown],
  term: object,
  version: Agreement,
): boolean {
  if (typeof place === 'object') return place.holds(was as never, is as never, term as never, version);
  if (place === 'less') return typeof was === 'number' && typeof is === 'number' && is < was;
  const [more, less] = place === 'fewer' ? [was, is] : [is, was];
  return Array.isArray(more) && Array.isArray(less) && less.every((one) => more.includes(one));
}

/** Whether two values of documents say the same: members count by name, elements by place. */
export function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  const [left, right] = [a as Members, b as Members];
  const names = Object.keys(left);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && same(left[name], right[name]))
  );
}
