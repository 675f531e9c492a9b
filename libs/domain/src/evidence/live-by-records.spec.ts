import { describe, expect, it } from '@jest/globals';
import { liveByRecords } from './live-by-records.js';
import { type EvidenceKind, type EvidenceRecord, evidenceOf } from './record.js';

const GATEWAY = 'delta-foods.example/plant-gateway';
const record = (kind: EvidenceKind, at: number, session: string | null = null, source = GATEWAY): EvidenceRecord =>
  evidenceOf(source, `evd_${kind}_${at}`, {
    log: 'agr_x' as EvidenceRecord['log'],
    kind,
    outcome: 'change',
    at,
    session,
  });

describe('what is live by the records', () => {
  it('is every session that was opened and neither closed nor cut, the newest first', () => {
    const records = [
      record('session.opened', 1, 'a'),
      record('session.opened', 2, 'b'),
      record('session.opened', 3, 'c'),
      record('session.opened', 4, 'd'),
      record('session.closed', 5, 'a'),
      record('session.cut', 5, 'c'),
    ];
    expect(liveByRecords(records).sessions.map(({ session }) => session)).toEqual(['d', 'b']);
  });

  it('does not depend on the order in which records came', () => {
    const records = [record('session.cut', 5, 'a'), record('session.opened', 1, 'a')];
    expect(liveByRecords(records).sessions).toEqual([]);
  });

  it('is the last word of each gateway about its lock-out', () => {
    const other = 'delta-foods.example/second-gateway';
    const records = [
      record('lockout.lifted', 9),
      record('lockout.set', 3),
      record('lockout.set', 4, null, other),
      record('lockout.lifted', 2, null, other),
      // An order that the broker took down, which is not a gateway's own word.
      record('lockout.set', 10, null, 'broker/grants'),
    ];
    expect(liveByRecords(records).lockouts.map(({ source, kind }) => [source, kind])).toEqual([
      [GATEWAY, 'lockout.lifted'],
      [other, 'lockout.set'],
    ]);
  });

  it('is nothing where nothing was said', () => {
    expect(liveByRecords([record('session.admitted', 1, 'a')])).toEqual({ sessions: [], lockouts: [] });
  });
});
