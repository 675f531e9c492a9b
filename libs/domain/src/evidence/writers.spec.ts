import { describe, expect, it } from '@jest/globals';
import { EVIDENCE_KINDS, type EvidenceKind } from './record.js';
import { AHEAD_OF_THE_LOG, EVIDENCE_WRITERS, mayBeSaid, WRITERS_OF } from './writers.js';

const NOW = Date.UTC(2026, 10, 22);
const SERVICES = EVIDENCE_WRITERS.filter((one) => one !== 'gateway');
const said = (kind: EvidenceKind, source: string, through: string, at = NOW) =>
  mayBeSaid({ kind, source, at }, through, NOW);
const doorOf = (writer: string) => (writer === 'gateway' ? 'federation-api' : writer);
const sourceOf = (writer: string) => (writer === 'gateway' ? 'delta-foods.example/gateway-1' : `broker/${writer}`);
const no = (code: string) => ({ allowed: false, refusal: { code } });

describe('a record', () => {
  it.each(EVIDENCE_KINDS)('%s is said by whom the table names, through his own door, and by nobody else', (kind) => {
    expect(WRITERS_OF[kind].length).toBeGreaterThan(0);
    for (const writer of EVIDENCE_WRITERS)
      for (const through of SERVICES) {
        const may = WRITERS_OF[kind].includes(writer) && (through === doorOf(writer) || through === 'operator');
        expect([writer, through, said(kind, sourceOf(writer), through).allowed]).toEqual([writer, through, may]);
      }
  });

  it('of a gateway does not become one of a service by its name, nor the other way round', () => {
    expect(said('session.opened', 'broker/gateway', 'federation-api')).toMatchObject(no('wrong_writer'));
    expect(said('hold.set', 'delta-foods.example/audit', 'audit')).toMatchObject(no('wrong_writer'));
    expect(said('grant.approved', 'broker/unknown', 'unknown')).toMatchObject(no('wrong_writer'));
  });

  it('may come months late, and a day ahead of the log; beyond, and before there was anything, its clock says nothing', () => {
    const opened = (at: number) => said('session.opened', 'delta-foods.example/gateway-1', 'federation-api', at);
    expect(opened(NOW - 300 * AHEAD_OF_THE_LOG)).toMatchObject({ allowed: true });
    expect(opened(NOW + AHEAD_OF_THE_LOG)).toMatchObject({ allowed: true });
    expect(opened(NOW + AHEAD_OF_THE_LOG + 1)).toMatchObject(no('clock_nonsense'));
    expect(opened(Date.UTC(2025, 0, 1))).toMatchObject({ allowed: true });
    expect(opened(Date.UTC(2025, 0, 1) - 1)).toMatchObject(no('clock_nonsense'));
    expect(opened(0)).toMatchObject(no('clock_nonsense'));
  });
});
