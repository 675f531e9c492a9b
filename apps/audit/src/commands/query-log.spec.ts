import { CountAudit, ProveAudit } from '@interlock/contracts';
import type { AgreementId, LocalId } from '@interlock/domain';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aRecord, BUYER, STRANGER, VENDOR } from '../../test/an-audit.js';
import { type TwoCompanies, twoCompanies } from '../../test/two-companies.js';

let world: TwoCompanies;
beforeAll(async () => {
  world = await twoCompanies();
}, 60_000);
afterAll(() => world.stop());

describe('a question', () => {
  let log: AgreementId;
  const at = Date.UTC(2026, 0, 2);
  beforeAll(async () => {
    log = await world.anAgreement();
    const press = (id: string) => ({ owner: BUYER, id: id as LocalId });
    const person = (id: string) => ({ organisation: VENDOR, kind: 'person' as const, id: id as LocalId });
    const records = [
      aRecord({
        log,
        at,
        kind: 'grant.approved',
        source: 'broker/grants',
        subject: null,
        outcome: 'change',
        approvers: ['shift-lead' as LocalId],
        resource: press('press-7'),
      }),
      aRecord({ log, at: at + 1, kind: 'session.opened', resource: press('press-7'), subject: person('technician-1') }),
      aRecord({
        log,
        at: at + 2,
        kind: 'session.refused',
        outcome: 'deny',
        clause: 'window',
        resource: press('press-7'),
        subject: person('technician-2'),
      }),
      aRecord({ log, at: at + 3, kind: 'session.opened', resource: press('press-8'), subject: person('technician-1') }),
      aRecord({
        log,
        at: at + 4,
        kind: 'flow.delivered',
        outcome: 'delivery',
        region: 'eu-west' as LocalId,
        resource: press('press-8'),
        subject: null,
        recipients: [VENDOR],
        categories: ['technical' as LocalId],
        purpose: 'condition-monitoring' as LocalId,
        ticket: 'INC-20481',
        correlation: 'cor-1',
        reason: 'Weekly report of the valve',
      }),
    ];
    for (const record of records)
      await world.audit.say(record, record.source === 'broker/grants' ? 'grants' : 'federation-api');
    await world.settle();
  });
  it.each([
    ['machine', { resource: 'press-7' }, [0, 1, 2]],
    ['machine with its owner', { resource: `${BUYER}/press-8` }, [3, 4]],
    ['machine of the wrong owner', { resource: `${VENDOR}/press-8` }, []],
    ['person', { subject: 'technician-1' }, [1, 3]],
    ['approver', { approver: 'shift-lead' }, [0]],
    ['clause', { clause: 'window' }, [2]],
    ['outcome', { outcome: 'deny' }, [2]],
    ['kind', { kind: 'flow.delivered' }, [4]],
    ['region', { region: 'eu-west' }, [4]],
    ['time, from inclusive, to exclusive', { from: at + 1, to: at + 3 }, [1, 2]],
    ['all of it together', { resource: 'press-7', subject: 'technician-1', outcome: 'allow', from: at }, [1]],
    ['person in its own namespace', { subject: `${VENDOR}/person/technician-2` }, [2]],
    ['recipient', { recipient: VENDOR }, [4]],
    ['data category', { category: 'technical' }, [4]],
    ['purpose', { purpose: 'condition-monitoring' }, [4]],
    ['ticket', { ticket: 'INC-20481' }, [4]],
    ['correlation', { correlation: 'cor-1' }, [4]],
    ['organisation', { organisation: VENDOR }, [1, 2, 3]],
    ['site', { site: 'gateway-1', outcome: 'deny' }, [2]],
    ['words of the reason', { text: 'VALVE weekly' }, [4]],
    ['words that are not all there', { text: 'valve broken' }, []],
    ['nothing known', { subject: "'; drop table entry; --" }, []],
  ])('by %s finds its rows and names filter and tree', async (_by, filter, indexes) => {
    const answer = await world.rowsOf(BUYER, { log, ...filter });
    expect(answer.rows.map((row) => row.index)).toEqual(indexes);
    expect(answer).toMatchObject({ treeSize: 5, filter: { log, ...filter }, next: null });
  });
  it('is counted, with what is in the rows', async () => {
    const filter = { log, resource: 'press-7', limit: 200 };
    const by = ['kind', 'outcome'] as const;
    const counted = await world.ask(CountAudit, { organisation: VENDOR, filter, by: [...by] });
    const one = (value: string) => ({ value, count: 1 });
    expect(counted).toMatchObject({
      value: { counted: 3, whole: true, treeSize: 5, facets: { outcome: [one('allow'), one('change'), one('deny')] } },
    });
    const stranger = await world.ask(CountAudit, { organisation: STRANGER, filter, by: [...by] });
    expect(stranger).toMatchObject({ refusal: { code: 'not_a_party' } });
  });
  it('is answered page by page from one tree while the log grows', async () => {
    const first = await world.rowsOf(BUYER, { log, limit: 2 });
    expect([first.rows.map((row) => row.index), first.next]).toEqual([[0, 1], 1]);
    await world.audit.append(aRecord({ log }));
    await world.settle();
    const { treeSize } = first;
    const rest = await world.rowsOf(BUYER, { log, limit: 9, after: first.next ?? 0, treeSize });
    expect([rest.rows.map((row) => row.index), rest.next, rest.treeSize]).toEqual([[2, 3, 4], null, 5]);
  });
  it('about a tree that was never signed, or a leaf outside it, is malformed', async () => {
    expect(await world.query(BUYER, { log, treeSize: 3 })).toMatchObject({ refusal: { code: 'malformed' } });
    const outside = { organisation: BUYER, log, indexes: [99] };
    expect(await world.ask(ProveAudit, outside)).toMatchObject({
      refusal: { code: 'malformed' },
    });
  });
  it('about a log without a checkpoint has an empty answer of tree 0', async () => {
    const empty = await world.anAgreement();
    expect(await world.rowsOf(BUYER, { log: empty })).toMatchObject({ treeSize: 0, checkpoint: '', rows: [] });
  });
});
