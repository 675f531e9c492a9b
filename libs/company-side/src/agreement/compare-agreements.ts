import {
  type AgreedResource,
  type Agreement,
  clauseOf,
  compareVersions,
  type Effect,
  type Party,
  termWords,
} from '@interlock/domain';
import { canonicalBytes } from '@interlock/proof';

interface Found {
  /** Where, by the names of the document. */
  readonly at: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly before: string | null;
  readonly after: string | null;
}

export interface Difference extends Found {
  /** What it does to the rights and duties of everybody, by the order of trust model section 5. */
  readonly effect: Effect;
}

/** What one version says that the other does not, in words, and what each difference does. Every party signs a new version in any case. */
export function compareAgreements(before: Agreement, after: Agreement): readonly Difference[] {
  const effects = new Map(compareVersions(before, after).map(({ at, effect }) => [at, effect]));
  const placeOf = (at: string) => (at.startsWith('party ') ? 'parties' : at);
  // What the order says nothing about was not shown to be narrower.
  return found(before, after).map((one) => ({ ...one, effect: effects.get(placeOf(one.at)) ?? 'wider' }));
}

function found(before: Agreement, after: Agreement): readonly Found[] {
  return [
    ...facts('effectiveFrom', before.effectiveFrom, after.effectiveFrom),
    ...facts('endsAt', before.endsAt, after.endsAt),
    ...facts('house', before.house, after.house),
    ...named('party', before.parties, after.parties, (party) => party.organisation, partyWords),
    ...named('resource', before.resources, after.resources, (one) => `${one.owner}/${one.id}`, resourceTerms),
    ...named('term', before.terms, after.terms, clauseOf, termWords),
  ];
}

/** Everything that an agreement says of one party. */
export const partyWords = ({ organisation, role, root, entity }: Party): string =>
  `${organisation} as ${role}, root ${root}, entity document ${entity}`;

/** Everything that an agreement says of one resource. */
export const resourceTerms = ({ owner, id, class: kind, services }: AgreedResource): string =>
  `${id} of ${owner} (${kind}); services: ${services.join(', ') || 'none'}`;

const text = (value: unknown): string => canonicalBytes(value).toString('utf8');

function facts(at: string, before: number | boolean, after: number | boolean): readonly Found[] {
  if (before === after) return [];
  const words = (value: number | boolean) =>
    typeof value === 'number' ? new Date(value).toISOString() : String(value);
  return [{ at, kind: 'changed', before: words(before), after: words(after) }];
}

function named<T>(
  what: string,
  before: readonly T[],
  after: readonly T[],
  name: (one: T) => string,
  words: (one: T) => string,
): readonly Found[] {
  const old = new Map(before.map((one) => [name(one), one]));
  const fresh = new Map(after.map((one) => [name(one), one]));
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((key): Found[] => {
    const [was, is] = [old.get(key), fresh.get(key)];
    if (was !== undefined && is !== undefined && text(was) === text(is)) return [];
    const kind = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed';
    return [
      {
        at: `${what} ${key}`,
        kind,
        before: was === undefined ? null : words(was),
        after: is === undefined ? null : words(is),
      },
    ];
  });
}

/** What a difference does, in words. */
export const EFFECT_WORDS: Readonly<Record<Effect, string>> = {
  narrower: 'narrower',
  both: 'changes what is owed, or what always needs both',
  wider: 'wider, or not provably narrower',
};

export const differenceLines = (differences: readonly Difference[]): string[] =>
  differences.length === 0
    ? ['the two say the same']
    : differences.flatMap(({ at, kind, before, after, effect }) => [
        `${kind} ${at}: ${EFFECT_WORDS[effect]}`,
        ...(before === null ? [] : [`  - ${before}`]),
        ...(after === null ? [] : [`  + ${after}`]),
      ]);
