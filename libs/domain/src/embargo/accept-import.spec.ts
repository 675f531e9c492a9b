import { describe, expect, it } from '@jest/globals';
import { entry, NOW, parties, policy, provenance, territories } from '../../test/embargo-lists.js';
import { acceptImport } from './accept-import.js';

const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => entry({ id: `${from + at}`, places: [{ country: 'CU', text: 'Havana' }] }));
const codeOf = (result: ReturnType<typeof acceptImport>) => (result.allowed ? 'taken' : result.refusal.code);

describe('an edition of a list', () => {
  it('is taken with what it changes, and keeps who left', () => {
    const next = parties(
      [...many(95, 5), entry({ id: '2000' }), entry({ id: '7', version: 'v2' })].filter((_one, at) => at !== 2),
    );
    const taken = acceptImport(parties(many(100)), next, null);
    expect(taken).toMatchObject({
      allowed: true,
      value: { change: { added: ['2000'], removed: ['0', '1', '2', '3', '4'], changed: ['7'] } },
    });
    if (!taken.allowed) return;
    expect(taken.value.list.delisted.map(({ id }) => id)).toEqual(['0', '1', '2', '3', '4']);
    const again = acceptImport(taken.value.list, parties([...next.entries, entry({ id: '3' })]), null);
    expect(again.allowed && again.value.list.delisted.map(({ id }) => id)).toEqual(['0', '1', '2', '4']);
  });

  it.each([
    ['is empty', parties([]), 'embargo_list_empty'],
    ['lost half of it', parties(many(50)), 'embargo_list_shrunk'],
    ['lost one entry more than may go away at once', parties(many(89)), 'embargo_list_shrunk'],
    ['lost exactly as many as may', parties(many(90)), 'taken'],
    ['exchanged everybody', parties(many(100, 500)), 'embargo_list_shrunk'],
    ['lost its addresses', parties(many(100).map((one) => ({ ...one, places: [] }))), 'embargo_list_shrunk'],
    [
      'is older than the one in force',
      parties(many(100), { provenance: provenance({ issuedAt: NOW - 1e10 }) }),
      'embargo_list_older',
    ],
  ])('that %s: %s', (_what, next, code) => expect(codeOf(acceptImport(parties(many(100)), next, null))).toBe(code));

  it('may shrink by exactly as many as the issuer announced', () => {
    expect(codeOf(acceptImport(parties(many(100)), parties(many(50)), 50))).toBe('taken');
    expect(codeOf(acceptImport(parties(many(100)), parties(many(50)), 49))).toBe('embargo_list_shrunk');
    expect(codeOf(acceptImport(parties(many(100)), parties([]), 100))).toBe('embargo_list_empty');
  });

  it('of rules is held to the same', () => {
    expect(codeOf(acceptImport(territories, { ...territories, rules: territories.rules.slice(0, 2) }, null))).toBe(
      'embargo_list_shrunk',
    );
    expect(codeOf(acceptImport(territories, { ...territories, placeNames: [] }, null))).toBe('embargo_list_shrunk');
    expect(codeOf(acceptImport(policy, { ...policy, maxAgeSeconds: {} }, null))).toBe('embargo_list_empty');
  });
});
