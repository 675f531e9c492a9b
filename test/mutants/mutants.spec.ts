import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REFUSALS } from '@interlock/contracts';
import { TERMS, type TermType } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { TERM_CASES } from '../../apps/edge-gateway/test/terms/index.js';

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
/** Codes without a mutant: what stands behind each cannot be taken out by one edit, or its own test is still owed. The list only gets shorter. */
const WITHOUT: Readonly<Record<string, string>> = {
  wrong_passphrase: 'the key does not open: there is no check that could be left out',
  broker_unavailable: 'said where nobody answers: there is no check that could be left out',
  gateway_not_connected: 'without it nothing could be told to anybody: there is no check that could be left out',
  embargo_snapshot_missing: 'the file is not there: there is no check that could be left out',
  embargo_authorisation_unknown: 'the file is not there: there is no check that could be left out',
  format_unknown: 'no reader takes the format: there is no check that could be left out',
  no_flow: 'nothing could seal it: there is no check that could be left out',
};
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

  it('are there for every refusal code, but for those with a reason', () => {
    const mutated = new Set(MUTANTS.map(({ code }) => code));
    expect(
      Object.keys(REFUSALS)
        .filter((code) => !mutated.has(code))
        .sort(),
    ).toEqual(Object.keys(WITHOUT).sort());
  });

  it.each(Object.entries(TERMS))(
    'are there for the evaluator of the term %s, by the code it refuses with',
    (type, term) => {
      const file = `libs/domain/src/${term.evaluator}.ts`;
      const codes = MUTANTS.filter((mutant) => mutant.file === file).map(({ code }) => code);
      const shown = TERM_CASES[type as TermType].code;
      expect([codes.length > 0, MUTANTS.some(({ code }) => code === shown)]).toEqual([true, true]);
    },
  );

  it.each(JUDGES)('cover every refusal of %s', (file) => {
    const made = new Set(refusalsIn(textOf(file)));
    const mutated = new Set(MUTANTS.map((mutant) => mutant.code));
    expect([...made].filter((code) => !mutated.has(code))).toEqual([]);
  });
});
