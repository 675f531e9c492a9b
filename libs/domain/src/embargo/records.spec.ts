import { describe, expect, it } from '@jest/globals';
import {
  ALL,
  BUYER,
  DAY,
  entry,
  held,
  NOW,
  parties,
  party,
  place,
  question,
  US,
  withLists,
} from '../../test/embargo-lists.js';
import type { OrganisationId } from '../names.js';
import { checkEmbargo } from './check.js';
import type { EmbargoList } from './lists.js';
import { partnerAnswer } from './outcome.js';
import { prepareLists } from './prepare-lists.js';
import type { EmbargoQuestion } from './question.js';
import { recheck, replay } from './recheck.js';
import type { Authorisation, EmbargoRecords, Ruling } from './records.js';

const none: EmbargoRecords = { rulings: [], authorisations: [] };
const all = prepareLists(held(ALL));
const ask = (
  over: Partial<EmbargoQuestion> = {},
  { lists = all, records = none, now = NOW, issuers = [US] as readonly string[] } = {},
) => checkEmbargo(lists, issuers, question(over), records, now);
const using = (...lists: readonly EmbargoList[]) => ({ lists: prepareLists(held(withLists(...lists))) });
const named = (name: string) => ({ parties: [party({ name })] });
const listed = named('Northern Harvest Machinery');
const at = (over: object) => ({ places: [place(over)] });

describe('a human', () => {
  const near = named('Northern Harvest Machinry');
  const subject = ask(near).hits[0]?.entry;
  const ruling = (over: Partial<Ruling> = {}): EmbargoRecords => {
    const { score: _score, ...about } = subject!;
    const one = { subject: about, says: 'not-a-match' as const, by: 'compliance', reason: 'other branch', at: NOW };
    return { ...none, rulings: [{ ...one, ...over }] };
  };

  it('rules that it is not the party, or is', () => {
    expect(ask(near, { records: ruling() }).outcome).toBe('clear');
    expect(ask(near, { records: ruling({ says: 'match' }) }).outcome).toBe('blocked');
  });
  it('rules about one version of one entry: another version asks again', () => {
    expect(ask(near, { ...using(parties([entry({ version: 'v2' })])), records: ruling() }).outcome).toBe('review');
  });
  it('rules about one name of one party, and not before it was done', () => {
    expect(ask(named('Northern Harvest Machinary'), { records: ruling() }).outcome).toBe('review');
    expect(ask(near, { records: ruling({ at: NOW + 1 }) }).outcome).toBe('review');
    const stranger = { ...subject!, organisation: 'other.example' as OrganisationId };
    expect(ask(near, { records: ruling({ subject: stranger }) }).outcome).toBe('review');
  });
  it('decides what it means that an entry left the list', () => {
    const gone = using(
      parties([entry({ id: '1', names: [{ text: 'Somebody', weak: false }] })], { delisted: [entry()] }),
    );
    const left = ask(listed, gone);
    expect(left.outcome).toBe('review');
    const { score: _score, ...about } = left.hits[0]!.entry!;
    expect(ask(listed, { ...gone, records: ruling({ subject: about }) }).outcome).toBe('clear');
  });
});

describe('an authorisation', () => {
  const licence = (over: Partial<Authorisation['scope']> = {}, more: Partial<Authorisation> = {}): EmbargoRecords => ({
    ...none,
    authorisations: [
      {
        recordedAt: NOW - DAY,
        revokedAt: null,
        authorisation: {
          number: 'SYR-7',
          authority: 'the licensing office',
          issuer: US,
          kind: 'licence',
          scope: {
            rules: ['syria'],
            parties: [BUYER],
            acts: ['session'],
            places: ['SY'],
            items: [`${BUYER}/press-7`],
            contractsBefore: null,
            ...over,
          },
          validity: { validFrom: null, validTo: NOW + 2 * DAY },
          conditions: ['no spare parts'],
          reporting: [{ what: 'notify the first use', withinDays: 30 }],
          ...more,
        },
      },
    ],
  });
  const syria = at({ country: 'SY' });
  const under = (records: EmbargoRecords, now = NOW, over: Partial<EmbargoQuestion> = syria) =>
    ask(over, { records, now });

  it('permits what it names, with its duties, until it ends', () => {
    expect(under(licence())).toMatchObject({
      outcome: 'permitted_under',
      until: NOW + 2 * DAY,
      obligations: [
        { what: 'no spare parts', withinDays: null },
        { what: 'notify the first use', withinDays: 30 },
      ],
    });
    expect(under(licence(), NOW + 2 * DAY).outcome).toBe('licence_required');
  });

  it.each([
    ['another rule', licence({ rules: ['cuba'] })],
    ['another party', licence({ parties: ['other.example' as OrganisationId] })],
    ['another act', licence({ acts: ['forward'] })],
    ['another place', licence({ places: ['CU'] })],
    ['another machine', licence({ items: [`${BUYER}/press-8`] })],
    ['contracts of before', licence({ contractsBefore: NOW - 200 * DAY })],
    ['another issuer', licence({}, { issuer: 'eu_council' })],
    ['another time', licence({}, { validity: { validFrom: NOW + DAY, validTo: null } })],
  ])('for %s permits nothing', (_what, records) => expect(under(records).outcome).toBe('licence_required'));

  it('that was revoked permits nothing from that moment', () => {
    const [one] = licence().authorisations;
    const records = { ...none, authorisations: [{ ...one!, revokedAt: NOW }] };
    expect(under(records, NOW - 1).outcome).toBe('permitted_under');
    expect(under(records).outcome).toBe('licence_required');
  });

  it('makes nobody known and rules on nothing', () => {
    const wide = licence({
      rules: ['place', 'subdivision', 'name', 'entry:17', 'ownership'],
      places: null,
      parties: null,
    });
    expect(under(wide, NOW, at({ country: null })).outcome).toBe('cannot_decide');
    expect(under(wide, NOW, named('Northern Harvest Machinry')).outcome).toBe('review');
  });

  it('winds down what was agreed before a date', () => {
    expect(under(licence({ contractsBefore: NOW })).outcome).toBe('permitted_under');
  });
});

describe('after a change', () => {
  it('everything that stands is asked about again, and a decision can be made again from what is kept', () => {
    const right = (id: string, name: string) => ({ id, issuers: [US], question: question(named(name)) });
    const standing = [right('a', 'Delta Foods'), right('b', 'Newly Wicked Works')];
    const before = [...recheck(standing, all, none, NOW)];
    expect(before.map(({ decision }) => decision.outcome)).toEqual(['clear', 'clear']);
    const more = parties([entry(), entry({ id: '18', names: [{ text: 'NEWLY WICKED WORKS', weak: false }] })]);
    const after = [...recheck(standing, prepareLists(held(withLists(more))), none, NOW + 1)];
    expect(after.map(({ decision }) => decision.outcome)).toEqual(['clear', 'blocked']);
    expect(after.map(({ decision }) => partnerAnswer(decision))).toEqual(['clear', 'blocked']);
    for (const { right: one, decision } of before) expect(replay({ ...one, decision }, all, none)).toEqual(decision);
  });

  it('tells the partner one word and no reason', () => {
    const words = [ask(), ask(listed), ask(at({ country: null })), ask(named('Northern Harvest Machinry'))];
    expect(words.map(partnerAnswer)).toEqual(['clear', 'blocked', 'blocked', 'blocked']);
  });
});
