import { describe, expect, it } from '@jest/globals';
import { MOST_SOURCES, OTHER_SOURCES, RefusedCallers, sourcePrefix } from './refused-callers.js';

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 0, 1, 12);
const total = (counted: readonly { readonly count: number }[]) => counted.reduce((sum, { count }) => sum + count, 0);

describe('the source of a caller who proved nothing', () => {
  it.each([
    ['203.0.113.7', '203.0.113.0/24'],
    ['::ffff:203.0.113.7', '203.0.113.0/24'],
    ['2001:DB8:0a:1::5', '2001:db8:a::/48'],
    ['2001:db8::1', '2001:db8:0::/48'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['::1', '0:0:0::/48'],
    ['fe80::1%eth0', 'fe80:0:0::/48'],
  ])('%s is %s', (address, prefix) => {
    expect(sourcePrefix(address)).toBe(prefix);
  });

  it.each([undefined, '', 'x', '1.2.3', '::ffff:1.2', '2001:db8:1', '2001:zz::1', '1:2:3:4:5:6:7:8:9', '::ffff:hello'])(
    '%s is counted with the others',
    (address) => {
      expect(sourcePrefix(address)).toBe(OTHER_SOURCES);
    },
  );
});

describe('refusals to callers who proved nothing', () => {
  it('are one count for each source and minute, handed over once the minute is over and never twice', () => {
    const refused = new RefusedCallers();
    for (const [address, at] of [
      ['203.0.113.7', 0],
      ['203.0.113.8', 59_999],
      ['198.51.100.1', 30_000],
      ['203.0.113.7', MINUTE],
    ] as const)
      refused.count(address, NOON + at);
    expect(refused.takeOver(NOON + MINUTE - 1)).toEqual([]);
    expect(refused.takeOver(NOON + MINUTE)).toEqual([
      { at: NOON, source: '203.0.113.0/24', count: 2 },
      { at: NOON, source: '198.51.100.0/24', count: 1 },
    ]);
    expect(refused.takeOver(NOON + MINUTE)).toEqual([]);
    expect(refused.takeAll()).toEqual([{ at: NOON + MINUTE, source: '203.0.113.0/24', count: 1 }]);
  });

  it('hold no more however many addresses there are, and leave none uncounted', () => {
    const refused = new RefusedCallers();
    for (let n = 0; n < 5_000; n += 1) refused.count(`10.${n >> 8}.${n & 255}.1`, NOON);
    refused.count('not an address', NOON);
    const counted = refused.takeOver(NOON + MINUTE);
    expect(counted).toHaveLength(MOST_SOURCES + 1);
    expect(counted.find(({ source }) => source === OTHER_SOURCES)?.count).toBe(5_001 - MOST_SOURCES);
    expect(total(counted)).toBe(5_001);
  });

  it('that cannot be written down for days take no more room either, and none is forgotten', () => {
    const refused = new RefusedCallers();
    for (let minute = 0; minute < 2_000; minute += 1)
      for (let n = 0; n < 3; n += 1) refused.count(`10.${minute & 255}.${n}.1`, NOON + minute * MINUTE);
    const counted = refused.takeAll();
    expect(new Set(counted.map(({ at }) => at)).size).toBeLessThanOrEqual(60);
    expect(counted.length).toBeLessThanOrEqual(60 * (MOST_SOURCES + 1));
    expect(total(counted)).toBe(6_000);
  });
});
