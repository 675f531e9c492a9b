import { describe, expect, it } from '@jest/globals';
import { agreementOf, DAY, digest, NOW } from '../../test/a-right.js';
import { acceptanceOf, attestationOf, exceptionOf } from '../../test/annexes.js';
import { withdrawal } from '../../test/papers.js';
import type { HeldAct } from '../act/standing.js';
import type { Act } from '../documents/right.js';
import type { LocalId, OrganisationId } from '../names.js';
import { type Cut, latencyOf } from './cut-latency.js';
import type { EvidenceKind, EvidenceRecord } from './record.js';
import { evidenceOf } from './record.js';
import { type HistoryReport, historyReport } from './report.js';
import type { ReportPapers } from './report-papers.js';

const agreement = agreementOf();
const period = { from: NOW, to: NOW + DAY };
const GATE = 'delta-foods.example/plant-gateway';
const subject = {
  organisation: 'alpine.example' as OrganisationId,
  kind: 'person',
  id: 'technician' as LocalId,
} as const;
const resource = { owner: 'delta.example' as OrganisationId, id: 'press-7' as LocalId };

let made = 0;
function said(kind: EvidenceKind, outcome: EvidenceRecord['outcome'], more: Partial<EvidenceRecord> = {}) {
  made += 1;
  const { source = GATE, ...rest } = more;
  return evidenceOf(source, `evd_${made}`, { log: agreement.id, kind, outcome, at: NOW + made, ...rest });
}

function reported(records: readonly EvidenceRecord[], papers: Partial<ReportPapers> = {}): HistoryReport {
  const report = historyReport(period, { agreement, annexes: [], acts: [], ...papers });
  for (const record of records) report.see(record);
  return report.result();
}

describe('the report of an agreement and a period', () => {
  it('says who used what under which clause, who approved, for which ticket, and what was refused', () => {
    const opened = { subject, resource, clause: 'remote-service', approvers: ['shift-lead' as LocalId] };
    const report = reported([
      said('session.opened', 'allow', { ...opened, ticket: 'INC-1', at: NOW }),
      said('session.opened', 'allow', { ...opened, ticket: 'INC-2', at: NOW + DAY - 1 }),
      said('session.opened', 'allow', { ...opened, at: NOW + DAY }),
      said('session.opened', 'allow', { ...opened, at: NOW - 1 }),
      said('session.refused', 'deny', { code: 'outside_window' }),
      said('session.refused', 'deny', { code: 'outside_window' }),
      said('lockout.set', 'cut', { code: 'by hand' }),
    ]);
    expect(report.access).toMatchObject([
      {
        ...{ subject: 'alpine.example/technician', resource: 'delta.example/press-7', clause: 'remote-service' },
        ...{ opened: 2, tickets: ['INC-1', 'INC-2'], approvers: ['shift-lead'], first: NOW, last: NOW + DAY - 1 },
      },
    ]);
    expect(report.refusals).toMatchObject([{ kind: 'session.refused', code: 'outside_window', records: 2 }]);
    expect(report.findings).toMatchObject([{ kind: 'lockout.set', code: 'by hand', records: 1 }]);
    expect(report.records).toBe(5);
  });

  it('says which data took which way, a batch under each of its categories', () => {
    const way = { region: 'eu-1' as LocalId, recipients: [subject.organisation], resource, count: 3 };
    const categories = ['process', 'energy'] as LocalId[];
    const report = reported([
      said('flow.delivered', 'delivery', { ...way, categories }),
      said('flow.delivered', 'delivery', way),
    ]);
    const line = { region: 'eu-1', recipient: 'alpine.example', resource: 'delta.example/press-7', batches: 3 };
    expect(report.data).toEqual(['energy', 'not named', 'process'].map((category) => ({ ...line, category })));
  });

  it('says who held the log, and what was erased of it, a day and a reason at a time', () => {
    const [holder, day] = [subject.organisation, NOW + 10];
    const erased = { outcome: 'change', source: 'broker/audit', code: 'retention_over', at: day } as const;
    const report = reported([
      said('hold.set', 'change', { organisation: holder, at: day - 2 }),
      said('hold.lifted', 'change', { organisation: holder, at: day - 1 }),
      said('evidence.erased', 'change', { ...erased, count: 3 }),
      said('evidence.erased', 'change', { ...erased, count: 4, at: day + 1 }),
      said('evidence.erased', 'change', { ...erased, count: 1, code: 'person_asked', organisation: holder }),
      said('evidence.erased', 'change', { ...erased, count: 9, at: NOW - 1 }),
      said('hold.set', 'change', { organisation: holder, at: NOW + DAY }),
    ]);
    expect(report.keeping).toEqual([
      { kind: 'hold.set', organisation: holder, code: null, at: day - 2, erased: 0 },
      { kind: 'hold.lifted', organisation: holder, code: null, at: day - 1, erased: 0 },
      { kind: 'evidence.erased', organisation: holder, code: 'person_asked', at: day, erased: 1 },
      { kind: 'evidence.erased', organisation: null, code: 'retention_over', at: day + 1, erased: 7 },
    ]);
  });

  it('says what reached the log late, by who said it', () => {
    const report = historyReport(period, { agreement, annexes: [], acts: [] });
    for (const [after, source] of [
      [60_000, GATE],
      [60_001, GATE],
      [90_000, GATE],
      [3_600_000, 'broker/grants'],
    ] as const)
      report.see(said('session.opened', 'allow', { at: NOW, source }), NOW + after);
    report.see(said('session.opened', 'allow', { at: NOW - 1 }), NOW + DAY);
    report.see(said('session.opened', 'allow', { at: NOW }));
    expect(report.result().late).toEqual([
      { source: 'broker/grants', records: 1, longestMs: 3_600_000 },
      { source: GATE, records: 2, longestMs: 90_000 },
    ]);
  });

  it('names what was activated at a gateway, and first what nobody has looked at since', () => {
    const activated = (session: string, at: number) =>
      said('session.activated', 'allow', { subject, resource, session, at, documents: [digest('activation')] });
    const review = {
      ...{ typ: 'activation-review', v: 1, organisation: resource.owner, agreementId: agreement.id, session: 'ses_1' },
      ...{ activation: digest('activation'), activatedBy: 'shift-lead', reviewer: 'engineer', finding: 'in-order' },
      ...{ statement: 'seen', issuedAt: NOW + DAY },
    };
    const annexes = [{ annex: review as never, digest: digest('review'), signers: [] }];
    const report = reported([activated('ses_1', NOW + 1), activated('ses_2', NOW + 2)], { annexes });
    expect(report.activations).toMatchObject([
      { session: 'ses_2', due: null, review: null },
      { session: 'ses_1', review: { reviewer: 'engineer', finding: 'in-order' } },
    ]);
  });

  it('counts, for each control, the records that show it at work', () => {
    const report = reported([said('grant.approved', 'allow'), said('finding', 'finding', { code: 'log_gap' })]);
    const records = (id: string) => report.controls.find((control) => control.id === id)?.records;
    expect([records('iec-62443-2-4/sp.07.03'), records('nis2/23'), records('data-act/4')]).toEqual([1, 1, 0]);
    expect(report.shownElsewhere).toContain('iec-62443-3-3/sr-1.6');
  });

  it('names attestations and acceptances that lapsed in it, and exceptions that counted in it', () => {
    const [over, later] = [attestationOf({ validUntil: NOW + 5 }), attestationOf({ validUntil: NOW + DAY })];
    const accepted = acceptanceOf({ validUntil: NOW + 10 * DAY });
    const [counts, before] = [exceptionOf(), exceptionOf({ validUntil: NOW })];
    const acts = [withdrawal('acceptance', { issuedAt: NOW + 7 })];
    const report = reported([], { annexes: [over, later, accepted, counts, before], acts });
    expect(report.lapses).toMatchObject([
      { kind: 'attestation', at: NOW + 5, because: 'over' },
      { kind: 'acceptance', at: NOW + 7, because: 'withdrawn' },
    ]);
    expect(report.exceptions).toHaveLength(1);
  });
});

describe('the latency of a cut', () => {
  const act = (name: string, issuedAt: number): HeldAct => ({
    act: { issuedAt } as Act,
    digest: digest(name),
    signers: [],
  });
  const ordered = (name: string, more: Partial<EvidenceRecord>) =>
    said('grant.revoked', 'cut', { source: 'broker/grants', documents: [digest(name)], ...more });
  const ended = (at: number, more: Partial<EvidenceRecord> = {}) =>
    said('session.cut', 'cut', { code: 'taken_away', grant: digest('grant'), session: 'ses_1', subject, at, ...more });
  const latencies = (records: readonly EvidenceRecord[], ...acts: HeldAct[]) =>
    reported(records, { acts }).cuts.map((cut) => cut.latencyMs);

  it('is from the signature of the act that reached it to the end at the enforcement point, in whatever order they were logged', () => {
    const order = ordered('revoke', { grant: digest('grant'), at: NOW + 900 });
    expect(latencies([ended(NOW + 140), order], act('revoke', NOW + 100))).toEqual([40]);
    const cuts = reported([order, ended(NOW + 140)], { acts: [act('revoke', NOW + 100)] }).cuts;
    expect(cuts).toMatchObject([{ session: 'ses_1', orderedAt: NOW + 100, endedAt: NOW + 140, code: 'taken_away' }]);
  });

  it('is of the last act before the end that names its session, grant or subject, or the whole agreement', () => {
    const all = [act('a', NOW + 10), act('b', NOW + 60), act('c', NOW + 300)];
    const by = (more: Partial<EvidenceRecord>) => [
      ordered('a', more),
      ordered('b', more),
      ordered('c', more),
      ended(NOW + 100),
    ];
    expect(latencies(by({ session: 'ses_1' }), ...all)).toEqual([40]);
    expect(latencies(by({ subject }), ...all)).toEqual([40]);
    expect(latencies(by({ subject: { ...subject, id: 'deputy' as LocalId } }), ...all)).toEqual([null]);
    expect(latencies(by({ kind: 'agreement.suspended' }), ...all)).toEqual([40]);
    expect(latencies(by({ session: 'ses_2', subject }), ...all)).toEqual([null]);
    expect(latencies(by({ grant: digest('another') }), ...all)).toEqual([null]);
  });

  it('is not claimed where no act ended it, where the act is not held, or where a gateway says that it gave the order', () => {
    const order = ordered('revoke', { grant: digest('grant') });
    expect(latencies([order, ended(NOW + 140, { code: 'lease_over' })], act('revoke', NOW + 100))).toEqual([null]);
    expect(latencies([order, ended(NOW + 140)])).toEqual([null]);
    const lie = { ...order, source: 'other.example/gate' };
    expect(latencies([lie, ended(NOW + 140)], act('revoke', NOW + 100))).toEqual([null]);
    // What the broker says of an end is no end: only where it is enforced is it known.
    expect(latencies([order, ended(NOW + 140, { source: 'broker/grants' })], act('revoke', NOW + 100))).toEqual([]);
  });

  it('is of ends inside the period, also where the act was signed before it', () => {
    const order = ordered('revoke', { grant: digest('grant'), at: NOW - 50 });
    const ends = [ended(NOW - 1), ended(NOW + 5), ended(NOW + DAY)];
    expect(latencies([order, ...ends], act('revoke', NOW - 60))).toEqual([65]);
  });

  it('is summed up as the median and the longest of those that were measured', () => {
    const cuts = [7, null, 1, 3, 9].map((latencyMs) => ({ latencyMs }) as Cut);
    expect(latencyOf(cuts)).toEqual({ median: 3, longest: 9 });
    expect(latencyOf([])).toBeUndefined();
  });
});
