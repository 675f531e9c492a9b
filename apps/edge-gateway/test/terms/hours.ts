import { type TermOf, WEEKDAYS } from '@interlock/domain';
import { sessionGoesOn, sessionOpens, type TermCase } from '../at-the-gateway.js';

/** Open for an hour and a half from noon on, by a clock two hours ahead of UTC. */
const until = (to: string): TermOf<'hours'> => ({
  type: 'hours',
  kind: 'remote-service',
  zone: 'Europe/Berlin',
  tzdata: '2026a',
  offsets: [{ from: 0, minutes: 120 }],
  open: WEEKDAYS.map((day) => ({ day, from: '08:00', to })),
});

export const hours: TermCase = {
  permits: 'a session a minute before the agreed hours of the plant are over',
  permitted: () => sessionGoesOn({ terms: [until('14:30')], after: 29 * 60_000 }),
  refuses: 'a session on the minute at which they were over',
  refused: () => sessionOpens({ terms: [until('14:00')] }),
  code: 'outside_hours',
};
