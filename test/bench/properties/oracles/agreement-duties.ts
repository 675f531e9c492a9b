// Whether two versions owe the same: everything of trust model section 5 that always needs both.

import { type Json, list, type Members, type Version } from './agreement-words.js';

type Term = Version['terms'][number];

/** What needs both also where the clause is struck or added. */
const OWED: Readonly<Record<string, readonly string[]>> = {
  offline: ['kind', 'class', 'mode', 'leaseSeconds', 'reviewWithinSeconds'],
  evidence: ['region', 'cosigning', 'retentionSeconds', 'witnessSilenceSeconds'],
  notice: ['terminateSeconds', 'retrievalSeconds'],
  'safety-notice': ['seconds'],
  insolvency: ['party', 'successor', 'kinds', 'resources', 'waitSeconds'],
  'third-party': ['party', 'broughtBy'],
  equivalence: ['party', 'control', 'resources', 'warnSeconds'],
  machines: ['resources'],
  'resource-class': ['class', 'mode'],
  region: ['region', 'operator', 'jurisdiction'],
  'data-collection': ['product', 'resource', 'retentionSeconds', 'inspection', 'scanning'],
};

/** What needs both to be changed, though one side may add it, or strike it. */
const FIXED: Readonly<Record<string, { readonly of: readonly string[]; readonly members: readonly string[] }>> = {
  hours: { of: ['kind'], members: ['zone', 'tzdata', 'offsets'] },
  transfer: { of: ['product', 'resource'], members: ['mechanisms'] },
  selector: { of: ['owner', 'site', 'zone'], members: ['class'] },
  signal: { of: ['signal', 'party', 'about'], members: ['resources'] },
};

const place = (one: { readonly owner: string; readonly id: string }): string => `${one.owner}/${one.id}`;
const parts = (term: Term, members: readonly string[]): Json => [
  term.type,
  ...members.map((name) => term[name] ?? null),
];

function dutiesOf(term: Term, other: Version): readonly Json[] {
  const owed = OWED[term.type];
  const fixed = FIXED[term.type];
  if (fixed) {
    const name = JSON.stringify(parts(term, fixed.of));
    const stays = other.terms.some((one) => one.type === term.type && JSON.stringify(parts(one, fixed.of)) === name);
    return stays ? [parts(term, [...fixed.of, ...fixed.members])] : [];
  }
  if (!owed) return [];
  const tap =
    term.type === 'data-collection' && list(term.recipients).includes((term.resource as Members).owner as string);
  return [parts(term, owed), ...(tap ? [parts(term, ['product', 'resource'])] : [])];
}

/** About the machines of the other version too, in one comparable text. */
function owed(version: Version, other: Version): string {
  const terms = version.terms.flatMap((term) => dutiesOf(term, other)).map((one) => JSON.stringify(one));
  const shared = version.resources.filter((one) => other.resources.some((two) => place(two) === place(one)));
  const own: Json = [version.house, version.parties, version.effectiveFrom, version.endsAt];
  return JSON.stringify([own, terms.sort(), shared.map((one) => `${place(one)} ${one.class}`).sort()]);
}

/** Whether both versions owe the same. */
export const sameDuties = (before: Version, after: Version): boolean => owed(before, after) === owed(after, before);
