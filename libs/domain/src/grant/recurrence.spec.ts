import { describe, expect, it } from '@jest/globals';
import {
  agreementOf,
  BUYER,
  chainOf,
  digest,
  grantOf,
  HOUR,
  held,
  id,
  key,
  NOW,
  press7,
  technician,
  twoApprovers,
  VENDOR,
} from '../../test/a-right.js';
import { type Ask, type Circumstances, decide } from '../decide.js';
import type { HeldAnnex, PlantCalendar } from '../documents/annex.js';
import type { Recurrence } from '../documents/right.js';
import { covered } from './covered.js';

const ask: Ask = {
  subject: { organisation: VENDOR, kind: 'person', id: id('technician') },
  leaf: key('leaf'),
  action: id('ssh'),
  resource: press7,
  session: null,
};
const nothing: Circumstances = { acts: [], verdicts: [], annexes: [], invalid: new Set() };
const recurrence: Recurrence = {
  start: '2026-06-01T12:00:00',
  zone: 'Europe/Vienna',
  rule: 'FREQ=DAILY',
  seconds: 3_600,
  zoneDatabase: '2025b',
  calendar: null,
};
const calendar = (over: Partial<PlantCalendar> = {}, name = 'calendar'): HeldAnnex<PlantCalendar> => ({
  annex: {
    typ: 'plant-calendar',
    v: 1,
    organisation: BUYER,
    agreementId: agreementOf().id,
    sequence: 1,
    zone: 'Europe/Vienna',
    zoneDatabase: '2025b',
    closed: [{ name: 'shutdown', from: NOW, to: NOW + HOUR / 2 }],
    issuedAt: NOW - HOUR,
    ...over,
  },
  digest: digest(name),
  signers: [BUYER],
});
const windows = [{ from: NOW - HOUR / 2, to: NOW + HOUR / 2 }];
const at = (now: number, annexes: readonly HeldAnnex[], over: object = { recurrence }) =>
  decide(chainOf(agreementOf(), grantOf({ windows, ...over })), ask, { ...nothing, annexes }, now);
const closed = { allowed: false, refusal: { code: 'plant_closed', clause: 'plant-calendar' } };
const until = (to: number) => ({ allowed: true, value: { window: { to } } });

describe('a recurring window', () => {
  it('plant_closed: leaves out what the newest calendar of the owner says, and ends where that begins', () => {
    expect(at(NOW - 1, [calendar()])).toMatchObject(until(NOW));
    expect(at(NOW, [calendar()])).toMatchObject(closed);
    expect(at(NOW + HOUR / 2 - 1, [calendar()])).toMatchObject(closed);
    expect(at(NOW, [])).toMatchObject(until(NOW + HOUR / 2));
  });

  it('follows a holiday that was moved, and takes in nothing that was not approved', () => {
    const moved = calendar({ sequence: 2, closed: [{ name: 'moved', from: NOW + HOUR / 4, to: NOW + HOUR }] }, 'two');
    expect(at(NOW, [calendar(), moved])).toMatchObject(until(NOW + HOUR / 4));
    expect(at(NOW + HOUR / 2, [moved, calendar({ sequence: 3, closed: [] }, 'three')])).toMatchObject({
      refusal: { code: 'outside_window' },
    });
  });

  it('is closed by either of two calendars of one number, and by no withdrawn or foreign one', () => {
    const open = calendar({ closed: [] }, 'other');
    expect(at(NOW, [open, calendar()])).toMatchObject(closed);
    expect(at(NOW, [calendar({ organisation: VENDOR })])).toMatchObject(until(NOW + HOUR / 2));
    const act = held({ target: { kind: 'annex', id: digest('calendar') } });
    const facts = { ...nothing, annexes: [calendar()], acts: [act] };
    expect(decide(chainOf(agreementOf(), grantOf({ windows, recurrence })), ask, facts, NOW)).toMatchObject(
      until(NOW + HOUR / 2),
    );
  });

  it('is one that recurs: a single window may be meant for that very shutdown', () => {
    expect(at(NOW, [calendar()], {})).toMatchObject(until(NOW + HOUR / 2));
  });

  it('recurrence_differs: has the length of the rule, and meets no other', () => {
    const judge = (list: typeof windows) =>
      covered(grantOf({ windows: list, recurrence }), agreementOf(), technician, twoApprovers, NOW);
    const refused = { allowed: false, refusal: { code: 'recurrence_differs', clause: 'recurrence' } };
    const next = { from: NOW + HOUR / 2, to: NOW + 1.5 * HOUR };
    expect(judge(windows)).toMatchObject({ allowed: true });
    expect(judge([...windows, next])).toMatchObject({ allowed: true });
    expect(judge([{ from: NOW, to: NOW + HOUR + 1 }])).toMatchObject(refused);
    expect(judge([...windows, { from: next.from - 1, to: next.to - 1 }])).toMatchObject(refused);
    expect(judge([next, ...windows])).toMatchObject(refused);
  });
});
