import { describe, expect, it } from '@jest/globals';
import { BUYER, HOUR, houseOf, MINUTE, NOW, remoteService } from '../../test/a-right.js';
import { goes, use, withTerms } from '../../test/papers.js';
import { type HoursTerm, WEEKDAYS } from '../documents/agreement.js';
import { compareVersions } from '../term/order.js';
import { termWords } from '../term/term-table.js';
import { activate } from './activate.js';
import { openFrom } from './hours.js';

const SPRING = Date.UTC(2026, 2, 29, 1);
const AUTUMN = Date.UTC(2026, 9, 25, 1);
const BERLIN = [
  { from: Date.UTC(2025, 9, 26, 1), minutes: 60 },
  { from: SPRING, minutes: 120 },
  { from: AUTUMN, minutes: 60 },
];
const hours = (open: HoursTerm['open'], over: Partial<HoursTerm> = {}): HoursTerm => ({
  type: 'hours',
  kind: 'remote-service',
  zone: 'Europe/Berlin',
  tzdata: '2026a',
  offsets: BERLIN,
  open,
  ...over,
});
const daily = (from: string, to: string) => WEEKDAYS.map((day) => ({ day, from, to }));
// NOW is Monday, 1 June 2026, 14:00 at the plant.
const monday = (from: string, to: string) => hours([{ day: 'mon', from, to }]);
const endsAt = (term: HoursTerm, at: number) => openFrom(term, at)?.to;

describe('the agreed hours of a plant', () => {
  it('open and close on the minute, by its own clock', () => {
    const term = monday('14:00', '15:00');
    expect(endsAt(term, NOW - 1)).toBeUndefined();
    expect(endsAt(term, NOW)).toBe(NOW + HOUR);
    expect(endsAt(term, NOW + HOUR - 1)).toBe(NOW + HOUR);
    expect(endsAt(term, NOW + HOUR)).toBeUndefined();
    expect(endsAt(hours([{ day: 'tue', from: '14:00', to: '15:00' }]), NOW)).toBeUndefined();
    expect(endsAt(hours([]), NOW)).toBeUndefined();
  });

  it('go on over midnight where the next day begins with them, and for a week at most', () => {
    const night = hours([
      { day: 'mon', from: '14:00', to: '24:00' },
      { day: 'tue', from: '00:00', to: '06:00' },
    ]);
    expect(endsAt(night, NOW)).toBe(NOW + 16 * HOUR);
    const always = openFrom(hours(daily('00:00', '24:00')), NOW);
    expect(always!.to - NOW).toBeGreaterThan(7 * 24 * HOUR);
  });

  it('follow the clock of the plant when it is changed', () => {
    const early = hours([{ day: 'sun', from: '01:30', to: '04:00' }]);
    const halfPastOne = SPRING - HOUR / 2;
    expect(endsAt(early, halfPastOne)).toBe(SPRING + HOUR);
    const twice = hours([{ day: 'sun', from: '02:00', to: '03:00' }]);
    expect(endsAt(twice, AUTUMN - HOUR)).toBe(AUTUMN + HOUR);
    expect(endsAt(twice, AUTUMN + HOUR)).toBeUndefined();
  });

  it('are closed where nobody signed an offset', () =>
    expect(endsAt(hours(daily('00:00', '24:00'), { offsets: [{ from: NOW + 1, minutes: 0 }] }), NOW)).toBeUndefined());
});

describe('access under agreed hours', () => {
  const wide = { windows: [{ from: NOW - HOUR, to: NOW + 8 * HOUR }] };

  it('ends with them, however long the window is', () => {
    expect(use([monday('13:00', '15:30')], { grant: wide })).toEqual({
      allowed: true,
      value: { window: { from: NOW - HOUR, to: NOW + 90 * MINUTE }, freshUntil: Infinity },
    });
    expect(use([monday('13:00', '24:00')], { grant: wide })).toMatchObject({
      value: { window: { to: NOW + 8 * HOUR } },
    });
    expect(use([monday('13:00', '14:00')], { grant: wide })).toEqual({
      allowed: false,
      refusal: { code: 'outside_hours', clause: 'hours remote-service' },
    });
  });

  it('is not bound by the hours of another kind', () =>
    expect(use([{ ...monday('13:00', '14:00'), kind: 'machine-to-machine' }], { grant: wide })).toMatchObject(goes));
});

describe('a term on hours', () => {
  it.each<[string, Partial<HoursTerm>]>([
    ['no offset', { offsets: [] }],
    ['no offset for its beginning', { offsets: [{ from: NOW, minutes: 0 }] }],
    ['offsets out of order', { offsets: [...BERLIN].reverse() }],
    ['one offset twice', { offsets: [BERLIN[0]!, BERLIN[0]!] }],
    ['hours that end before they begin', { open: [{ day: 'mon', from: '22:00', to: '06:00' }] }],
    ['hours of no length', { open: [{ day: 'mon', from: '06:00', to: '06:00' }] }],
  ])('agreement_incoherent: %s', (_, over) => {
    expect(activate(withTerms({ ...monday('06:00', '22:00'), ...over }), NOW)).toMatchObject({
      refusal: { code: 'agreement_incoherent', clause: 'hours' },
    });
  });

  it('is made shorter by one side alone', () => {
    const effects = (after: readonly HoursTerm[], before: readonly HoursTerm[] = [monday('06:00', '22:00')]) =>
      compareVersions(withTerms(...before), withTerms(...after)).map(({ effect }) => effect);
    expect(effects([monday('07:00', '21:00')])).toEqual(['narrower']);
    expect(effects([hours([])])).toEqual(['narrower']);
    expect(effects([monday('05:00', '21:00')])).toEqual(['wider']);
    expect(effects([monday('07:00', '23:00')])).toEqual(['wider']);
    expect(effects([hours([{ day: 'tue', from: '07:00', to: '21:00' }])])).toEqual(['wider']);
    expect(effects([{ ...monday('06:00', '22:00'), zone: 'Asia/Tokyo' }])).toEqual(['both']);
    expect(effects([])).toEqual(['wider']);
    expect(effects([monday('06:00', '22:00')], [])).toEqual(['narrower']);
  });

  it('is said in plain words, with what the clock was agreed to be', () =>
    expect(termWords({ ...monday('06:00', '22:00'), offsets: BERLIN.slice(0, 2) })).toBe(
      'remote-service only mon 06:00-22:00, by the clock of Europe/Berlin (UTC+01:00; UTC+02:00 from 2026-03-29T01:00:00.000Z, as of zone database 2026a)',
    ));

  it('holds in a house too', () =>
    expect(activate(houseOf(BUYER, { terms: [remoteService, monday('06:00', '22:00')] }), NOW)).toMatchObject(goes));
});
