import { describe, expect, it } from '@jest/globals';
import { boundBroken, NOTHING_UNFOLDED, roomFor, SCAN_BOUNDS, withPart } from './bounds.js';
import { containerOf } from './container.js';
import { base64In, DEEPEST_JSON, SHORTEST_PACKED, stringsOf } from './packed-texts.js';
import { readEngineAnswer } from './read-engine-answer.js';
import { CLEAN, notClean, worstOf } from './verdict.js';

describe('a verdict', () => {
  it('is the worst of its parts, and nothing looked at is not clean', () => {
    expect(worstOf([CLEAN, notClean('encrypted'), notClean('signature', 'A'), notClean('ratio')]).signature).toBe('A');
    expect(worstOf([CLEAN, notClean('damaged'), notClean('ratio')]).outcome).toBe('refused');
    expect(worstOf([CLEAN, CLEAN])).toEqual(CLEAN);
    expect(worstOf([]).outcome).toBe('unscannable');
  });
});

describe("the engine's answer", () => {
  it.each([
    ['stream: OK', 'clean', null],
    ['stream: OK ', 'unscannable', 'engine_failed'],
    ['stream: ok', 'unscannable', 'engine_failed'],
    ['', 'unscannable', 'engine_failed'],
    ['stream: Broker.Test.EICAR.UNOFFICIAL FOUND', 'infected', 'signature'],
    ['stream: Heuristics.Limits.Exceeded.MaxFiles FOUND', 'unscannable', 'engine_limit'],
    ['stream: Heuristics.Encrypted.Zip FOUND', 'unscannable', 'encrypted'],
    ['INSTREAM size limit exceeded. ERROR', 'unscannable', 'engine_limit'],
    ['COMMAND READ TIMED OUT', 'unscannable', 'engine_failed'],
    ['stream: Can not allocate memory ERROR', 'unscannable', 'engine_failed'],
    ['stream: A FOUND\nstream: OK', 'unscannable', 'engine_failed'],
  ])('%j is %s', (answer, outcome, reason) => {
    expect(readEngineAnswer(answer)).toMatchObject({ outcome, reason });
  });
});

describe('what may come out', () => {
  const { entries, depth, memberBytes, totalBytes, ratio, ratioFrom } = SCAN_BOUNDS;
  const broken = (part: Partial<Parameters<typeof boundBroken>[2]>, before = NOTHING_UNFOLDED) =>
    boundBroken(SCAN_BOUNDS, before, { from: memberBytes, to: 1, depth: 1, ...part });

  it.each([
    ['a deepest part', { depth }, NOTHING_UNFOLDED],
    ['a last entry', {}, { entries: entries - 1, bytes: 0 }],
    ['a largest member', { to: memberBytes }, NOTHING_UNFOLDED],
    ['a last byte', { to: 1 }, { entries: 0, bytes: totalBytes - 1 }],
    ['a small text that compresses well', { from: 1, to: ratioFrom }, NOTHING_UNFOLDED],
    ['just the ratio', { from: 20_000, to: 20_000 * ratio }, NOTHING_UNFOLDED],
  ])('%s', (_what, part, before) => expect(broken(part, before)).toBeUndefined());

  it.each([
    ['too_deep', { depth: depth + 1 }, NOTHING_UNFOLDED],
    ['too_many_entries', {}, { entries, bytes: 0 }],
    ['member_too_large', { to: memberBytes + 1 }, NOTHING_UNFOLDED],
    ['too_large', { to: 2 }, { entries: 0, bytes: totalBytes - 1 }],
    ['ratio', { from: 20_000, to: 20_000 * ratio + 1 }, NOTHING_UNFOLDED],
    ['ratio', { from: 1, to: ratioFrom + 1 }, NOTHING_UNFOLDED],
  ])('not %s', (reason, part, before) => expect(broken(part, before)).toBe(reason));

  it.each([
    [memberBytes, { entries: 0, bytes: 0 }],
    [20_000, { entries: 0, bytes: 0 }],
    [1, { entries: 0, bytes: 0 }],
    [memberBytes, { entries: 5, bytes: totalBytes - 10 }],
  ])('leaves room for just what breaks no bound, out of %d bytes', (from, before) => {
    const room = roomFor(SCAN_BOUNDS, before, from);
    expect(boundBroken(SCAN_BOUNDS, before, { from, to: room, depth: 1 })).toBeUndefined();
    expect(boundBroken(SCAN_BOUNDS, before, { from, to: room + 1, depth: 1 })).toBeDefined();
  });

  it('counts every part', () => {
    expect(withPart({ entries: 1, bytes: 5 }, { from: 1, to: 7, depth: 1 })).toEqual({ entries: 2, bytes: 12 });
  });
});

describe('how bytes are packed', () => {
  const bytes = (...parts: readonly (string | readonly number[])[]) =>
    Uint8Array.from(parts.flatMap((one) => (typeof one === 'string' ? [...one].map((c) => c.charCodeAt(0)) : one)));
  it.each([
    ['text', bytes('{"a": 1}\r\n')],
    ['none', bytes('MZ', [0, 1, 2])],
    ['none', bytes('')],
    ['gzip', bytes([0x1f, 0x8b, 8])],
    ['zip', bytes('PK', [3, 4])],
    ['zip', bytes('MZ anything before it', 'PK', [5, 6], new Array(18).fill(0))],
    ['closed', bytes('7z', [0xbc, 0xaf, 0x27, 0x1c])],
    ['closed', bytes('Rar!', [0x1a, 7, 1, 0])],
    ['closed', bytes('BZh9')],
    ['tar', bytes(new Array(257).fill(0), 'ustar')],
    ['zlib', bytes([0x78, 0x9c])],
    ['text', bytes('xylophone')],
  ])('%s', (container, given) => expect(containerOf(given)).toBe(container));
});

describe('what a text hides', () => {
  const long = 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo';
  it.each([
    ['base64', `${long}=`, long],
    ['base64 in lines', `${long.slice(0, 20)}\r\n${long.slice(20)}=\n`, long],
    ['base64 of URLs', `${long.slice(0, 33)}_-`, `${long.slice(0, 33)}_-`],
    ['a data URL', `data:application/zip;base64,${long}=`, long],
    ['a sentence', 'the press is warm, the oil is cold; all is well', undefined],
    ['what is too short', long.slice(0, SHORTEST_PACKED - 2), undefined],
    ['what no encoder writes', `${long.slice(0, 32)}A`, undefined],
  ])('%s', (_what, text, found) => expect(base64In(text)).toBe(found));

  it('is every string of a JSON value, names too', () => {
    expect(stringsOf({ a: ['b', { c: 'd' }], n: 1, e: null })).toEqual(['a', 'b', 'c', 'd', 'n', 'e']);
    expect(stringsOf('alone')).toEqual(['alone']);
  });

  it('is not looked for in a value nested too deeply', () => {
    const nested = (depth: number) => Array.from({ length: depth }).reduce<unknown>((inner) => [inner], 'x');
    expect(stringsOf(nested(DEEPEST_JSON))).toEqual(['x']);
    expect(stringsOf(nested(DEEPEST_JSON + 1))).toBeUndefined();
  });
});
