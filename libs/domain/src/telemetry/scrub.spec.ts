import { describe, expect, it } from '@jest/globals';
import { compileScrub, type ScrubRule } from './scrub.js';

const scrubber = (...rules: ScrubRule[]) => {
  const compiled = compileScrub(rules);
  if (!compiled.allowed) throw new Error(compiled.refusal.code);
  return compiled.value;
};
const identifier = (text: string): ScrubRule => ({ kind: 'identifier', text });

describe('scrubbing', () => {
  it.each([
    ['an identifier inside a text', 'by operator-17 at 6', 'by *** at 6'],
    ['another case', 'OPERATOR-17', '***'],
    ['every occurrence', 'operator-17,Operator-17', '***,***'],
    ['the longer of two that overlap', 'operator-171', '***'],
    ['a Windows account, part by part', 'LINE3\\operator-17', '***\\***'],
    ['a path', 'C:\\Users\\operator-17\\part.min', 'C:\\Users\\***\\part.min'],
    ['an address', 'ask service.desk@delta-foods.example now', 'ask *** now'],
    [
      'a named field whoever it names',
      'Name = Windows 10;User Name = somebody new;User Permissions = x',
      'Name = Windows 10;User Name = ***;User Permissions = x',
    ],
    ['a named field at the end', 'user name=x', 'user name= ***'],
    ['nothing of a harmless text', 'M08 G96', 'M08 G96'],
  ])('removes %s', (_what, text, expected) => {
    const scrub = scrubber(
      identifier('operator-17'),
      identifier('operator-171'),
      identifier('LINE3'),
      { kind: 'named-field', name: 'User Name' },
      { kind: 'email' },
    );
    expect(scrub(text)).toBe(expected);
  });

  it.each([
    ['an invisible character inside', 'oper\u200bator-17'],
    ['full-width letters', 'ｏｐｅｒａｔｏｒ-17'],
    ['an accent', 'operatör-17'],
    ['blanks of another kind', 'shift\u00a0\u00a0lead'],
  ])('keeps the whole value at home for %s', (_what, text) => {
    expect(scrubber(identifier('operator-17'), identifier('shift lead'))(text)).toBeUndefined();
  });

  it('does not build an identifier out of what it removes', () => {
    expect(scrubber(identifier('abc'), identifier('x***y'))('xabcy')).toBeUndefined();
  });

  it.each([
    ['an empty identifier', identifier('')],
    ['one of invisible characters only', identifier('\u200b\u200b\u200b')],
    ['two letters', identifier('ab')],
    ['five digits, which are in every measurement', identifier('12345')],
    ['a field without a name', { kind: 'named-field', name: ' ' } as const],
  ])('refuses %s', (_what, rule) => {
    expect(compileScrub([rule])).toMatchObject({ allowed: false, refusal: { code: 'scrub_rule_too_short' } });
  });

  it('accepts the shortest, refuses the longest and too many', () => {
    expect(compileScrub([identifier('abc'), identifier('123456')]).allowed).toBe(true);
    expect(compileScrub([identifier('x'.repeat(201))])).toMatchObject({ refusal: { code: 'scrub_rule_too_long' } });
    expect(compileScrub(Array.from({ length: 1_001 }, () => identifier('abc')))).toMatchObject({
      refusal: { code: 'too_many_scrub_rules' },
    });
  });

  it('reads identifiers as text, not as patterns', () => {
    expect(scrubber(identifier('a.*c'))('abbc a.*c')).toBe('abbc ***');
  });
});
