import { readCompany } from '@interlock/company-side';
import { auditFilter } from '@interlock/contracts';
import { type AgreementId, evidenceOf, type LocalId, type OrganisationId } from '@interlock/domain';
import {
  digestOf,
  keyObjectOf,
  parseNote,
  parseSignatureLine,
  rawEd25519,
  verifyCosignature,
  witnessNoteKey,
} from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SmallLog } from '../../test/small-log.js';
import { approvedGrant, BUYER, get, post, programOf, until, VENDOR, type World, world } from '../../test/world.js';

jest.setTimeout(60_000);

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w?.close());

const ask = (log: SmallLog, oldSize: number, more: object = {}) =>
  w.broker.send(BUYER, {
    t: 'checkpoint',
    log: log.name,
    note: log.note(),
    oldSize,
    proof: log.since(oldSize),
    ...more,
  });

const answers = (log: SmallLog) =>
  w.broker.frames.filter(({ from, frame }) => from === BUYER && frame.t === 'cosignature' && frame.log === log.name);

function witnessKey(dir: string, organisation: OrganisationId) {
  const held = readCompany(dir).certificates.find(({ document }) => document.holder.kind === 'witness');
  const key = witnessNoteKey(organisation, rawEd25519(keyObjectOf(held?.document.key as never)));
  if (!key.allowed) throw new Error(key.refusal.code);
  return key.value;
}

const newLog = (letter: string) => new SmallLog(`agr_${letter.repeat(26)}`, w.logKey);

describe('a witness', () => {
  it('cosigns a log that only grows, across a restart, and the cosignature verifies', async () => {
    const log = newLog('a').add(1, 2, 3);
    ask(log, 0);
    await until(() => answers(log).length === 1);
    await w.restart(w.buyer);
    log.add(4, 5);
    ask(log, 3);
    await until(() => answers(log).length === 2);
    const { frame } = answers(log)[1] ?? {};
    const line = parseSignatureLine(String(frame?.line));
    const note = parseNote(log.note());
    if (!line.allowed || !note.allowed) throw new Error('not a cosignature');
    expect(frame?.size).toBe(5);
    expect(verifyCosignature(note.value.text, line.value, witnessKey(w.buyer.dir, BUYER))).toMatchObject({
      allowed: true,
    });
  });

  it('never cosigns a second history, a shrunken one, or a log it has no key of', async () => {
    const log = newLog('b').add(1, 2, 3, 4);
    ask(log, 0);
    await until(() => answers(log).length === 1);
    const forked = newLog('b').add(1, 2, 3, 'other');
    ask(forked, 4);
    ask(newLog('b').add(1, 2), 0);
    ask(forked.add(5), 4);
    ask(newLog('b').add(1, 2, 3, 4, 5), 4, { note: newLog('c').add(1).note() });
    // The honest continuation is answered after all of them, so nothing else is still on its way.
    log.add(5);
    ask(log, 4);
    await until(() => answers(log).some(({ frame }) => frame.size === 5));
    expect(answers(log).map(({ frame }) => frame.size)).toEqual([4, 5]);
  });

  it('tells a broker that lost its memory what it saw last, so that it can prove from there', async () => {
    const log = newLog('d').add(1, 2, 3);
    ask(log, 0);
    await until(() => answers(log).length === 1);
    log.add(4);
    ask(log, 0);
    await until(() => answers(log).length === 2);
    expect(answers(log)[1]?.frame.size).toBe(3);
    ask(log, 3);
    await until(() => answers(log).some(({ frame }) => frame.size === 4));
  });
});

describe('the audit view', () => {
  const record = (n: number, log: string) =>
    evidenceOf('broker/grants', `evd_${String(n).padStart(26, '0')}`, {
      ...{ log: log as AgreementId, kind: 'session.opened', outcome: 'allow', at: Date.now(), organisation: VENDOR },
      subject: { organisation: VENDOR, kind: 'person', id: 'technician' as LocalId },
      resource: { owner: BUYER, id: 'press-7' as LocalId },
      ...{ clause: 'remote-service', approvers: ['first-approver', 'second-approver'] as LocalId[] },
    });

  it('is replayed against a draft, which says what would turn and by which term', async () => {
    const { id } = w.agreement;
    const { document } = await approvedGrant(w);
    const opened = { ...record(1, id), grant: digestOf(document) };
    const refused = { ...record(2, id), kind: 'session.refused', outcome: 'deny', code: 'lease_over' };
    const log = new SmallLog(id, w.logKey).add(opened, refused);
    const answer = (asked: URLSearchParams) => {
      const filter = auditFilter.parse(Object.fromEntries(asked));
      const rows = [opened, refused].flatMap((one, index) =>
        one.kind === filter.kind ? [{ index, record: one, proof: log.included(index) }] : [],
      );
      return { filter, treeSize: 2, checkpoint: log.cosigned(w.vendor, w.buyer), rows, next: null };
    };
    w.broker.audit = Object.assign(answer, { treeSize: 2 });
    const bearer = { authorization: `Bearer ${await programOf(w.buyer, 'architect')}` };
    const simulated = async (draft: object) =>
      post(`${w.buyer.origin}/simulations`, { draft: { ...w.agreement, version: 2, ...draft }, from: 0 }, bearer);
    expect((await simulated({})).body).toMatchObject({ replayed: 3, unchanged: 2, changes: [], unexplained: [{}] });
    const terms = w.agreement.terms.map((term) =>
      term.type === 'remote-service' ? { ...term, purposes: ['audit'] } : term,
    );
    const turned = { from: 'permit', to: 'deny', code: 'purpose_not_agreed', term: 'remote-service' };
    expect((await simulated({ terms })).body).toMatchObject({
      unchanged: 0,
      changes: [
        { what: 'grant', id: document.id, ...turned },
        { what: 'session', id: opened.id, ...turned },
      ],
      unexplained: [{ id: refused.id, code: 'lease_over' }],
    });
    expect((await simulated({ terms: [{ type: 'moon-phase' }] })).body).toMatchObject({
      code: 'term_without_evaluator',
    });
    expect((await simulated({ id: document.id.replace('grt', 'agr') })).body).toMatchObject({ code: 'not_a_party' });
    expect((await simulated({ terms: 'none' })).body).toMatchObject({ code: 'malformed' });
  });

  it('shows rows that are in the log, and refuses the whole answer for one altered row', async () => {
    const id: AgreementId = w.agreement.id;
    const records = [record(1, id), record(2, id), record(3, id)];
    const log = new SmallLog(id, w.logKey).add(...records);
    const rows = [0, 2].map((index) => ({ index, record: records[index], proof: log.included(index) }));
    const both = [w.vendor, w.buyer] as const;
    const filter = { log: id, limit: 200, treeSize: 3 };
    const answer = { filter, treeSize: 3, checkpoint: log.cosigned(...both), rows, next: null };
    const token = await programOf(w.buyer, 'auditor');
    const question = `${w.buyer.origin}/api/audit?log=${id}`;
    w.broker.audit = answer;
    expect(await get(question, token)).toMatchObject({
      status: 200,
      body: { size: 3, rows: [{ index: 0 }, { index: 2 }], cosigned: { length: 2 } },
    });
    w.broker.audit = { ...answer, checkpoint: log.cosigned(w.vendor) };
    expect(await get(question, token)).toMatchObject({ body: { code: 'not_cosigned' } });
    const altered = rows.map((row) => ({ ...row, record: { ...row.record, approvers: ['nobody'] } }));
    const lies = [
      { ...answer, rows: altered },
      { ...answer, rows: rows.map((row) => ({ ...row, index: row.index + 1 })) },
      { ...answer, treeSize: 4 },
      { ...answer, checkpoint: new SmallLog('operator', w.logKey).add(1).cosigned(...both) },
      { ...answer, filter: { ...filter, resource: 'press-8' } },
    ];
    for (const lie of lies) {
      w.broker.audit = lie;
      expect((await get(question, token)).body).toMatchObject({
        code: expect.stringMatching(/evidence_rejected|checkpoint_wrong_origin/),
      });
    }
    ask(log, 0);
    await until(() => answers(log).length === 1);
    const forked = new SmallLog(id, w.logKey).add(records[0], records[1], record(9, id));
    w.broker.audit = {
      ...answer,
      checkpoint: forked.cosigned(...both),
      rows: [{ index: 0, record: records[0], proof: forked.included(0) }],
    };
    expect(await get(question, token)).toMatchObject({ body: { code: 'evidence_rejected', clause: 'checkpoint' } });
  });
});
