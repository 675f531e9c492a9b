import type { EvidenceRecord } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { EXPORT_FORMATS } from './export-formats.js';

const record = {
  ...{
    v: 1,
    id: 'evd_1',
    log: 'agr_1',
    kind: 'session.opened',
    outcome: 'allow',
    at: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  },
  ...{ source: 'delta-foods.example/plant-gateway', organisation: 'delta-foods.example', agreement: null, grant: null },
  ...{ subject: { organisation: 'alpine-presses.example', kind: 'person', id: 'technician' }, session: 'ses_1' },
  ...{ resource: { owner: 'delta-foods.example', id: 'press-7' }, clause: 'remote-service', code: null },
  ...{ approvers: ['shift-lead', 'plant-engineer'], region: null, recipients: [], documents: [], count: 0 },
  ...{ correlation: null, ticket: 'INC-20481', reason: 'valve, "leaking"' },
} as unknown as EvidenceRecord;

/** A reader of RFC 4180 of its own. */
function cellsOf(text: string): string[] {
  const cells = text.slice(0, -2).matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g);
  return [...cells]
    .map(([, cell = '']) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell))
    .slice(0, EXPORT_FORMATS.csv.head.split(',').length);
}

describe('an export', () => {
  it('as NDJSON holds the record itself, at its place', () => {
    const line = EXPORT_FORMATS.ndjson.line({ index: 7, record });
    expect(line.endsWith('\n')).toBe(true);
    expect(JSON.parse(line)).toEqual({ index: 7, record });
  });

  it('as CSV has one cell for each column, whatever is in it', () => {
    const head = cellsOf(EXPORT_FORMATS.csv.head);
    const cells = cellsOf(EXPORT_FORMATS.csv.line({ index: 7, record }));
    const row = Object.fromEntries(head.map((name, at) => [name, cells[at]]));
    expect(row).toMatchObject({
      ...{ index: '7', time: '2026-01-02T03:04:05.006Z', resource: 'delta-foods.example/press-7', region: '' },
      ...{ approvers: 'shift-lead plant-engineer', ticket: 'INC-20481', reason: 'valve, "leaking"' },
    });
  });

  it('as CSV holds nothing that a spreadsheet would compute', () => {
    for (const reason of ['=cmd()', '+1', '-1', '@x', '\tx']) {
      const line = EXPORT_FORMATS.csv.line({ index: 0, record: { ...record, reason } });
      expect(cellsOf(line).at(-1)).toBe(`'${reason}`);
    }
  });

  it('as CloudEvents names the record for good, with attributes as the specification demands', () => {
    const event = JSON.parse(EXPORT_FORMATS.cloudevents.line({ index: 7, record }));
    expect(event).toMatchObject({
      ...{ specversion: '1.0', id: 'evd_1', source: 'urn:interlock:log:agr_1', type: 'interlock.session.opened.v1' },
      ...{ time: '2026-01-02T03:04:05.006Z', subject: 'delta-foods.example/press-7', logindex: 7, data: record },
    });
    for (const name of Object.keys(event)) expect(name).toMatch(/^[a-z0-9]{1,20}$/);
    const { subject: _subject, ...without } = JSON.parse(
      EXPORT_FORMATS.cloudevents.line({ index: 7, record: { ...record, resource: null } }),
    );
    expect(without).not.toHaveProperty('subject');
  });
});
