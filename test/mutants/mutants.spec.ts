import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

interface Mutant {
  readonly code: string;
  readonly file: string;
  readonly text: string;
  readonly replacement: string;
  readonly spec: string;
  readonly test?: string;
}
const ROOT = join(import.meta.dirname, '../..');
const LIST = './mutants.mjs';
const { MUTANTS } = (await import(LIST)) as { MUTANTS: readonly Mutant[] };
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** The files whose every refusal has a mutant, and codes that are made in another of them. */
const JUDGES = [
  'libs/domain/src/decide.ts',
  'libs/domain/src/grant/covered.ts',
  'libs/domain/src/agreement/activate.ts',
  'libs/domain/src/flow/route.ts',
  'libs/proof/src/envelope.ts',
  'libs/proof/src/trust.ts',
  'libs/proof/src/right.ts',
  'libs/proof/src/standing.ts',
  'libs/proof/src/token.ts',
  'libs/proof/src/seal.ts',
  'libs/proof/src/jwe.ts',
  'apps/edge-gateway/src/session/admit-session.ts',
];
const refusalsIn = (source: string): string[] =>
  [...source.matchAll(/(?:refuse\(|return |\? )'([a-z_]+)'/g)]
    .map(([, code]) => code ?? '')
    .filter((code) => code.includes('_') || code === 'malformed');

describe('the mutants', () => {
  it.each(MUTANTS.map((mutant, at) => [at, mutant] as const))(
    'number %i stands on text that is there once',
    (_, mutant) => {
      expect([mutant.text, textOf(mutant.file).split(mutant.text).length - 1]).toEqual([mutant.text, 1]);
      expect(existsSync(join(ROOT, mutant.spec))).toBe(true);
      const named = mutant.test ?? '';
      expect([named, textOf(mutant.spec).includes(named)]).toEqual([named, true]);
      expect(mutant.replacement).not.toBe(mutant.text);
    },
  );

  it.each(JUDGES)('cover every refusal of %s', (file) => {
    const made = new Set(refusalsIn(textOf(file)));
    const mutated = new Set(MUTANTS.map((mutant) => mutant.code));
    expect([...made].filter((code) => !mutated.has(code))).toEqual([]);
  });
});
