import { describe, expect, it } from '@jest/globals';
import type { OrganisationId } from '../names.js';
import { heardBy, loggedReason, reasonFor } from './reason-for.js';

const [VENDOR, BUYER, THIRD] = ['vendor.example', 'buyer.example', 'third.example'] as OrganisationId[] as [
  OrganisationId,
  OrganisationId,
  OrganisationId,
];
const blocked = { code: 'embargo_blocked' as const, clause: `embargo ${VENDOR}` };

describe('the reason an asker hears', () => {
  it.each([
    ['the company whose verdict it is', VENDOR, 'embargo_blocked'],
    ['the other company', BUYER, 'other_side_denied'],
    ['a third one', THIRD, 'other_side_denied'],
  ] as const)('is for %s', (_who, asker, code) => {
    expect(reasonFor(asker, blocked)).toEqual({ code, belongsTo: VENDOR });
    expect(heardBy(asker, blocked)).toEqual(asker === VENDOR ? blocked : { code });
  });

  it.each(['embargo_blocked', 'embargo_unknown', 'decision_point_denied', 'decision_point_unknown'])(
    'is told to nobody where %s does not say whose it is',
    (code) => {
      expect(heardBy(VENDOR, { code })).toEqual({ code: 'other_side_denied' });
      expect(loggedReason({ code })).toEqual({ code: 'other_side_denied' });
    },
  );

  it('is the code itself where no company judged for itself', () => {
    const late = { code: 'outside_window', clause: 'window' };
    expect(reasonFor(BUYER, late)).toEqual({ code: 'outside_window', belongsTo: BUYER });
    expect(heardBy(BUYER, late)).toBe(late);
    expect(loggedReason(late)).toEqual(late);
  });
});

describe('the reason that both companies read in their log', () => {
  it('names no inner judgement of either, and explains it to its company alone', () => {
    const { belongsTo, explanation, ...open } = loggedReason(blocked);
    expect(open).toEqual({ code: 'other_side_denied' });
    expect([belongsTo, explanation]).toEqual([VENDOR, `embargo_blocked embargo ${VENDOR}`]);
  });
});
