import { allow, type Decision, refuse } from '../decision.js';
import type { EmbargoList, ListedParty, PartyList } from './lists.js';

export type ImportRefusal =
  | 'embargo_list_empty'
  | 'embargo_list_truncated'
  | 'embargo_list_shrunk'
  | 'embargo_list_older';

/** What an import changes. Entries that left are kept as delisted. */
export interface ListChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** More than this part of a list cannot go away at once without somebody saying how many. */
export const MOST_REMOVED = 0.1;

/**
 * Whether an edition may take the place of the one before. Empty would make everything clear, so it is refused, like one that lost more of
 * its entries, names or places than `MOST_REMOVED`, unless `announced` names exactly how many entries the issuer took away.
 */
export function acceptImport<L extends EmbargoList>(
  before: L | undefined,
  next: L,
  announced: number | null,
): Decision<{ readonly list: L; readonly change: ListChange }, ImportRefusal> {
  const sizes = sizesOf(next);
  if ((sizes[0] ?? 0) === 0) return refuse('embargo_list_empty');
  if (before && next.provenance.issuedAt < before.provenance.issuedAt) return refuse('embargo_list_older');
  const change = changeOf(before, next);
  const cut = before && sizesOf(before).some((size, at) => (sizes[at] ?? 0) < size * (1 - MOST_REMOVED));
  const gone = before ? change.removed.length > keysOf(before).size * MOST_REMOVED : false;
  if ((cut || gone) && announced !== change.removed.length)
    return refuse('embargo_list_shrunk', { detail: `${change.removed.length} entries would go away` });
  if (next.kind !== 'parties') return allow({ list: next, change });
  const list = { ...next, delisted: delistedAfter(before as PartyList | undefined, next) };
  return allow({ list, change });
}

/** Everybody who ever left and has not come back. */
function delistedAfter(before: PartyList | undefined, next: PartyList): readonly ListedParty[] {
  const here = new Set(next.entries.map(({ id }) => id));
  return [...(before?.delisted ?? []), ...(before?.entries ?? [])].filter(({ id }) => !here.has(id));
}

/** What must not shrink, the number of entries first. */
function sizesOf(list: EmbargoList): readonly number[] {
  switch (list.kind) {
    case 'parties': {
      const sum = (size: (entry: ListedParty) => number) => list.entries.reduce((all, one) => all + size(one), 0);
      return [list.entries.length, sum(({ names }) => names.length), sum(({ places }) => places.length)];
    }
    case 'programmes':
      return [list.programmes.length];
    case 'countries':
      return [list.countries.length];
    case 'territories':
      return [list.rules.length, list.placeNames.length, list.postalCodes.length];
    case 'items':
      return [list.rules.length];
    case 'policy':
      return [Object.keys(list.maxAgeSeconds).length];
    case 'register':
      return [list.parties.length, list.machines.length];
  }
}

function keysOf(list: EmbargoList): ReadonlyMap<string, string> {
  switch (list.kind) {
    case 'parties':
      return new Map(list.entries.map(({ id, version }) => [id, version]));
    case 'programmes':
      return new Map(list.programmes.map((one) => [one.key, JSON.stringify(one)]));
    case 'countries':
      return new Map(list.countries.map((one) => [one.code, JSON.stringify(one)]));
    case 'territories':
    case 'items':
      return new Map(list.rules.map((rule) => [rule.id, JSON.stringify(rule)]));
    case 'policy':
      return new Map(list.issuerSets.map((set) => [set.organisation, JSON.stringify(set)]));
    case 'register':
      return new Map(list.parties.map((party) => [party.organisation, JSON.stringify(party)]));
  }
}

function changeOf(before: EmbargoList | undefined, next: EmbargoList): ListChange {
  const [old, now] = [before ? keysOf(before) : new Map<string, string>(), keysOf(next)];
  return {
    added: [...now.keys()].filter((id) => !old.has(id)),
    removed: [...old.keys()].filter((id) => !now.has(id)),
    changed: [...now].filter(([id, version]) => old.has(id) && old.get(id) !== version).map(([id]) => id),
  };
}
