import { describe, expect, it } from '@jest/globals';
import { impureUses } from './impure-uses.js';
import { textOf, trackedFiles } from './repository.js';

describe('rules know nothing but their arguments', () => {
  it.each([
    ['Date.now', 'const now = Date.now();'],
    ['new Date()', 'const now = new Date();'],
    ['Date()', 'const now = Date();'],
    ['Math.random', 'const id = Math.random();'],
    ['process', 'const zone = process.env.TZ;'],
    ['crypto', 'const id = crypto.randomUUID();'],
    ['fetch', "const list = await fetch('x');"],
    ['globalThis', "const now = globalThis['Date'].now();"],
    ['setTimeout', 'setTimeout(() => 1, 5);'],
  ])('%s is found where it is planted', (use, text) => {
    expect(impureUses(text)).toContain(use);
  });

  it('a time that is given, and a field of the same name, are not', () => {
    const text = 'const at = new Date(now); const x = { process: 1, crypto: at }; x.process; // Date.now()';
    expect(impureUses(text)).toEqual([]);
  });

  it('libs/domain uses none of them', () => {
    const rules = trackedFiles(/^libs\/domain\/src\/.*\.ts$/).filter((file) => !file.endsWith('.spec.ts'));
    expect(rules.length).toBeGreaterThan(10);
    expect(rules.flatMap((file) => impureUses(textOf(file)).map((use) => `${file}: ${use}`))).toEqual([]);
  });
});
