import { newId } from '@interlock/company-side';
import { type AgreementId, type EvidenceKind, type EvidenceRecord, evidenceOf, type LocalId } from '@interlock/domain';
import { newSalt, withhold } from '@interlock/proof';
import { PRESS } from '../src/up/demo-companies.js';
import type { TwoCompanies } from './two-companies.js';

const id = (text: string) => text as LocalId;

export interface SixRecords {
  readonly records: readonly EvidenceRecord[];
  /** What opens the first of them, by its id: the others are of before anything was withheld. */
  readonly withheld: ReadonlyMap<string, readonly string[]>;
}

/** A session opened and cut, an attempt, two deliveries, and an opening that nobody cosigned yet. */
export function sixRecords(world: TwoCompanies, log: AgreementId): SixRecords {
  const [vendor, buyer] = [world.vendor.company.organisation, world.buyer.company.organisation];
  const one = (kind: EvidenceKind, more: Partial<EvidenceRecord>): EvidenceRecord =>
    evidenceOf(`${buyer}/plant-gateway`, newId('evd'), {
      ...{ log, kind, outcome: 'allow', at: Date.UTC(2026, 5, 1, 20), organisation: buyer, count: 0 },
      ...{ resource: { owner: buyer, id: PRESS }, session: 'ses_one' },
      ...{ subject: { organisation: vendor, kind: 'person', id: id('technician') }, ...more },
    });
  const sent = { outcome: 'delivery' as const, session: 'flow', subject: null, recipients: [vendor], count: 1 };
  const first = one('session.opened', { clause: 'remote-service', approvers: [id('shift-lead')] });
  const { record, opened } = withhold(first, newSalt);
  return {
    records: [
      { ...first, ...(record.withheld && { withheld: record.withheld }) },
      one('session.cut', { outcome: 'cut', code: 'taken_away', at: Date.UTC(2026, 5, 1, 21), count: 4_711 }),
      one('session.refused', { outcome: 'deny', session: 'ses_two', code: 'outside_window', subject: null }),
      one('flow.delivered', { ...sent, region: id('eu-1') }),
      one('flow.delivered', { ...sent, region: id('eu-1') }),
      one('session.opened', { session: 'ses_three' }),
    ],
    withheld: new Map([[first.id, opened]]),
  };
}
