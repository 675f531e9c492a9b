import { describe, expect, it } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalBytes, parseCanonical } from './canonical-json.js';

const text = (value: unknown) => canonicalBytes(value).toString('utf8');

describe('canonical bytes', () => {
  it('are those of the library by an author of RFC 8785, for every JSON value', () => {
    const names = fc.oneof(fc.string(), fc.constantFrom('10', '9', '__proto__', 'é', '\ud83d\ude00', 'a', ''));
    const values = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'medium' },
        fc.string({ unit: 'binary' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.maxSafeInteger(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 5 }),
        fc.dictionary(names, tie('value'), { maxKeys: 6 }),
      ),
    })).value;
    fc.assert(
      fc.property(values, (value) => {
        const parsed = JSON.parse(JSON.stringify(value)) as unknown;
        let ours: string | undefined;
        try {
          ours = text(parsed);
        } catch {
          // A whole number that JSON cannot carry exactly.
          return;
        }
        expect(ours).toBe(canonicalize(parsed));
        expect(parseCanonical(Buffer.from(ours))).toEqual({ allowed: true, value: parsed });
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['an undefined member is left out as JSON leaves it out', { a: undefined, b: 1 }, '{"b":1}'],
    ['a value that writes itself', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ['numeric names in the order of their text', { 10: 1, 9: 2, a: 3 }, '{"10":1,"9":2,"a":3}'],
  ])('%s', (_what, value, expected) => expect(text(value)).toBe(expected));

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [2 ** 60], ['\ud800'], [{ '\udfff': 1 }], [undefined], [1n]])(
    'there are none of %p',
    (value) => expect(() => canonicalBytes(value)).toThrow(),
  );
});

describe('bytes that should be canonical', () => {
  it.each([
    ['a member twice', '{"a":1,"a":1}', 'not_canonical'],
    ['members in another order', '{"b":1,"a":2}', 'not_canonical'],
    ['a space', '{"a": 1}', 'not_canonical'],
    ['another spelling of a number', '{"a":1.0}', 'not_canonical'],
    ['another spelling of a text', '{"a":"\\u0041"}', 'not_canonical'],
    ['a number that is not exact', '{"a":9007199254740993}', 'not_canonical'],
    ['half a document', '{"a":', 'not_json'],
    ['a byte order mark', '\ufeff{}', 'not_json'],
    ['nothing', '', 'not_json'],
  ])('are refused with %s', (_what, bytes, code) => {
    expect(parseCanonical(Buffer.from(bytes))).toMatchObject({ allowed: false, refusal: { code } });
  });

  it('are refused where they are no UTF-8', () => {
    expect(parseCanonical(Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({ refusal: { code: 'not_json' } });
  });
});
