import { describe, expect, it } from '@jest/globals';
import type { LocalId, OrganisationId } from '../names.js';
import { checkEmbargo, type EmbargoQuestion, type EmbargoSnapshot } from './check.js';

const NOW = Date.UTC(2026, 5, 1);
const eu = 'eu' as LocalId;
const partner = 'delta-foods.example' as OrganisationId;
const snapshot: EmbargoSnapshot = {
  issuers: [eu],
  takenAt: NOW - 1,
  jurisdictions: { known: ['DE', 'NL', 'XX'], blocked: ['XX'] },
  organisations: ['listed.example' as OrganisationId],
};
const question: EmbargoQuestion = { organisations: [partner], jurisdictions: ['NL', 'DE'] };
const ask = (over: Partial<EmbargoQuestion>) => checkEmbargo(snapshot, [eu], { ...question, ...over }, NOW);

describe('an embargo check', () => {
  it('is clear where nobody and no place is listed', () => expect(ask({})).toBe('clear'));

  it.each([
    ['a listed organisation', { organisations: [partner, 'listed.example' as OrganisationId] }],
    ['a listed jurisdiction', { jurisdictions: ['DE', 'XX'] }],
    ['a jurisdiction the lists do not know', { jurisdictions: ['DE', 'QQ'] }],
  ])('blocks %s', (_what, over) => expect(ask(over)).toBe('blocked'));

  it.each([
    ['without a snapshot', undefined, [eu]],
    ['without the lists the agreement asks for', snapshot, [eu, 'us' as LocalId]],
    ['with a snapshot from the future', { ...snapshot, takenAt: NOW + 1 }, [eu]],
  ])('has no answer %s', (_what, held, issuers) => {
    expect(checkEmbargo(held, issuers, question, NOW)).toBeUndefined();
  });
});
