import type { Term } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { sessionOpens, type TermCase } from '../test/at-the-gateway.js';
import { TERM_CASES } from '../test/terms/index.js';
import { loginWays } from '../test/terms/login-ways.js';
import { WORDS } from '../test/terms/words.js';

/** A word that shares the case of its term is tried there. */
const shared = new Set<TermCase>(Object.values(TERM_CASES));
const words = Object.entries<TermCase>(WORDS).filter(([, one]) => !shared.has(one));

const ways = ['re-login, by a way to log in', loginWays] as const;

describe.each([...Object.entries(TERM_CASES), ...words, ways])('at the gateway, by the term %s', (_type, term) => {
  it(`permits ${term.permits}`, async () => {
    expect(await term.permitted()).toMatchObject({ allowed: true });
  });

  it(`refuses ${term.refuses} (${term.code})`, async () => {
    expect(await term.refused()).toMatchObject({ allowed: false, refusal: { code: term.code } });
  });
});

describe('a term that this gateway cannot evaluate', () => {
  it('stops the agreement here, by its name', async () => {
    expect(await sessionOpens({ terms: [{ type: 'session-recording' } as unknown as Term] })).toMatchObject({
      allowed: false,
      refusal: { code: 'term_without_evaluator', clause: 'session-recording' },
    });
  });
});
