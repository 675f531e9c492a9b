import { allow, type Decision, refuse } from '../decision.js';
import type { ProductKey } from '../documents/agreement.js';
import { FILE_KEY, filePartIn } from '../file/file-part.js';
import { aggregate, type Quantity } from './aggregate.js';
import type { ConditionDetail, Observed } from './machine-event.js';
import { compileScrub, type Scrub, type ScrubRefusalCode, type ScrubRule } from './scrub.js';
import type { ShdrLine } from './shdr.js';

/** What may leave of one observation. `condition` is null unless the key is a condition; its level is then the value. */
export interface LeavingObservation {
  readonly at: string;
  readonly key: string;
  readonly value: string;
  readonly unit: string | null;
  readonly category: ProductKey['category'];
  readonly condition: ConditionDetail | null;
}

export type DropReason =
  | 'unlisted'
  | 'agreed_drop'
  | 'not_a_quantity'
  | 'condition_only_passes'
  | 'identifier_remains'
  | 'too_few';

/** The name of an unlisted key comes from the machine and may itself name a person: it stays in the plant (see `countsForPartner`). */
export interface DroppedKey {
  readonly key: string;
  readonly reason: DropReason;
  readonly count: number;
}

export interface Minimised {
  readonly leaving: readonly LeavingObservation[];
  readonly dropped: readonly DroppedKey[];
}

export type CatalogueRefusalCode =
  | 'catalogue_empty'
  | 'key_listed_twice'
  | 'key_is_an_asset_command'
  | 'step_missing'
  | 'pseudonym_key_missing'
  | ScrubRefusalCode;

/**
 * Turns a value into a name that only the plant can lead back. It must be keyed with a secret of the plant (HMAC): a plain hash of
 * `operator-17` is found by trying all operators.
 */
export type Pseudonym = (key: string, value: string) => string;

/** Names in place of values. Without the owner's own key nothing is pseudonymised, and a catalogue that asks for it is refused. */
export interface Pseudonyms {
  readonly hash: Pseudonym;
  readonly pseudonymise?: Pseudonym | undefined;
}

export type Minimise = (said: readonly Observed[]) => Minimised;

/**
 * Compiles the keys of a data term and the plant's own scrub rules to the one function that decides what leaves.
 * Unlisted keys and assets are dropped; a key with a unit is a quantity and leaves only as numbers; no value that leaves carries a
 * listed identifier. A catalogue that contradicts itself is refused as a whole.
 */
export function compileMinimise(
  catalogue: readonly ProductKey[],
  rules: readonly ScrubRule[],
  names: Pseudonyms,
): Decision<Minimise, CatalogueRefusalCode> {
  if (catalogue.length === 0) return refuse('catalogue_empty');
  const listed = new Map<string, ProductKey>();
  for (const entry of catalogue) {
    if (listed.has(entry.key)) return refuse('key_listed_twice', { detail: entry.key });
    if (entry.key.startsWith('@')) return refuse('key_is_an_asset_command', { detail: entry.key });
    if ((entry.action === 'coarsen' || entry.action === 'aggregate') && !isStep(entry.step))
      return refuse('step_missing', { detail: entry.key });
    if (entry.action === 'pseudonymise' && !names.pseudonymise)
      return refuse('pseudonym_key_missing', { detail: entry.key });
    listed.set(entry.key, entry);
  }
  const scrub = compileScrub(rules);
  if (!scrub.allowed) return scrub;
  const all = (said: readonly Observed[]) => gather(said, (part) => judge(part, listed, scrub.value, names));
  return allow((said) => inWindows(said, listed, scrub.value, all));
}

/** Keys of which only windows leave are taken out first, so that none of their values goes any other way. */
function inWindows(
  said: readonly Observed[],
  listed: ReadonlyMap<string, ProductKey>,
  scrub: Scrub,
  rest: Minimise,
): Minimised {
  const isAggregate = ({ key }: Observed) => listed.get(key)?.action === 'aggregate';
  if (!said.some(isAggregate)) return rest(said);
  const { leaving, dropped } = rest(said.filter((part) => !isAggregate(part)));
  const found = [...listed.values()]
    .filter(({ action }) => action === 'aggregate')
    .map((entry) =>
      ofKey(
        entry,
        said.filter(({ key }) => key === entry.key),
        scrub,
      ),
    );
  return {
    leaving: [...leaving, ...found.flatMap((one) => one.leaving)],
    dropped: [...dropped, ...found.flatMap((one) => one.dropped.filter(({ count }) => count > 0))],
  };
}

function ofKey({ key, unit, category, step }: ProductKey, said: readonly Observed[], scrub: Scrub): Minimised {
  const quantities = said.flatMap(({ at, value, condition }): Quantity[] =>
    !condition && NUMBER.test(value) && value.length <= LONGEST_QUANTITY ? [{ at, number: Number(value) }] : [],
  );
  // The least and the greatest are values as they were said.
  const nameless = quantities.filter(({ number }) => scrub(String(number)) === String(number));
  const { windows, left } = aggregate(nameless, step ?? 0);
  return {
    leaving: windows.map(({ at, value }) => ({ at, key, value, unit, category, condition: null })),
    dropped: [
      { key, reason: 'not_a_quantity', count: said.length - quantities.length },
      { key, reason: 'identifier_remains', count: quantities.length - nameless.length },
      { key, reason: 'too_few', count: left },
    ],
  };
}

/** The counts a partner may see: unlisted keys are one number, without names. */
export function countsForPartner(dropped: readonly DroppedKey[]): { listed: Record<string, number>; unlisted: number } {
  const listed = new Map<string, number>();
  let unlisted = 0;
  for (const { key, reason, count } of dropped) {
    if (reason === 'unlisted') unlisted += count;
    else listed.set(key, (listed.get(key) ?? 0) + count);
  }
  return { listed: Object.fromEntries(listed), unlisted };
}

type Verdict = { readonly leaves: LeavingObservation } | { readonly drop: DropReason };

const isStep = (step: number | null): step is number => step !== null && Number.isFinite(step) && step > 0;

/** The values in one line of an adapter. An asset is one value of its command's name, so that it is counted and dropped. */
export function observedIn(line: ShdrLine): readonly Observed[] {
  switch (line.kind) {
    case 'observations':
      return line.observations.map(({ key, value }) => ({ at: line.at, key, value }));
    case 'condition': {
      const { at, key, level, nativeCode, nativeSeverity, qualifier, text } = line;
      return [{ at, key, value: level, condition: { nativeCode, nativeSeverity, qualifier, text } }];
    }
    case 'asset':
      return [{ at: line.at, key: '@ASSET@', value: '' }];
    case 'asset-removed':
      return [{ at: line.at, key: '@REMOVE_ASSET@', value: '' }];
    case 'assets-removed':
      return [{ at: line.at, key: '@REMOVE_ALL_ASSETS@', value: '' }];
    case 'blank':
    case 'command':
    case 'asset-unfinished':
      return [];
  }
}

function gather(parts: readonly Observed[], verdictOn: (part: Observed) => Verdict): Minimised {
  const leaving: LeavingObservation[] = [];
  const dropped = new Map<string, DroppedKey>();
  for (const part of parts) {
    const verdict = verdictOn(part);
    if ('leaves' in verdict) {
      leaving.push(verdict.leaves);
      continue;
    }
    const known = dropped.get(part.key + verdict.drop);
    dropped.set(part.key + verdict.drop, { key: part.key, reason: verdict.drop, count: (known?.count ?? 0) + 1 });
  }
  return { leaving, dropped: [...dropped.values()] };
}

function judge(part: Observed, listed: ReadonlyMap<string, ProductKey>, scrub: Scrub, names: Pseudonyms): Verdict {
  const entry = listed.get(part.key);
  if (!entry) return { drop: 'unlisted' };
  if (entry.action === 'drop') return { drop: 'agreed_drop' };
  const value = transform(part, entry, names);
  if ('drop' in value) return value;
  // A name cut out of a file makes another file: it leaves whole, as both signed.
  const isFile = part.key === FILE_KEY && entry.action === 'pass' && filePartIn(part.value) !== undefined;
  const scrubbed = isFile ? value.text : scrub(value.text);
  const condition = part.condition ? scrubCondition(part.condition, scrub) : null;
  if (scrubbed === undefined || condition === undefined) return { drop: 'identifier_remains' };
  // A number with a piece cut out would be another, believable number.
  if (entry.unit !== null && scrubbed !== value.text) return { drop: 'identifier_remains' };
  const { at, key } = part;
  return { leaves: { at, key, value: scrubbed, unit: entry.unit, category: entry.category, condition } };
}

function transform(
  part: Observed,
  entry: ProductKey,
  names: Pseudonyms,
): { readonly text: string } | { readonly drop: DropReason } {
  if (part.condition && entry.unit !== null) return { drop: 'not_a_quantity' };
  if (part.condition) return entry.action === 'pass' ? { text: part.value } : { drop: 'condition_only_passes' };
  if (part.value === 'UNAVAILABLE') return { text: part.value };
  const name = entry.action === 'hash' || entry.action === 'pseudonymise' ? names[entry.action] : undefined;
  if (name) return { text: part.value === '' ? '' : name(part.key, part.value) };
  if (entry.action === 'pseudonymise') return { drop: 'agreed_drop' };
  if (entry.unit === null && entry.action === 'pass') return { text: part.value };
  const numbers = part.value.length <= LONGEST_QUANTITY ? part.value.split(' ') : [];
  if (numbers.length > MOST_COMPONENTS || !numbers.every((text) => NUMBER.test(text)) || numbers.length === 0) {
    return { drop: 'not_a_quantity' };
  }
  if (!isStep(entry.step) || entry.action !== 'coarsen') return { text: part.value };
  const coarse = numbers.map((text) => lowerEdge(Number(text), entry.step ?? 0));
  return coarse.every((number) => number !== undefined) ? { text: coarse.join(' ') } : { drop: 'not_a_quantity' };
}

const NUMBER = /^[+-]?(\d{1,15}(\.\d{0,17})?|\.\d{1,17})([eE][+-]?\d{1,3})?$/;
/** A position has three components, a pose six. */
const MOST_COMPONENTS = 6;
const LONGEST_QUANTITY = 256;
/** Digits a double holds for certain; more would put 0.3 into the step below 0.3. */
const CERTAIN_DIGITS = 12;

/** The lower edge of the step that the number lies in. */
function lowerEdge(number: number, step: number): string | undefined {
  const steps = Math.floor(Number((number / step).toPrecision(CERTAIN_DIGITS)));
  return Number.isSafeInteger(steps) ? String(Number((steps * step).toPrecision(CERTAIN_DIGITS))) : undefined;
}

function scrubCondition(detail: ConditionDetail, scrub: Scrub): ConditionDetail | undefined {
  const nativeCode = scrub(detail.nativeCode);
  const nativeSeverity = scrub(detail.nativeSeverity);
  const qualifier = scrub(detail.qualifier);
  const text = scrub(detail.text);
  if (nativeCode === undefined || nativeSeverity === undefined || qualifier === undefined || text === undefined) return;
  return { nativeCode, nativeSeverity, qualifier, text };
}
