import type { HoursTerm } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { expandRecurrence } from './expand-recurrence.js';
import { OWN_ZONES, type ZoneDatabase } from './zone-clock.js';
import { zoneOffsets } from './zone-offsets.js';
import { hoursDiffer, windowsDiffer } from './zones-differ.js';

const HOUR = 3_600_000;
const zone = 'Europe/Vienna';
const NOW = Date.UTC(2026, 9, 1);
/** The database of after the day on which Austria gave up winter time. */
const UPDATED: ZoneDatabase = { version: 'updated', reading: () => (at) => at + 2 * HOUR };
const SAME: ZoneDatabase = { ...OWN_ZONES, version: 'the same under another name' };
const rule = { start: '2026-09-01T22:00:00', zone, rule: 'FREQ=WEEKLY;BYDAY=TU', seconds: 7_200 };
const recurrence = { ...rule, zoneDatabase: OWN_ZONES.version, calendar: null };

function windowsBefore(until: number, closed: readonly { from: number; to: number }[] = []) {
  const made = expandRecurrence({ ...rule, until, closed });
  if (!made.allowed) throw new Error(made.refusal.code);
  return made.value;
}

describe('windows that were signed by one zone database', () => {
  const summer = windowsBefore(Date.UTC(2026, 9, 22));
  const winter = windowsBefore(Date.UTC(2026, 11, 1));

  it('differ by another one where the two disagree about them, and nowhere else', () => {
    expect(windowsDiffer({ recurrence, windows: winter }, NOW, UPDATED)).toBe(true);
    expect(windowsDiffer({ recurrence, windows: summer }, NOW, UPDATED)).toBe(false);
    expect(windowsDiffer({ recurrence, windows: winter }, NOW, SAME)).toBe(false);
    expect(windowsDiffer({ recurrence, windows: winter }, NOW, OWN_ZONES)).toBe(false);
    expect(windowsDiffer({ windows: winter }, NOW, UPDATED)).toBe(false);
  });

  it('are no difference once they are over, or where a closed day left one out', () => {
    expect(windowsDiffer({ recurrence, windows: winter }, winter.at(-1)?.to ?? 0, UPDATED)).toBe(false);
    const closed = windowsBefore(Date.UTC(2026, 11, 1), [{ from: NOW, to: NOW + 300 * HOUR }]);
    expect(closed.length).toBeLessThan(winter.length);
    expect(windowsDiffer({ recurrence, windows: closed }, NOW, SAME)).toBe(false);
  });
});

describe('offsets that were signed by one zone database', () => {
  const span = { from: NOW, to: Date.UTC(2027, 0, 1) };
  const term = (over: Partial<HoursTerm> = {}): HoursTerm => ({
    ...{ type: 'hours', kind: 'remote-service', zone, tzdata: OWN_ZONES.version, open: [] },
    offsets: zoneOffsets(zone, Date.UTC(2026, 0, 1), Date.UTC(2027, 5, 1)),
    ...over,
  });

  it('differ by another one for the time that is left, and not for what is over', () => {
    expect(hoursDiffer(term(), span, UPDATED)).toBe(true);
    expect(hoursDiffer(term(), { from: NOW, to: Date.UTC(2026, 9, 20) }, UPDATED)).toBe(false);
    expect(hoursDiffer(term(), span, SAME)).toBe(false);
    expect(hoursDiffer(term(), span, OWN_ZONES)).toBe(false);
    expect(hoursDiffer(term({ zone: 'Mars/Olympus', tzdata: 'old' }), span, OWN_ZONES)).toBe(true);
  });
});
