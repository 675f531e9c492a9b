import { describe, expect, it } from '@jest/globals';
import { agreementOf, DAY, NOW } from '../../test/a-right.js';
import type { LocalId, OrganisationId } from '../names.js';
import type { EvidenceKind, EvidenceRecord } from './record.js';
import { evidenceOf } from './record.js';
import { usageDifferences, usageIn } from './usage.js';

const { id: log } = agreementOf();
const HOUR = 3_600_000;
const period = { from: NOW, to: NOW + DAY };
const GATE = 'delta-foods.example/plant-gateway';
const [VENDOR, BUYER] = ['alpine.example', 'delta.example'] as OrganisationId[] as [OrganisationId, OrganisationId];
const resource = { owner: BUYER, id: 'press-7' as LocalId };
const clause = 'remote-service';
const counted = { resource, clause, visits: 0, milliseconds: 0, bytes: 0, withoutEnd: 0, withoutOpening: 0 };

let made = 0;
function said(kind: EvidenceKind, at: number, more: Partial<EvidenceRecord> = {}) {
  made += 1;
  const { source = GATE, ...rest } = more;
  return evidenceOf(source, `evd_${made}`, { log, kind, outcome: 'change', at, resource, session: 's1', ...rest });
}
const opened = (at: number, more: Partial<EvidenceRecord> = {}) => said('session.opened', at, { clause, ...more });
const closed = (at: number, count: number, more: Partial<EvidenceRecord> = {}) =>
  said('session.closed', at, { count, ...more });
const way = { session: 'flow', region: 'eu-1' as LocalId };
const delivered = (at: number, count: number, more: Partial<EvidenceRecord> = {}) =>
  said('flow.delivered', at, { ...way, recipients: [VENDOR], count, ...more });

function usage(...records: readonly EvidenceRecord[]) {
  const counting = usageIn(period);
  for (const record of records) counting.see(record);
  return counting.result();
}

describe('the usage of an agreement in a period', () => {
  it('is visits, the time they were open, and their bytes, by machine and clause, in whatever order the records come', () => {
    const records = [
      opened(NOW),
      closed(NOW + HOUR, 1_000),
      opened(NOW + HOUR, { session: 's2' }),
      said('session.cut', NOW + 3 * HOUR, { session: 's2', count: 500 }),
      said('session.activated', NOW, { session: 's3', clause: 'emergency' }),
      closed(NOW + HOUR, 7, { session: 's3' }),
    ];
    const expected = [
      { ...counted, clause: 'emergency', visits: 1, milliseconds: HOUR, bytes: 7 },
      { ...counted, visits: 2, milliseconds: 3 * HOUR, bytes: 1_500 },
    ];
    expect(usage(...records).sessions).toEqual(expected);
    expect(usage(...records.reverse()).sessions).toEqual(expected);
  });

  it.each([
    ['begun before it', opened(NOW - HOUR), closed(NOW + HOUR, 9), { milliseconds: HOUR, bytes: 9 }],
    ['ended after it', opened(NOW + DAY - HOUR), closed(NOW + DAY + HOUR, 9), { visits: 1, milliseconds: HOUR }],
    ['around all of it', opened(NOW - 1), closed(NOW + DAY, 9), { milliseconds: DAY }],
    ['of a clock set back', opened(NOW + HOUR), closed(NOW, 9), { visits: 1, bytes: 9 }],
  ])('counts of a session %s what lies in the period', (_, opening, end, line) => {
    expect(usage(opening, end).sessions).toEqual([{ ...counted, ...line }]);
  });

  it('leaves out a session of another time, and what was refused', () => {
    const before = [opened(NOW - 2), closed(NOW - 1, 9)];
    const after = [opened(NOW + DAY, { session: 's2' }), closed(NOW + DAY + 1, 9, { session: 's2' })];
    const forgotten = opened(NOW - DAY, { session: 's3' });
    expect(usage(...before, ...after, forgotten, said('session.refused', NOW)).sessions).toEqual([]);
  });

  it('invents no time where the end, or the opening, is not known', () => {
    expect(usage(opened(NOW)).sessions).toEqual([{ ...counted, visits: 1, withoutEnd: 1 }]);
    expect(usage(closed(NOW, 9)).sessions).toEqual([{ ...counted, clause: null, bytes: 9, withoutOpening: 1 }]);
  });

  it('takes the word of the gateway for the end of a session, not the order of the broker, and keeps gateways apart', () => {
    const order = said('session.cut', NOW + 1, { source: 'broker/grants', count: 1 });
    const elsewhere = closed(NOW + 2, 9, { source: 'delta-foods.example/south' });
    expect(usage(opened(NOW), order, elsewhere).sessions).toEqual([
      { ...counted, visits: 1, withoutEnd: 1 },
      { ...counted, clause: null, bytes: 9, withoutOpening: 1 },
    ]);
  });

  it('is batches and their bytes by machine, region and recipients, and says how many have no known size', () => {
    const both = { recipients: [VENDOR, BUYER], bytes: 11 };
    const swapped = { recipients: [BUYER, VENDOR], bytes: 4 };
    const records = [delivered(NOW, 3, { bytes: 300 }), delivered(NOW, 2), delivered(NOW + DAY, 9, { bytes: 9 })];
    const { flows } = usage(...records, delivered(NOW, 1, both), delivered(NOW, 1, swapped));
    const line = { resource, region: 'eu-1' };
    expect(flows).toEqual([
      { ...line, recipients: [VENDOR, BUYER], batches: 2, bytes: 15, withoutSize: 0 },
      { ...line, recipients: [VENDOR], batches: 5, bytes: 300, withoutSize: 2 },
    ]);
  });
});

describe('two counts of one period', () => {
  const own = usage(opened(NOW), closed(NOW + HOUR, 10), delivered(NOW, 3, { bytes: 300 }));

  it('agree where every counter does', () => {
    expect(usageDifferences(own, structuredClone(own))).toEqual([]);
  });

  it('differ by line and counter, and where one side has a line that the other has not', () => {
    const other = usage(opened(NOW), closed(NOW + 2 * HOUR, 10));
    expect(usageDifferences(own, other)).toEqual([
      { line: 'flow delta.example/press-7 eu-1 alpine.example', counter: 'batches', own: 3, other: null },
      { line: 'flow delta.example/press-7 eu-1 alpine.example', counter: 'bytes', own: 300, other: null },
      { line: 'flow delta.example/press-7 eu-1 alpine.example', counter: 'withoutSize', own: 0, other: null },
      {
        ...{ line: 'sessions delta.example/press-7 remote-service', counter: 'milliseconds' },
        ...{ own: HOUR, other: 2 * HOUR },
      },
    ]);
    expect(usageDifferences(other, own).map((one) => [one.own, one.other])).toContainEqual([null, 3]);
  });

  it('does not let a second line of the same name hide the first', () => {
    const [line] = own.sessions;
    const twice = { ...own, sessions: [...own.sessions, ...(line ? [{ ...line, visits: 8 }, line] : [])] };
    expect(usageDifferences(own, twice)).not.toEqual([]);
  });
});
