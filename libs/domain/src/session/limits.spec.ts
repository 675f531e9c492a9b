import { describe, expect, it } from '@jest/globals';
import { agreementOf, grantOf, NOW, press7 } from '../../test/a-right.js';
import { withTerms } from '../../test/papers.js';
import type { Term } from '../documents/agreement.js';
import { compareVersions } from '../term/order.js';
import { termWords } from '../term/term-table.js';
import { endOf } from './ends.js';
import { loginAsked, loginEnd, loginTooWeak, skewMilliseconds, tooManySessions } from './limits.js';

const two: Term = { type: 'sessions', kind: 'remote-service', most: 2 };
const hour: Term = { type: 're-login', seconds: 3_600 };
const skew = (seconds: number): Term => ({ type: 'clock-skew', seconds });

describe('sessions of one grant', () => {
  it('are at most as many as was agreed for their kind', () => {
    const agreement = withTerms(two);
    expect([0, 1, 2, 3].map((open) => tooManySessions(agreement, 'remote-service', open))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(tooManySessions(agreement, 'machine-to-machine', 9)).toBe(false);
    expect(tooManySessions(agreementOf(), 'remote-service', 999)).toBe(false);
  });
});

describe('a login', () => {
  it('counts as long as was agreed, and a certificate has none', () => {
    expect(loginEnd(withTerms(hour), NOW)).toBe(NOW + 3_600_000);
    expect(loginEnd(withTerms(hour), null)).toBeUndefined();
    expect(loginEnd(agreementOf(), NOW)).toBeUndefined();
  });

  it('is in one of the ways that were agreed, where some were, and a certificate is none', () => {
    const agreement = withTerms({ type: 're-login', seconds: 60, acr: ['passkey', 'card'] });
    expect(['passkey', 'card', 'pwd', 'PASSKEY', ''].map((acr) => loginTooWeak(agreement, acr))).toEqual([
      ...[false, false],
      ...[true, true, true],
    ]);
    expect(loginTooWeak(agreement, null)).toBe(false);
    for (const any of [withTerms(hour), agreementOf()]) expect(loginTooWeak(any, 'pwd')).toBe(false);
    expect(loginAsked(agreement)).toEqual({ maxAge: 60, acr: ['passkey', 'card'] });
    expect([loginAsked(withTerms(hour)), loginAsked(agreementOf())]).toEqual([{ maxAge: 3_600, acr: [] }, undefined]);
  });

  it('ends a session, where nothing else ends it earlier', () => {
    const use = { agreement: agreementOf(), grant: grantOf(), resource: press7, windowEnd: 500, agreementEnd: 900 };
    const leases = [{ anchor: 1e9, newest: 0 }];
    expect(endOf({ ...use, loginEnd: 499 }, leases)).toEqual({ at: 499, code: 'login_over' });
    expect(endOf({ ...use, loginEnd: 501 }, leases)).toEqual({ at: 500, code: 'window_over' });
    expect(endOf(use, leases)).toEqual({ at: 500, code: 'window_over' });
  });
});

describe('the clock of the other side', () => {
  it('runs ahead by a minute at most, and by less where that was agreed', () => {
    expect(skewMilliseconds(agreementOf())).toBe(60_000);
    expect(skewMilliseconds(withTerms(skew(10)))).toBe(10_000);
    expect(skewMilliseconds(withTerms(skew(0)))).toBe(0);
    expect(skewMilliseconds(withTerms(skew(3_600)))).toBe(60_000);
  });
});

describe.each([
  [two, { ...two, most: 1 } as Term, 'at most 2 remote-service sessions of one grant at a time, at each gateway'],
  [hour, { ...hour, seconds: 60 } as Term, 'a login counts for 1 h; then the sessions of that login end'],
  [skew(10), skew(1), 'the clock of the other side may run ahead by 10 s'],
])('the term $type', (term, lower, words) => {
  it('is lowered, or written, by one side alone', () => {
    const effects = (before: readonly Term[], after: readonly Term[]) =>
      compareVersions(withTerms(...before), withTerms(...after)).map(({ effect }) => effect);
    expect(effects([term], [lower])).toEqual(['narrower']);
    expect(effects([lower], [term])).toEqual(['wider']);
    expect(effects([], [term])).toEqual(['narrower']);
    expect(effects([term], [])).toEqual(['wider']);
  });

  it('is said in plain words', () => expect(termWords(term)).toBe(words));
});
