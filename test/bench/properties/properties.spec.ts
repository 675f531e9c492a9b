import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TERMS } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { PROPERTIES } from './areas.js';
import { anyTerm, DRAWN, versionOf } from './draw-version.js';
import { randomOf } from './property.js';
import { comparableUntil, ZONES } from './recurring-windows.js';

const ORACLES = join(import.meta.dirname, 'oracles');
/** As many as take no time; `npm run torture -- R7` tries a hundred thousand of each. */
const CASES = 500;
const all = Object.entries(PROPERTIES).flatMap(([area, own]) =>
  Object.entries(own).map(([name, property]) => [`${area}: ${name}`, property] as const),
);

describe('the rules and their oracles', () => {
  it.each(all)('agree on %s', (_, property) => {
    const said = Array.from({ length: CASES }, (_none, at) => property(randomOf(at))).filter(
      (one) => one !== undefined,
    );
    expect(said.slice(0, 3)).toEqual([]);
  });

  it('are asked about every kind of clause, every member of it, and a change of each', () => {
    const drawn = new Map<string, Set<string>>();
    for (let seed = 0; seed < CASES; seed += 1) {
      const random = randomOf(seed);
      for (const term of [...versionOf(random).terms, anyTerm(random)]) {
        const members = drawn.get(term.type) ?? new Set();
        for (const member of Object.keys(term)) members.add(member);
        for (const inner of (term.keys ?? []) as readonly object[])
          for (const member of Object.keys(inner)) members.add(`keys ${member}`);
        drawn.set(term.type, members);
      }
    }
    const keys = ['key', 'unit', 'category', 'semanticId', 'action', 'step', 'secret'].map(
      (member) => `keys ${member}`,
    );
    const wanted = Object.entries(TERMS).map(([type, { order }]) => {
      const members = ['type', ...Object.keys(order), ...(type === 'data-collection' ? keys : [])];
      return [type, members.filter((member) => !drawn.get(type)?.has(member))];
    });
    expect(wanted.filter(([, missing]) => missing?.length)).toEqual([]);
    expect(Object.keys(DRAWN).sort()).toEqual(Object.keys(TERMS).sort());
  });

  it.each(readdirSync(ORACLES))('%s imports nothing of libs/', (file) => {
    const imports = [...readFileSync(join(ORACLES, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)];
    // The zone database of others is the one thing an oracle rests on.
    const foreign = imports.map(([, from]) => from).filter((from) => !from?.startsWith('./'));
    expect(foreign.filter((from) => from !== 'moment-timezone')).toEqual([]);
  });

  it.each(ZONES)(
    '%s has the same clocks in the database of the platform and in that of the oracles, in all years that are over',
    (zone) => expect(comparableUntil(zone)).toBeGreaterThan(Date.UTC(2026, 0, 1)),
  );
});
