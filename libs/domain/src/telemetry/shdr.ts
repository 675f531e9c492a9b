import { allow, type Decision, refuse } from '../decision.js';
import { LONGEST_LINE } from './take-lines.js';

/** One key with the value it had, as text. `UNAVAILABLE` is a value of the protocol: the machine does not know. */
export interface Observation {
  readonly key: string;
  readonly value: string;
}

export type ConditionLevel = 'NORMAL' | 'WARNING' | 'FAULT' | 'UNAVAILABLE';

/** `at` is kept as the machine wrote it: it has 100 ns digits, runs backwards, and may be empty (the reader's clock counts). */
export type ShdrLine =
  | { readonly kind: 'blank' }
  | { readonly kind: 'command'; readonly name: string; readonly value: string }
  | { readonly kind: 'observations'; readonly at: string; readonly observations: readonly Observation[] }
  | {
      readonly kind: 'condition';
      readonly at: string;
      readonly key: string;
      readonly level: ConditionLevel;
      readonly nativeCode: string;
      readonly nativeSeverity: string;
      readonly qualifier: string;
      readonly text: string;
    }
  | { readonly kind: 'asset'; readonly at: string; readonly id: string; readonly type: string; readonly body: string }
  | { readonly kind: 'asset-unfinished' }
  | { readonly kind: 'asset-removed'; readonly at: string; readonly id: string }
  | { readonly kind: 'assets-removed'; readonly at: string; readonly type: string };

export type ShdrRefusalCode =
  | 'line_too_long'
  | 'timestamp_malformed'
  | 'key_malformed'
  | 'value_missing'
  | 'asset_malformed'
  | 'asset_too_long'
  | 'asset_command_unknown';

interface OpenAsset {
  readonly mark: string;
  readonly at: string;
  readonly id: string;
  readonly type: string;
  /** undefined once the asset grew past its limit: the rest is skipped up to the mark, so that XML is never read as observations. */
  readonly body: string | undefined;
}

/** Where the reader stands: between lines, or inside an asset that waits for its closing mark. */
export interface ShdrState {
  readonly open: OpenAsset | undefined;
}

export const SHDR_START: ShdrState = { open: undefined };

/**
 * What a device file says about a key. Without it, `key|UNAVAILABLE|a|b|c|d` is a condition or three observations:
 * both exist in the field. `undefined` for a key nobody described.
 */
export type KeyKind = (key: string) => 'condition' | 'observation' | undefined;

export interface ShdrStep {
  readonly state: ShdrState;
  readonly parsed: Decision<ShdrLine, ShdrRefusalCode>;
}

/** UTF-16 units of one asset's body. */
export const LONGEST_ASSET = 262_144;

const TIMESTAMP =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?Z?(@\d{1,9}(\.\d{1,9})?)?$/;
const KEY = /^[A-Za-z_][A-Za-z0-9_.:/-]{0,127}$/;
const COMMAND = /^\*\s*([A-Za-z][A-Za-z0-9_ -]{0,63}?)\s*(?::\s*(.*)|\s(\d+))?$/;
const MARK = /^--multiline--[A-Za-z0-9]{1,64}$/;
const LEVELS: ReadonlySet<string> = new Set<ConditionLevel>(['NORMAL', 'WARNING', 'FAULT', 'UNAVAILABLE']);
const CONDITION_FIELDS = 7;

/**
 * Reads one line (without its line end) of an MTConnect adapter, SHDR 2.x: observations, a condition, a command, or a part of an
 * asset. A refused line changes nothing but, inside an asset, the state; the reader goes on with the next line.
 */
export function parseShdrLine(line: string, state: ShdrState, kindOf: KeyKind = () => undefined): ShdrStep {
  if (state.open) return continueAsset(line, state.open);
  if (line.length > LONGEST_LINE) return between(refuse('line_too_long'));
  if (line.trim() === '') return between(allow({ kind: 'blank' }));
  if (line.startsWith('*')) return between(parseCommand(line));
  const [at = '', ...fields] = splitFields(line);
  if (at !== '' && !TIMESTAMP.test(at)) return between(refuse('timestamp_malformed'));
  if (fields[0]?.startsWith('@')) return parseAssetLine(at, fields);
  return between(isCondition(fields, kindOf) ? parseCondition(at, fields) : parseObservations(at, fields));
}

const between = (parsed: ShdrStep['parsed']): ShdrStep => ({ state: SHDR_START, parsed });

/** `* PING`, `* PONG 10000`, `* adapterVersion: 2.0`. Anything else after the star is kept as a command with no name. */
function parseCommand(line: string): Decision<ShdrLine, ShdrRefusalCode> {
  const [, name = '', text, digits] = COMMAND.exec(line) ?? [];
  return allow({ kind: 'command', name, value: text ?? digits ?? '' });
}

function parseObservations(at: string, fields: readonly string[]): Decision<ShdrLine, ShdrRefusalCode> {
  if (fields.length === 0) return refuse('value_missing');
  const observations: Observation[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const [key = '', value] = [fields[i], fields[i + 1]];
    if (!KEY.test(key)) return refuse('key_malformed');
    // A key without a value shifts every later pair by one: nothing of such a line can be believed.
    if (value === undefined) return refuse('value_missing');
    observations.push({ key, value });
  }
  return allow({ kind: 'observations', at, observations });
}

/**
 * A described key decides. For an undescribed one: a level and exactly four more fields. `UNAVAILABLE` is a value of observations
 * too, so there the four must be empty.
 */
function isCondition(fields: readonly string[], kindOf: KeyKind): boolean {
  const [key = '', level = '', ...rest] = fields;
  const kind = kindOf(key);
  if (kind) return kind === 'condition';
  if (fields.length !== CONDITION_FIELDS - 1 || !LEVELS.has(level.toUpperCase())) return false;
  return level.toUpperCase() !== 'UNAVAILABLE' || rest.every((field) => field === '');
}

function parseCondition(at: string, fields: readonly string[]): Decision<ShdrLine, ShdrRefusalCode> {
  const [key = '', level = '', nativeCode = '', nativeSeverity = '', qualifier = '', ...text] = fields;
  if (!KEY.test(key)) return refuse('key_malformed');
  const upper = level.toUpperCase();
  if (!isLevel(upper))
    return refuse('value_missing', { detail: 'a condition needs NORMAL, WARNING, FAULT or UNAVAILABLE' });
  return allow({
    kind: 'condition',
    at,
    key,
    level: upper,
    nativeCode,
    nativeSeverity,
    qualifier,
    text: text.join('|'),
  });
}

const isLevel = (text: string): text is ConditionLevel => LEVELS.has(text);

function parseAssetLine(at: string, fields: readonly string[]): ShdrStep {
  const [command, id = '', type = '', body] = fields;
  if (command === '@REMOVE_ASSET@' && id && fields.length === 2)
    return between(allow({ kind: 'asset-removed', at, id }));
  if (command === '@REMOVE_ALL_ASSETS@' && id && fields.length === 2) {
    return between(allow({ kind: 'assets-removed', at, type: id }));
  }
  if (command !== '@ASSET@') return between(refuse('asset_command_unknown'));
  if (!id || !type || body === undefined) return between(refuse('asset_malformed'));
  if (MARK.test(body)) {
    return { state: { open: { mark: body, at, id, type, body: '' } }, parsed: allow({ kind: 'asset-unfinished' }) };
  }
  return between(allow({ kind: 'asset', at, id, type, body: fields.slice(3).join('|') }));
}

function continueAsset(line: string, open: OpenAsset): ShdrStep {
  if (line === open.mark) {
    if (open.body === undefined) return between(refuse('asset_too_long'));
    return between(allow({ kind: 'asset', at: open.at, id: open.id, type: open.type, body: open.body }));
  }
  const grown = open.body === undefined ? undefined : `${open.body}${open.body ? '\n' : ''}${line}`;
  const body = grown !== undefined && grown.length > LONGEST_ASSET ? undefined : grown;
  return { state: { open: { ...open, body } }, parsed: allow({ kind: 'asset-unfinished' }) };
}

/** Splits at `|`. A field in double quotes may carry `\|`; a quote that does not close before the next field is an ordinary character. */
function splitFields(line: string): string[] {
  const fields: string[] = [];
  let from = 0;
  while (from <= line.length) {
    const quoted = line[from] === '"' ? QUOTED.exec(line.slice(from)) : null;
    if (quoted) {
      fields.push((quoted[1] ?? '').replaceAll('\\|', '|'));
      from += quoted[0].length + 1;
      continue;
    }
    const bar = line.indexOf('|', from);
    const to = bar === -1 ? line.length : bar;
    fields.push(line.slice(from, to));
    from = to + 1;
  }
  return fields;
}

const QUOTED = /^"((?:[^"|\\]|\\.)*)"(?=\||$)/;
