import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TERMS } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { PROPERTIES } from './areas.js';
import { anyTerm, DRAWN, versionOf } from './draw-version.js';
import { systemOffset, systemRelease } from './oracles/zoneinfo.js';
import { randomOf } from './property.js';

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
    expect(imports.map(([, from]) => from).filter((from) => !from?.startsWith('./') && from !== 'node:fs')).toEqual([]);
  });

  it('read clocks from the zone database of the system, which is not the platform’s own, where there is one', () => {
    const [summer, winter] = [Date.UTC(2026, 6, 1), Date.UTC(2026, 11, 1)];
    const hours = (zone: string, at: number) => (systemOffset(zone, at) ?? Number.NaN) / 3_600_000;
    const said = (['Europe/Vienna', 'Australia/Lord_Howe', 'Asia/Kathmandu'] as const).flatMap((zone) => [
      hours(zone, summer),
      hours(zone, winter),
    ]);
    expect(said).toEqual(systemRelease() === undefined ? expect.any(Array) : [2, 1, 10.5, 11, 5.75, 5.75]);
    // To the very minute of a change, and over the day that Samoa left out.
    const change = Date.UTC(2026, 2, 29, 1);
    const edge = [hours('Europe/Vienna', change - 1), hours('Europe/Vienna', change)];
    const samoa = [Date.UTC(2011, 11, 30, 9, 59), Date.UTC(2011, 11, 30, 10)].map((at) => hours('Pacific/Apia', at));
    expect([edge, samoa]).toEqual(
      systemRelease() === undefined
        ? expect.any(Array)
        : [
            [1, 2],
            [-10, 14],
          ],
    );
    expect(systemOffset('Nowhere/Atall', summer)).toBeUndefined();
  });
});
