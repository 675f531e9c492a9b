import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LONGEST_ASSET, parseShdrLine, SHDR_START, type ShdrLine, type ShdrState } from './shdr.js';
import { LONGEST_LINE } from './take-lines.js';

const T = '2022-08-08T13:51:34.7167146Z';

const parse = (line: string, kind?: 'condition' | 'observation') => {
  const { parsed } = parseShdrLine(line, SHDR_START, () => kind);
  return parsed.allowed ? parsed.value : parsed.refusal.code;
};

const readLines = (lines: readonly string[]) => {
  let state: ShdrState = SHDR_START;
  const read: (ShdrLine | string)[] = [];
  for (const line of lines) {
    const step = parseShdrLine(line, state);
    state = step.state;
    read.push(step.parsed.allowed ? step.parsed.value : step.parsed.refusal.code);
  }
  return { read, state };
};

describe('an observation line', () => {
  it.each([
    ['one pair', `${T}|avail|AVAILABLE`, [{ key: 'avail', value: 'AVAILABLE' }]],
    ['an empty value', `${T}|MachineOperator|`, [{ key: 'MachineOperator', value: '' }]],
    [
      'several pairs',
      `${T}|X1load|56|Z1load|2`,
      [
        { key: 'X1load', value: '56' },
        { key: 'Z1load', value: '2' },
      ],
    ],
    ['a device before the key', `${T}|press-7:estop|ARMED`, [{ key: 'press-7:estop', value: 'ARMED' }]],
    [
      'a quoted value with bars',
      `${T}|block|"G1\\|X2"|line|4`,
      [
        { key: 'block', value: 'G1|X2' },
        { key: 'line', value: '4' },
      ],
    ],
    [
      'a quote that never closes',
      `${T}|block|"G1|line|4`,
      [
        { key: 'block', value: '"G1' },
        { key: 'line', value: '4' },
      ],
    ],
    ['a quoted value at the end', `${T}|block|"G1"`, [{ key: 'block', value: 'G1' }]],
  ])('with %s gives its pairs in order', (_what, line, observations) => {
    expect(parse(line)).toEqual({ kind: 'observations', at: T, observations });
  });

  it('without a timestamp leaves the time to the reader, and a duration is kept', () => {
    expect(parse('|avail|AVAILABLE')).toMatchObject({ kind: 'observations', at: '' });
    expect(parse('2022-08-08T13:51:34Z@2.5|load|3')).toMatchObject({ at: '2022-08-08T13:51:34Z@2.5' });
  });

  it.each([
    ['a key whose value is missing, since it may have shifted all others', `${T}|a|1|b`, 'value_missing'],
    ['no pair at all', T, 'value_missing'],
    ['a key with blanks', `${T}|MachineOp erator|x`, 'key_malformed'],
    ['an empty key', `${T}||x`, 'key_malformed'],
    ['a month 13', '2022-13-08T13:51:34Z|a|1', 'timestamp_malformed'],
    ['ten fraction digits', '2022-08-08T13:51:34.1234567890Z|a|1', 'timestamp_malformed'],
    ['a name where the time belongs', 'operator-17|a|1', 'timestamp_malformed'],
    ['a line one unit too long', `${T}|a|${'x'.repeat(LONGEST_LINE - T.length - 2)}`, 'line_too_long'],
    ['an unknown asset command', `${T}|@FORMAT_DISK@|all`, 'asset_command_unknown'],
    ['an asset without a type', `${T}|@ASSET@|id`, 'asset_malformed'],
  ])('is refused for %s', (_why, line, code) => {
    expect(parse(line)).toBe(code);
  });

  it('of the longest allowed length is read', () => {
    expect(parse(`${T}|a|${'x'.repeat(LONGEST_LINE - T.length - 3)}`)).toMatchObject({ kind: 'observations' });
  });
});

describe('a condition', () => {
  it('is known by its level and its four further fields', () => {
    expect(parse(`${T}|oil_cond|FAULT|E17|3|HIGH|oil too hot`)).toEqual({
      kind: 'condition',
      at: T,
      key: 'oil_cond',
      level: 'FAULT',
      nativeCode: 'E17',
      nativeSeverity: '3',
      qualifier: 'HIGH',
      text: 'oil too hot',
    });
    expect(parse(`${T}|system|UNAVAILABLE||||`)).toMatchObject({ kind: 'condition', level: 'UNAVAILABLE' });
  });

  it('is told from three observations of which the first is unavailable, as the recorded turn-mill sends them', () => {
    const line = `${T}|p1Fcmd|UNAVAILABLE|p1Fract|861.4038|p1Frcmd|5`;
    expect(parse(line)).toMatchObject({ kind: 'observations', observations: { length: 3 } });
    expect(parse(line, 'observation')).toMatchObject({ kind: 'observations' });
    expect(parse(line, 'condition')).toMatchObject({ kind: 'condition', nativeCode: 'p1Fract', text: '5' });
  });

  it('keeps bars of its text, and needs a level', () => {
    expect(parse(`${T}|c|WARNING|1|2||a|b`, 'condition')).toMatchObject({ text: 'a|b' });
    expect(parse(`${T}|c|BROKEN|1|2||a`, 'condition')).toBe('value_missing');
  });
});

describe('an asset', () => {
  it('on one line carries its body, bars included', () => {
    expect(parse(`${T}|@ASSET@|t.1|CuttingTool|<a b="|"/>`)).toEqual({
      kind: 'asset',
      at: T,
      id: 't.1',
      type: 'CuttingTool',
      body: '<a b="|"/>',
    });
  });

  it('between two marks is one asset, and nothing inside is read as an observation', () => {
    const { read, state } = readLines([
      `${T}|@ASSET@|t.1|CuttingTool|--multiline--ABCD`,
      '<CuttingTool>',
      `${T}|X1load|99`,
      '* PING',
      '--multiline--ABCD',
      `${T}|X1load|1`,
    ]);
    expect(read.filter((line) => typeof line !== 'string' && line.kind === 'observations')).toHaveLength(1);
    expect(read[4]).toMatchObject({ kind: 'asset', body: `<CuttingTool>\n${T}|X1load|99\n* PING` });
    expect(state).toEqual(SHDR_START);
  });

  it('longer than its limit is skipped to its mark without being kept, and refused there', () => {
    const chunk = 'x'.repeat(60_000);
    const { read, state } = readLines([
      `${T}|@ASSET@|t.1|Tool|--multiline--X`,
      ...Array.from({ length: Math.ceil(LONGEST_ASSET / chunk.length) + 1 }, () => chunk),
    ]);
    expect(read.at(-1)).toEqual({ kind: 'asset-unfinished' });
    expect(JSON.stringify(state).length).toBeLessThan(1_000);
    expect(parseShdrLine('--multiline--X', state)).toMatchObject({
      state: SHDR_START,
      parsed: { refusal: { code: 'asset_too_long' } },
    });
  });

  it('is removed by id or by type', () => {
    expect(parse(`${T}|@REMOVE_ASSET@|t.1`)).toEqual({ kind: 'asset-removed', at: T, id: 't.1' });
    expect(parse(`${T}|@REMOVE_ALL_ASSETS@|CuttingTool`)).toEqual({
      kind: 'assets-removed',
      at: T,
      type: 'CuttingTool',
    });
  });
});

describe('a command', () => {
  it.each([
    ['* PING', { name: 'PING', value: '' }],
    ['* PONG 10000', { name: 'PONG', value: '10000' }],
    ['*adapterVersion:UNAVAILABLE', { name: 'adapterVersion', value: 'UNAVAILABLE' }],
    ['* device: press-7', { name: 'device', value: 'press-7' }],
    ['* ???', { name: '', value: '' }],
  ])('%s', (line, command) => {
    expect(parse(line)).toEqual({ kind: 'command', ...command });
  });
});

describe('any text', () => {
  it('is read or refused, never thrown at', () => {
    const part = fc.constantFrom('|', '"', '\\', '@ASSET@', '--multiline--A', T, 'FAULT', '* ', 'key', '\u0000');
    const text = fc.array(fc.oneof(part, fc.string())).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.array(text), (lines) => {
        expect(readLines(lines).read).toHaveLength(lines.length);
      }),
    );
  });

  it('full of quotes and blanks takes no more time than its length asks for', () => {
    const hostile = [`${T}|a|${'"\\|'.repeat(20_000)}`, `* a${' '.repeat(60_000)}x`, `${T}|a|${'"|'.repeat(30_000)}`];
    const started = performance.now();
    for (const line of hostile) parse(line);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
