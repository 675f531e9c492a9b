import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inexactJson } from './exact-json.js';

describe('JSON that two readers could read differently', () => {
  it.each([
    ['a member twice', '{"a":1,"a":1}', 'json_member_twice'],
    ['a member twice, deep inside', '[{"b":[{"a":{},"c":2,"a":3}]}]', 'json_member_twice'],
    ['a member twice, once escaped', String.raw`{"a":1,"\u0061":2}`, 'json_member_twice'],
    ['a member twice, one a quote', String.raw`{"\"":1,"\u0022":2}`, 'json_member_twice'],
    ['a whole number beyond 2^53', '{"a":9007199254740993}', 'json_number_inexact'],
    ['the same below', '[-9007199254740993]', 'json_number_inexact'],
    ['the same as a power of ten', '[1e17]', 'json_number_inexact'],
    ['a number beyond every double', '[1e400]', 'json_number_inexact'],
    ['a letter and its accent apart', '{"name":"Cafe\u0301"}', 'text_not_normalised'],
    ['the same in the name of a member', '{"Cafe\u0301":1}', 'text_not_normalised'],
    ['the same escaped', String.raw`["Cafe\u0301"]`, 'text_not_normalised'],
    ['half of a pair', String.raw`["\ud800"]`, 'text_not_normalised'],
  ])('%s', (_, text, code) => expect(inexactJson(text)).toBe(code));

  it.each([
    '{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}],"d":"a"}',
    '["a","a",{"a":"a"}]',
    '[9007199254740992]'.replace('2]', '1]'),
    '[0.1,-0,1.5e-7,12.50,1e3]',
    String.raw`{"a":"},{\"a\":1","b":"\\","c":"[,"}`,
    '{"name":"Caf\u00e9 \ud83d\ude00"}',
    ' { "a" : [ ] , "b" : { } } ',
    'true',
    '',
  ])('nothing in %s', (text) => expect(inexactJson(text)).toBeUndefined());

  it('nothing in what was written from a value that is exact', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const exact = text === text.normalize('NFC') && !/\d{16}|e[+]/.test(text) && !/\\u/.test(text);
        return !exact || inexactJson(text) === undefined;
      }),
    );
  });
});
