import { zoneOffsets } from '@interlock/company-side/calendar';
import { describe, expect, it } from '@jest/globals';
import { weekHours } from './read-clauses.js';

describe('the offsets of a zone', () => {
  it('are one at the beginning and one for each change of its clock, to the millisecond', () => {
    const year = [Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1)] as const;
    expect(zoneOffsets('Europe/Berlin', ...year)).toEqual([
      { from: year[0], minutes: 60 },
      { from: Date.UTC(2026, 2, 29, 1), minutes: 120 },
      { from: Date.UTC(2026, 9, 25, 1), minutes: 60 },
    ]);
    expect(zoneOffsets('America/St_Johns', Date.UTC(2026, 0, 1), Date.UTC(2026, 1, 1))).toEqual([
      { from: Date.UTC(2026, 0, 1), minutes: -210 },
    ]);
    expect(zoneOffsets('UTC', ...year)).toEqual([{ from: year[0], minutes: 0 }]);
    expect(() => zoneOffsets('Mars/Olympus', ...year)).toThrow(RangeError);
  });
});

describe('hours of a week as they are typed', () => {
  it('are spans of days, in a zone that is known', () => {
    expect(weekHours('fri-sat=06:00-22:00,sun=00:00-24:00@Europe/Berlin')).toEqual({
      zone: 'Europe/Berlin',
      open: [
        { day: 'fri', from: '06:00', to: '22:00' },
        { day: 'sat', from: '06:00', to: '22:00' },
        { day: 'sun', from: '00:00', to: '24:00' },
      ],
    });
  });

  it.each([
    '',
    '@UTC',
    'mon=06:00-22:00',
    'mon=06:00-22:00@Mars/Olympus',
    'sat-mon=06:00-22:00@UTC',
    'mon=22:00-06:00@UTC',
    'mond=06:00-22:00@UTC',
  ])('are refused with an example: "%s"', (text) => expect(() => weekHours(text)).toThrow(/such as/));
});
