import type { HistoryReport } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { reportHtml } from './report-html.js';

const EVIL = '<img src=x onerror="alert(1)">';
const report = {
  ...{ from: Date.UTC(2026, 5, 1), to: Date.UTC(2026, 6, 1), agreement: { id: 'agr_1', version: 2 }, records: 1 },
  ...{ parties: ['a.example', 'b.example'], access: [], exceptions: [], cuts: [], data: [], lapses: [], findings: [] },
  ...{ keeping: [{ kind: 'hold.set', organisation: EVIL, code: null, at: 0, erased: 0 }], late: [], activations: [] },
  refusals: [{ kind: 'session.refused', code: EVIL, records: 1, first: 0, last: 0 }],
  ...{ controls: [{ id: 'nis2/23', title: 'x', kinds: [], tests: ['a.spec.ts: y'], records: 3 }], shownElsewhere: [] },
} as unknown as HistoryReport;

describe('the page of a report', () => {
  it('makes no markup of what strangers wrote, and fetches and runs nothing', () => {
    const page = reportHtml(report, { treeSize: 1, cosigned: [EVIL], cosignedAt: [0], whole: true });
    expect(page).not.toContain('<img');
    expect(page).toContain('&lt;img src=x');
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/<script|<link|src=["']|url\(/);
  });

  it('says on each printed page of what it is a page, keeps a short table whole, and makes no style of what strangers wrote', () => {
    const shown = (refusals: readonly object[], id = 'agr_1') =>
      reportHtml({ ...report, refusals, agreement: { id, version: 2 } } as unknown as HistoryReport, {
        ...{ treeSize: 1, cosigned: [], cosignedAt: [], whole: true },
      });
    const of = (rows: number) => Array.from({ length: rows }, () => report.refusals[0] as object);
    expect(shown(of(1))).toContain('@bottom-left { content: "Agreement agr_1, 2026-06-01 to 2026-07-01"');
    expect(shown(of(1), '"; } </style><b>')).not.toMatch(/<b>|content: "Agreement "/);
    const section = (rows: number) => /<section[^>]*><h2>Refusals/.exec(shown(of(rows)))?.[0];
    expect([section(15), section(16)]).toEqual(['<section class="whole"><h2>Refusals', '<section><h2>Refusals']);
  });

  it('warns where not every record was read', () => {
    const page = (whole: boolean) => reportHtml(report, { treeSize: 1, cosigned: [], cosignedAt: [], whole });
    expect(page(false)).toContain('Not every record of the log was read');
    expect(page(true)).not.toContain('Not every record');
  });
});
