import { type Agreement, termWords } from '@interlock/domain';
import { canonicalBytes } from '@interlock/proof';

export interface Difference {
  /** Where, by the names of the document. */
  readonly at: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly before: string | null;
  readonly after: string | null;
}

/** What one version says that the other does not. Nothing here says "narrower": both sign the new version in any case. */
export function compareAgreements(before: Agreement, after: Agreement): readonly Difference[] {
  return [
    ...facts('effectiveFrom', before.effectiveFrom, after.effectiveFrom),
    ...facts('endsAt', before.endsAt, after.endsAt),
    ...facts('house', before.house, after.house),
    ...named('party', before.parties, after.parties, (party) => party.organisation, text),
    ...named('resource', before.resources, after.resources, (one) => `${one.owner}/${one.id}`, text),
    ...named('term', before.terms, after.terms, termName, termWords),
  ];
}

const text = (value: unknown): string => canonicalBytes(value).toString('utf8');

function facts(at: string, before: number | boolean, after: number | boolean): readonly Difference[] {
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
): readonly Difference[] {
  const old = new Map(before.map((one) => [name(one), one]));
  const fresh = new Map(after.map((one) => [name(one), one]));
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((key): Difference[] => {
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

/** What makes two terms the same clause in two versions. */
function termName(term: Agreement['terms'][number]): string {
  const { type, product, resource, region, kind, class: cls, party }: Readonly<Record<string, unknown>> = { ...term };
  const owned = resource as { owner: string; id: string } | undefined;
  const parts = [type, product, owned && `${owned.owner}/${owned.id}`, region, kind, cls, party];
  const named = type === 'evidence' ? [type] : parts;
  return named.filter((part): part is string => typeof part === 'string').join(' ');
}

export const differenceLines = (differences: readonly Difference[]): string[] =>
  differences.length === 0
    ? ['the two say the same']
    : differences.flatMap(({ at, kind, before, after }) => [
        `${kind} ${at}`,
        ...(before === null ? [] : [`  - ${before}`]),
        ...(after === null ? [] : [`  + ${after}`]),
      ]);
