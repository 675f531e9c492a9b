import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ProductKey } from '../documents/agreement.js';
import { type LocalId, parseLocalId } from '../names.js';
import { compileMinimise, countsForPartner, type LeavingObservation, type Minimised, observedIn } from './minimise.js';
import type { ScrubRule } from './scrub.js';
import { parseShdrLine, SHDR_START, type ShdrLine, type ShdrState } from './shdr.js';

const RECORDING = fileURLToPath(new URL('../../../../../shared/data/mtconnect-okuma-shdr/okuma.txt', import.meta.url));
/** A user's clone has no shared data; with CI set its absence is a failure of the tests below. */
const withRecording = existsSync(RECORDING) || process.env.CI === 'true' ? describe : describe.skip;

const T = '2022-08-08T13:51:34.7Z';
const technical = parseLocalId('technical') as LocalId;
const entry = (key: string, over: Partial<ProductKey> = {}): ProductKey => ({
  key,
  unit: null,
  category: technical,
  action: 'pass',
  step: null,
  ...over,
});
const pseudonym = {
  hash: (key: string, value: string) => `p:${key}:${value.length}`,
  pseudonymise: (key: string, value: string) => `own:${key}:${value.length}`,
};

const compiled = (keys: readonly ProductKey[], rules: readonly ScrubRule[] = []): ((line: ShdrLine) => Minimised) => {
  const minimise = compileMinimise(keys, rules, pseudonym);
  if (!minimise.allowed) throw new Error(minimise.refusal.code);
  return (line) => minimise.value(observedIn(line));
};

const read = (text: string): ShdrLine => {
  const { parsed } = parseShdrLine(text, SHDR_START);
  if (!parsed.allowed) throw new Error(parsed.refusal.code);
  return parsed.value;
};

describe('what leaves', () => {
  const minimise = compiled(
    [
      entry('temp', { unit: 'CELSIUS' }),
      entry('force', { unit: 'NEWTON', action: 'coarsen', step: 50 }),
      entry('fine', { unit: 'NEWTON', action: 'coarsen', step: 0.1 }),
      entry('operator', { action: 'hash' }),
      entry('shift', { action: 'pseudonymise' }),
      entry('program', { action: 'drop' }),
      entry('os'),
      entry('oil_cond'),
      entry('pos', { unit: 'MILLIMETER' }),
    ],
    [{ kind: 'identifier', text: 'operator-17' }],
  );
  const one = (key: string, value: string) => {
    const { leaving, dropped } = minimise(read(`${T}|${key}|${value}`));
    return leaving[0]?.value ?? dropped[0]?.reason;
  };

  it.each([
    ['a listed quantity', 'temp', '41.5', '41.5'],
    ['a position of three numbers', 'pos', '1 -2.5 3e2', '1 -2.5 3e2'],
    ['a quantity the machine does not know', 'temp', 'UNAVAILABLE', 'UNAVAILABLE'],
    ['a quantity that is a text', 'temp', 'hot', 'not_a_quantity'],
    ['a number with a name in it', 'temp', '41 operator-17', 'not_a_quantity'],
    ['an empty quantity', 'temp', '', 'not_a_quantity'],
    ['more numbers than a pose has', 'temp', '1 2 3 4 5 6 7', 'not_a_quantity'],
    ['a force, on the lower edge of its step', 'force', '199.99', '150'],
    ['a force exactly on an edge', 'force', '200', '200'],
    ['a negative force', 'force', '-1', '-50'],
    ['a number that doubles cannot hold', 'fine', '0.3', '0.3'],
    ['a number beyond what steps can count', 'fine', '1e300', 'not_a_quantity'],
    ['an operator', 'operator', 'operator-17', 'p:operator:11'],
    ['no operator', 'operator', '', ''],
    ['a shift by the owner’s own key', 'shift', 'operator-17', 'own:shift:11'],
    ['a key agreed to stay', 'program', 'BRACKET.MIN', 'agreed_drop'],
    ['a key nobody listed', 'MachineMaintenance', 'operator-17', 'unlisted'],
    ['a text with a name', 'os', 'User Name = operator-17;', 'User Name = ***;'],
    ['a text with a hidden name', 'os', 'oper\u200bator-17', 'identifier_remains'],
  ])('%s', (_what, key, value, expected) => {
    expect(one(key, value)).toBe(expected);
  });

  it('of a condition is its level and its scrubbed fields', () => {
    const { leaving } = minimise(read(`${T}|oil_cond|FAULT|E1|3|HIGH|see operator-17`));
    expect(leaving).toEqual([
      {
        at: T,
        key: 'oil_cond',
        value: 'FAULT',
        unit: null,
        category: 'technical',
        condition: { nativeCode: 'E1', nativeSeverity: '3', qualifier: 'HIGH', text: 'see ***' },
      },
    ]);
  });

  it('is nothing of a condition sent under the name of a quantity, and nothing of an asset', () => {
    expect(minimise(read(`${T}|temp|FAULT|a|b|c|free text`))).toMatchObject({
      leaving: [],
      dropped: [{ reason: 'not_a_quantity' }],
    });
    expect(minimise(read(`${T}|@ASSET@|t|Tool|<x/>`))).toEqual({
      leaving: [],
      dropped: [{ key: '@ASSET@', reason: 'unlisted', count: 1 }],
    });
  });

  it('is counted for the partner without the names of unlisted keys', () => {
    const { dropped } = minimise(read(`${T}|operator-17|1|operator-17|2|program|x|temp|y|other|z`));
    expect(countsForPartner(dropped)).toEqual({ listed: { program: 1, temp: 1 }, unlisted: 3 });
  });
});

describe('a catalogue is refused', () => {
  it.each([
    ['that lists nothing', [], 'catalogue_empty'],
    ['that lists a key twice', [entry('a'), entry('a', { action: 'drop' })], 'key_listed_twice'],
    ['that coarsens without a step', [entry('a', { action: 'coarsen' })], 'step_missing'],
    ['that coarsens by nothing', [entry('a', { action: 'coarsen', step: 0 })], 'step_missing'],
    ['that names an asset command', [entry('@ASSET@')], 'key_is_an_asset_command'],
  ])('%s', (_why, keys, code) => {
    expect(compileMinimise(keys, [], pseudonym)).toMatchObject({ allowed: false, refusal: { code } });
  });

  it('with a scrub rule that means nothing', () => {
    expect(compileMinimise([entry('a')], [{ kind: 'identifier', text: '' }], pseudonym)).toMatchObject({
      refusal: { code: 'scrub_rule_too_short' },
    });
  });
});

withRecording('the recorded turn-mill', () => {
  const lines = existsSync(RECORDING) ? readFileSync(RECORDING, 'utf8').split('\n') : [];
  const identifiers = ['Administrator', 'OKUMA-P229810', 'P229810', '00380-71600-14775-AAOEM', 'Z229810A'];
  const rules = identifiers.map((text): ScrubRule => ({ kind: 'identifier', text }));

  const readAll = (of: readonly string[]) => {
    let state: ShdrState = SHDR_START;
    return of.map((line) => {
      const step = parseShdrLine(line, state);
      state = step.state;
      return step.parsed;
    });
  };
  /** The widest catalogue there can be: every key of the recording passes. What does not leave then, never leaves. */
  const widest = (): ProductKey[] => {
    const values = new Map<string, string[]>();
    for (const parsed of readAll(lines)) {
      if (!parsed.allowed) continue;
      if (parsed.value.kind === 'condition') values.set(parsed.value.key, []);
      if (parsed.value.kind !== 'observations') continue;
      for (const { key, value } of parsed.value.observations)
        values.set(key, [...(values.get(key) ?? []), value].slice(-50));
    }
    const isQuantity = (all: readonly string[]) => all.length > 0 && all.every((value) => /^-?[\d.]+$/.test(value));
    return [...values].map(([key, all]) => entry(key, { unit: isQuantity(all) ? 'ONE' : null }));
  };
  const textOf = (leaving: readonly LeavingObservation[]) =>
    leaving
      .map(({ value, condition }) => `${value} ${JSON.stringify(condition)}`)
      .join('\n')
      .toLowerCase();

  it('is read without a single refusal: four runs, 118 assets', () => {
    const read = readAll(lines);
    const kinds = new Map<string, number>();
    for (const parsed of read) {
      const kind = parsed.allowed ? parsed.value.kind : parsed.refusal.code;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    const observations = read.flatMap((p) =>
      p.allowed && p.value.kind === 'observations' ? p.value.observations : [],
    );
    expect(kinds.get('asset')).toBe(118);
    expect(kinds.get('condition')).toBe(40);
    expect(observations.length).toBeGreaterThan(25_000);
    expect([...kinds.keys()].filter((kind) => /too_long|malformed|missing|unknown/.test(kind))).toEqual([]);
  });

  it('sends none of its own user, machine, domain and licence names, whatever was agreed', () => {
    const minimise = compiled(widest(), rules);
    let left = 0;
    for (const parsed of readAll(lines)) {
      if (!parsed.allowed) continue;
      const { leaving } = minimise(parsed.value);
      left += leaving.length;
      const text = textOf(leaving);
      for (const identifier of identifiers) expect(text).not.toContain(identifier.toLowerCase());
    }
    expect(left).toBeGreaterThan(25_000);
  });

  it('sends no identifier planted in any field, in any spelling', () => {
    const person = fc.stringMatching(/^[a-z]{3,8}[-._ ][a-z0-9]{2,6}$/);
    const spelled = (name: string) =>
      fc.constantFrom(
        name,
        name.toUpperCase(),
        `C:\\Users\\${name}\\x`,
        `(${name})`,
        `17${name}4`,
        [...name].join('\u200b'),
      );
    const keys = widest();
    const planted = person.chain((name) =>
      fc.tuple(fc.constant(name), spelled(name), fc.nat(), fc.nat(), fc.boolean()),
    );
    fc.assert(
      fc.property(planted, ([name, spelling, lineAt, fieldAt, instead]) => {
        const minimise = compiled(keys, [...rules, { kind: 'identifier', text: name }]);
        const fields = (lines[lineAt % lines.length] ?? '').split('|');
        const at = fieldAt % fields.length;
        fields[at] = instead ? spelling : `${fields[at]}${spelling}`;
        const { parsed } = parseShdrLine(fields.join('|'), SHDR_START);
        const text = parsed.allowed ? textOf(minimise(parsed.value).leaving) : '';
        expect(text.replaceAll('\u200b', '')).not.toContain(name);
      }),
      { numRuns: 1_500 },
    );
  });

  it('sends no identifier planted in each field of each line, one after the other', () => {
    const minimise = compiled(widest(), [...rules, { kind: 'identifier', text: 'operator-17' }]);
    let fieldsTried = 0;
    for (const line of lines) {
      const fields = line.split('|');
      for (const at of fields.keys()) {
        if (fields.length > 40 && at % 7 !== 0) continue;
        const { parsed } = parseShdrLine(fields.with(at, `${fields[at]}Operator-17`).join('|'), SHDR_START);
        fieldsTried += 1;
        if (parsed.allowed && textOf(minimise(parsed.value).leaving).includes('operator-17')) throw new Error(line);
      }
    }
    expect(fieldsTried).toBeGreaterThan(40_000);
  });
});

describe('a catalogue that asks for pseudonyms of the owner', () => {
  it('is refused where the owner gave no key for them', () => {
    const keys = [entry('shift', { action: 'pseudonymise' })];
    expect(compileMinimise(keys, [], { hash: pseudonym.hash })).toMatchObject({
      allowed: false,
      refusal: { code: 'pseudonym_key_missing', detail: 'shift' },
    });
  });
});
