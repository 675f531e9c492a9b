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
  policy,
  provenance,
  question,
  territories,
  US,
  withLists,
} from '../../test/embargo-lists.js';
import type { OrganisationId } from '../names.js';
import { checkEmbargo } from './check.js';
import type { EmbargoList } from './lists.js';
import { prepareLists } from './prepare-lists.js';
import type { EmbargoQuestion, Owner } from './question.js';
import type { EmbargoRecords } from './records.js';

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

describe('an embargo check', () => {
  it('is clear where nobody, no place and no item is listed, and says until when', () => {
    expect(ask()).toMatchObject({ outcome: 'clear', hits: [], missing: [], issuers: [US], asOf: NOW });
    // The list of parties grows too old first.
    expect(ask().until).toBe(NOW + 6 * DAY);
  });

  it.each([
    ['a listed party, in whatever spelling', named('NORTHERN-HARVEST machinery, Limited'), 'blocked'],
    [
      'its identifier under another name',
      { parties: [party({ identifiers: [{ scheme: 'Registration', value: '1234567' }] })] },
      'blocked',
    ],
    ['a name one letter off', named('Northern Harvest Machinry'), 'review'],
    ['a name of the same rare words', named('Northern Harvest Machinery Asia Holding'), 'review'],
    ['an embargoed country', at({ country: 'CU' }), 'blocked'],
    ['its name instead of its code', at({ country: 'Cuba' }), 'blocked'],
    ['an occupied region', at({ country: 'UA', subdivision: 'UA-43' }), 'blocked'],
    [
      'its name in an address elsewhere',
      at({ country: 'UA', subdivision: 'UA-30', text: 'Simferopol, Crimea' }),
      'blocked',
    ],
    ['its postal code', at({ country: 'UA', subdivision: 'UA-30', text: 'Kirova 52, 95000' }), 'blocked'],
    ['a region that is partly occupied', at({ country: 'UA', subdivision: 'UA-14' }), 'review'],
    ['a place about which two sources disagree', at({ claimed: ['AT'] }), 'review'],
    ['a rule about this act', { ...at({ country: 'RU' }), act: 'update' as const }, 'licence_required'],
    ['a free part of a partly embargoed country', at({ country: 'UA', subdivision: 'UA-46' }), 'clear'],
    ['a rule about another act', { ...at({ country: 'RU' }), items: question().items }, 'clear'],
  ])('about %s', (_what, over, outcome) => expect(ask(over).outcome).toBe(outcome));

  it.each([
    ['without a country', at({ country: null })],
    ['with a reserved code', at({ country: 'UK' })],
    ['with a code of users', at({ country: 'XK' })],
    ['with a withdrawn code', at({ country: 'SU' })],
    ['with "undetermined"', at({ country: 'undetermined' })],
    ['without the subdivision of a partly embargoed country', at({ country: 'UA' })],
    ['with a subdivision there that no rule knows', at({ country: 'UA', subdivision: 'UA-99' })],
    ['with a subdivision of another country', at({ subdivision: 'UA-30' })],
    ['without a party', { parties: [] }],
    ['without a place', { places: [] }],
    ['without an item', { items: [] }],
    ['with owners nobody recorded', { parties: [party({ owners: null })] }],
    ['with a name in letters nothing here compares', named('デルタ食品')],
    [
      'with an unclassified machine',
      { items: [{ ...question().items[0]!, classification: null }], ...at({ country: 'RU' }) },
    ],
    ['with an end use nobody recorded', { items: [{ ...question().items[0]!, endUse: null }] }],
  ])('cannot decide %s', (_what, over) => {
    const decision = ask(over as Partial<EmbargoQuestion>);
    expect(decision.outcome).toBe('cannot_decide');
    expect(decision.missing).not.toEqual([]);
  });

  const old = provenance({ issuedAt: NOW - 8 * DAY, fetchedAt: NOW });
  it.each<[string, readonly EmbargoList[]]>([
    ['nothing at all', []],
    ['no list of parties', ALL.filter(({ kind }) => kind !== 'parties')],
    ['no territories', ALL.filter(({ kind }) => kind !== 'territories')],
    ['no countries', ALL.filter(({ kind }) => kind !== 'countries')],
    ['no policy', ALL.filter(({ kind }) => kind !== 'policy')],
    ['two policies', [...ALL, policy]],
    ['an old edition that was fetched today', withLists(parties([entry()], { provenance: old }))],
    [
      'an edition from the future',
      withLists(parties([entry()], { provenance: provenance({ fetchedAt: NOW + 3_600_000 }) })),
    ],
    ['a policy that allows no age', withLists({ ...policy, maxAgeSeconds: { parties: 1e6 } })],
    ['lists of another issuer only', withLists(parties([entry()], { issuer: 'eu_council' }))],
  ])('cannot decide with %s', (_what, lists) => {
    expect(ask({}, { lists: prepareLists(held(lists)) }).outcome).toBe('cannot_decide');
  });

  it('cannot decide by nobody: no issuer applies', () => {
    expect(ask({}, { issuers: [] }).outcome).toBe('cannot_decide');
  });

  it('asks every issuer that the policy records for a party, and keeps the strictest', () => {
    const issuerSets = [{ organisation: BUYER, issuers: ['uk_fcdo'], because: 'established there' }];
    const uk: EmbargoList[] = [
      parties([entry({ names: [{ text: 'Delta Foods', weak: false }] })], { issuer: 'uk_fcdo' }),
      { ...territories, issuer: 'uk_fcdo' },
    ];
    const lists = prepareLists(held([...withLists({ ...policy, issuerSets }), ...uk]));
    expect(ask({}, { lists })).toMatchObject({ outcome: 'blocked', issuers: ['uk_fcdo', US] });
    expect(ask({ parties: [party({ organisation: 'other.example' as OrganisationId })] }, { lists }).outcome).toBe(
      'clear',
    );
  });

  it('knows a rule that begins or ends by its date, with no list changing', () => {
    expect(ask(at({ country: 'SY' }), { now: NOW + 5 * DAY }).outcome).toBe('licence_required');
    const fresh = using({ ...policy, maxAgeSeconds: { ...policy.maxAgeSeconds, parties: 1e9 } });
    expect(ask(at({ country: 'SY' }), fresh).until).toBe(NOW + 10 * DAY);
    expect(ask(at({ country: 'SY' }), { ...fresh, now: NOW + 10 * DAY }).outcome).toBe('clear');
  });
});

describe('listed is not blocked', () => {
  it.each([
    ['TRAVEL', 'clear'],
    ['TECH', 'licence_required'],
    ['SERVICES', 'blocked'],
    ['ARMS', 'clear'],
    ['NOTHING', 'cannot_decide'],
    ['ODD', 'cannot_decide'],
    ['OVER', 'review'],
    ['NEVER-HEARD-OF', 'cannot_decide'],
  ])('under %s a session is %s', (code, outcome) => {
    expect(ask(listed, using(parties([entry({ programmes: [code] })]))).outcome).toBe(outcome);
  });

  it('without a programme nobody can tell', () => {
    expect(ask(listed, using(parties([entry({ programmes: [] })]))).outcome).toBe('cannot_decide');
  });

  it('an entry that ran out by its own date is over, and counts until then', () => {
    const until = using(parties([entry({ validTo: NOW + DAY })]));
    expect(ask(listed, until).outcome).toBe('blocked');
    expect(ask(listed, { ...until, now: NOW + DAY }).outcome).toBe('clear');
  });

  it('a weak alias is for a human', () => {
    const weak = using(parties([entry({ names: [{ text: 'Northern Harvest Machinery', weak: true }] })]));
    expect(ask(listed, weak).outcome).toBe('review');
  });
});

describe('who owns a party', () => {
  const owner = (over: Partial<Owner>): Owner => ({
    name: 'Northern Harvest Machinery',
    identifiers: [],
    share: 50,
    control: false,
    owners: null,
    ...over,
  });
  const owned = (...owners: Owner[]) => ({ parties: [party({ owners })] });
  const other = (name: string, share: number, owners: Owner[] | null = null) => owner({ name, share, owners });

  it.each([
    ['half', owned(owner({})), 'blocked'],
    ['less than half', owned(owner({ share: 49.9 })), 'clear'],
    ['twice a quarter, counted together', owned(owner({ share: 25 }), owner({ share: 25 })), 'blocked'],
    ['a share nobody knows', owned(owner({ share: null })), 'cannot_decide'],
    ['through a holding', owned(other('Quiet Holding', 60, [owner({ share: 70 })])), 'blocked'],
    ['through a holding that is not owned so far', owned(other('Quiet Holding', 60, [owner({ share: 30 })])), 'clear'],
    ['control alone', owned(owner({ share: 0, control: true })), 'clear'],
  ])('by the listed: %s', (_what, over, outcome) => expect(ask(over).outcome).toBe(outcome));

  it('counts as the issuer counts: more than half, and control', () => {
    const rule = { ...policy.ownership[0]!, comparison: 'more-than' as const, control: true };
    const uk = using({ ...policy, ownership: [rule] });
    expect(ask(owned(owner({})), uk).outcome).toBe('clear');
    expect(ask(owned(owner({ share: 0, control: true })), uk).outcome).toBe('blocked');
  });

  it('a rule that is suspended counts again from its day on', () => {
    const rule = { ...policy.ownership[0]!, validFrom: NOW + DAY };
    const affiliates = using({ ...policy, ownership: [rule] });
    expect(ask(owned(owner({})), affiliates).outcome).toBe('clear');
    expect(ask(owned(owner({})), { ...affiliates, now: NOW + DAY }).outcome).toBe('blocked');
  });
});

describe('items', () => {
  const item = { ...question().items[0]!, classification: ['ECCN:2B001.a'] };
  it('need a licence by classification and place of use', () => {
    expect(ask({ items: [item], ...at({ country: 'RU' }) }).outcome).toBe('licence_required');
    expect(ask({ items: [item] }).outcome).toBe('clear');
  });
  it('are blocked for a military end use', () => {
    expect(ask({ items: [{ ...question().items[0]!, endUse: 'military' as const }] }).outcome).toBe('blocked');
  });
});
