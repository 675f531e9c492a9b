import { describe, expect, it } from '@jest/globals';
import type { ProductKey } from '../documents/agreement.js';
import type { LocalId } from '../names.js';
import { compileMinimise } from './minimise.js';

describe('a key that is aggregated', () => {
  const force: ProductKey = {
    ...{ key: 'force', unit: 'kN', category: 'process' as LocalId },
    action: 'aggregate',
    step: 10,
  };
  const at = (second: number) => `2026-11-01T08:00:${String(second).padStart(2, '0')}Z`;
  const minimised = (values: readonly string[], from = 0) => {
    const minimise = compileMinimise([force], [], { hash: () => '' });
    if (!minimise.allowed) throw new Error(minimise.refusal.code);
    return minimise.value(values.map((value, n) => ({ at: at(from + n), key: 'force', value })));
  };

  it('leaves as count, least, greatest and mean of each window, and never as a value', () => {
    const { leaving, dropped } = minimised(['1', '2', '3', '4', '5.5']);
    expect(leaving).toEqual([
      {
        at: '2026-11-01T08:00:00.000Z',
        key: 'force',
        value: '5 1 5.5 3.1',
        unit: 'kN',
        category: 'process',
        condition: null,
      },
    ]);
    expect(dropped).toEqual([]);
  });

  it('leaves nothing of a window with fewer than five, of what does not say when, and of what is no number', () => {
    // Four on each side of the edge of a window.
    expect(minimised(['1', '2', '3', '4', '5', '6', '7', '8'], 6)).toEqual({
      leaving: [],
      dropped: [{ key: 'force', reason: 'too_few', count: 8 }],
    });
    expect(minimised(['a', '1', 'UNAVAILABLE', '2', '3', '4']).dropped).toEqual([
      { key: 'force', reason: 'not_a_quantity', count: 2 },
      { key: 'force', reason: 'too_few', count: 4 },
    ]);
    const minimise = compileMinimise([force], [], { hash: () => '' });
    const timeless = Array.from({ length: 9 }, () => ({ at: '', key: 'force', value: '1' }));
    expect(minimise.allowed && minimise.value(timeless).leaving).toEqual([]);
  });

  it('says no least and no greatest that is a listed name', () => {
    const minimise = compileMinimise([force], [{ kind: 'identifier', text: '229810' }], { hash: () => '' });
    if (!minimise.allowed) throw new Error(minimise.refusal.code);
    const said = ['229810', '1', '2', '3', '4', '5'].map((value, n) => ({ at: at(n), key: 'force', value }));
    expect(minimise.value(said)).toMatchObject({
      leaving: [{ value: '5 1 5 3' }],
      dropped: [{ reason: 'identifier_remains', count: 1 }],
    });
  });

  it('needs a window', () => {
    expect(compileMinimise([{ ...force, step: null }], [], { hash: () => '' })).toMatchObject({
      refusal: { code: 'step_missing' },
    });
  });
});
