import { dataTerm, type Term } from '@interlock/domain';
import { anAgreement, aPartnership, NOW } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { id, press7 } from '../test/at-the-gateway.js';
import { flowWhenNarrowed, sessionWhenNarrowed } from '../test/narrowed.js';

const { terms } = anAgreement(await aPartnership(NOW));
const less = (type: Term['type'], over: object) =>
  terms.filter((term) => term.type === type).map((term) => ({ ...term, ...over }) as Term);
const keys = (anew: Awaited<ReturnType<typeof flowWhenNarrowed>>['anew']) =>
  anew.allowed ? dataTerm(anew.value.reading, id('press-telemetry'), press7)?.keys : anew.refusal.code;

describe('a live session, when one side narrows the agreement', () => {
  it.each<[string, Parameters<typeof sessionWhenNarrowed>[0], object]>([
    ['ends where its machine was struck', { strike: { resources: [press7] } }, { refusal: { code: 'narrowed' } }],
    [
      'ends where its clause was struck',
      { strike: { clauses: ['remote-service'] } },
      { refusal: { code: 'narrowed' } },
    ],
    [
      'ends where its window is longer than what is left',
      { instead: { terms: less('remote-service', { longestWindowSeconds: 1 }) } },
      { refusal: { code: 'narrowed', clause: 'remote-service' } },
    ],
    [
      'goes on where something else was struck',
      { strike: { clauses: [] }, instead: { terms: less('data-collection', { keys: [] }) } },
      { allowed: true },
    ],
  ])('%s', async (_what, parts, outcome) => {
    expect(await sessionWhenNarrowed(parts)).toMatchObject(outcome);
  });
});

describe('a live flow, when one side narrows the agreement', () => {
  it('ends, and may begin anew by what is left', async () => {
    const left = less('data-collection', {}).flatMap((term) => ('keys' in term ? [{ ...term, keys: [] }] : []));
    const { before, after, anew, goesOn } = await flowWhenNarrowed({ instead: { terms: left } });
    expect([before, after]).toMatchObject([{ allowed: true }, { refusal: { code: 'narrowed' } }]);
    expect([keys(anew), goesOn]).toEqual([left[0]?.keys, true]);
  });

  it('ends for good where its machine was struck, and is untouched by what is not its own', async () => {
    const struck = await flowWhenNarrowed({ strike: { resources: [press7] } });
    expect([struck.after, struck.anew]).toMatchObject([
      { refusal: { code: 'narrowed' } },
      { refusal: { code: 'narrowed' } },
    ]);
    const other = await flowWhenNarrowed({ strike: { clauses: ['remote-service'] } });
    expect([other.after, other.goesOn]).toMatchObject([{ allowed: true }, true]);
  });
});
