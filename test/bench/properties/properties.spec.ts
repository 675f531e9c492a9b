import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PROPERTIES } from './areas.js';
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

  it.each(readdirSync(ORACLES))('%s imports nothing of libs/', (file) => {
    const imports = [...readFileSync(join(ORACLES, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)];
    expect(imports.map(([, from]) => from).filter((from) => !from?.startsWith('./'))).toEqual([]);
  });
});
