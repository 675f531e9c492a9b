import type { AgreementId, EvidenceRecord, Grant, LocalId, Term } from '@interlock/domain';
import { openRecord } from '@interlock/proof';
import { anAgreement } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aBroker, type Broker } from './a-broker.js';
import { call, ok, until } from './a-caller.js';
import { cosignedBy } from './ended-keys.js';
import { type RightSteps, rightSteps } from './right-steps.js';
import { type Agreed, agreed, aPartnership, BUYER, publishBoth, ROLES, VENDOR } from './two-companies.js';

const id = (text: string) => text as LocalId;

interface Decision {
  readonly decision: boolean;
  readonly context?: { readonly id?: string; readonly code?: string; readonly valid_until?: string };
}

describe('the decision point', () => {
  let broker: Broker;
  let pair: Agreed;
  let steps: RightSteps;
  let grant: Grant;
  /** The log of the agreement about each machine. */
  const logs = new Map<string, AgreementId>();
  beforeAll(async () => {
    broker = await aBroker();
    const who = await aPartnership(Date.now());
    await publishBoth(broker, who);
    pair = await agreed(broker, who);
    steps = rightSteps(broker, pair);
    logs.set('press-7', pair.agreement.id);
    grant = await aLivingGrant();
  }, 60_000);
  afterAll(() => broker?.stop());

  /** An agreement about one more machine, under which a company’s own judgement is asked for and never given. */
  async function judgedBy(machine: LocalId, term: Term): Promise<void> {
    if (logs.has(machine)) return;
    const template = anAgreement(pair.who, {}, Date.now());
    const [press] = template.resources;
    const resources = press ? [press, { ...press, id: machine }] : [];
    const { agreement } = await agreed(broker, pair.who, { resources, terms: [...template.terms, term] });
    logs.set(machine, agreement.id);
    await aLivingGrant({ resources: [{ owner: BUYER, id: machine }] }, agreement);
  }
  const saysNo = new Map([
    [
      'press-8',
      () => judgedBy(id('press-8'), { type: 'embargo', party: BUYER, issuers: [id('customs')], maxAgeSeconds: 600 }),
    ],
    [
      'press-9',
      () => judgedBy(id('press-9'), { type: 'decision-point', party: VENDOR, present: true, maxAgeSeconds: 600 }),
    ],
  ]);

  async function aLivingGrant(over: Partial<Grant> = {}, under = pair.agreement): Promise<Grant> {
    const asked = await steps.ask(over, under);
    await steps.approve(asked.grant, pair.who.approver);
    await steps.approve(asked.grant, pair.who.secondApprover);
    expect(await steps.statusOf(asked.grant)).toBe('active');
    return asked.grant;
  }
  const subject = { type: 'person', id: `${VENDOR}/technician` };
  const resource = { type: 'resource', id: `${BUYER}/press-7` };
  const action = { name: 'ssh' };
  const question = { subject, action, resource };
  const asks = (body: object, path = 'evaluation', signer = pair.who.buyerAgent.signer) =>
    call(broker, signer, 'POST', `/access/v1/${path}`, body);
  const decision = (over: object = {}) => ok<Decision>(asks({ ...question, ...over }));

  it('answers for both parties from the rights that both signed, and each answer is evidence first', async () => {
    const given = await decision();
    expect(given).toMatchObject({ decision: true, context: { id: expect.stringMatching(/^dec_/) } });
    expect(Date.parse(given.context?.valid_until ?? '')).toBe(grant.windows[0]?.to);
    expect(await ok<Decision>(asks(question, 'evaluation', pair.who.vendorAgent.signer))).toMatchObject({
      decision: true,
    });
    const rows = await broker.database.query<{ body: EvidenceRecord; opened: string[] }>(
      `select body, opened from audit.appended where body->>'correlation' = $1`,
      [given.context?.id],
    );
    expect(rows).toHaveLength(1);
    const [row] = rows;
    expect(JSON.stringify(row?.body)).not.toContain('technician');
    expect(row && openRecord(row.body, row.opened)).toMatchObject({
      value: { kind: 'decision.given', outcome: 'allow', subject: { id: 'technician' } },
    });
  });

  it.each([
    ['another action', { action: { name: 'vnc' } }, 'outside_grant'],
    ['another machine', { resource: { type: 'resource', id: `${BUYER}/press-8` } }, 'not_a_party'],
    ['a machine of nobody', { resource: { type: 'resource', id: 'nobody.example/press-7' } }, 'not_a_party'],
    ['a name that is none', { resource: { type: 'resource', id: 'PRESS 7' } }, 'not_a_party'],
    ['another type', { resource: { type: 'record', id: `${BUYER}/press-7` } }, 'not_a_party'],
    ['another kind of subject', { subject: { type: 'machine', id: `${VENDOR}/technician` } }, 'not_a_party'],
    ['a key that is none', { subject: { ...subject, properties: { key: 7 } } }, 'not_a_party'],
  ])('says no to %s', async (_what, over, code) => {
    expect(await decision(over)).toMatchObject({ decision: false, context: { code } });
  });

  it.each([
    ['a rule of the agreement', 'press-7', BUYER, 'outside_grant', BUYER, 'outside_grant'],
    ['the asker’s own embargo', 'press-8', BUYER, 'embargo_unknown', BUYER, 'embargo_unknown'],
    ['the embargo of the other', 'press-8', VENDOR, 'other_side_denied', BUYER, 'embargo_unknown'],
    ['the decision point of the other', 'press-9', BUYER, 'other_side_denied', VENDOR, 'decision_point_unknown'],
  ])('says why %s said no to its company alone: a code fit for the asker, and in full in the log', async (...row) => {
    const [, machine, asker, heard, whose, inFull] = row;
    await saysNo.get(machine)?.();
    const over = { ...question, resource: { ...resource, id: `${BUYER}/${machine}` } };
    const about = machine === 'press-7' ? { ...over, action: { name: 'vnc' } } : over;
    const sides = new Map([
      [VENDOR, pair.who.vendorAgent.signer],
      [BUYER, pair.who.buyerAgent.signer],
    ]);
    const { decision: yes, context } = await ok<Decision>(asks(about, 'evaluation', sides.get(asker)));
    expect([yes, context?.code]).toEqual([false, heard]);
    type Rows = { rows: { index: number; record: EvidenceRecord; opened?: string[] }[] };
    for (const [company, signer] of sides) {
      const target = `/v1/audit/events?log=${logs.get(machine)}&correlation=${context?.id}`;
      await until(async () => (await ok<Rows>(call(broker, signer, 'GET', target))).rows.length === 1);
      const { rows } = await ok<Rows>(call(broker, signer, 'GET', target));
      const opened = openRecord(rows[0]?.record as EvidenceRecord, rows[0]?.opened);
      const logged = inFull === 'outside_grant' ? inFull : 'other_side_denied';
      expect(opened).toMatchObject({ value: { code: logged, belongsTo: whose } });
      const explained = opened.allowed ? opened.value.explanation : undefined;
      expect(explained).toEqual(company === whose ? expect.stringContaining(inFull) : undefined);
      if (company !== whose && logged !== inFull) expect(JSON.stringify(rows)).not.toContain(inFull);
    }
  });

  it('answers alike with the roles swapped: the vendor owns and approves, the buyer’s person comes', async () => {
    const machine = { owner: BUYER as Grant['resources'][number]['owner'], id: id('press-10') };
    const resources = anAgreement(pair.who).resources.flatMap((press) => [press, { ...press, ...machine }]);
    const swapped = await agreed(broker, pair.who, { resources, ...ROLES[1]?.[1](pair.who) });
    expect(swapped.agreement.parties.map(({ organisation, role }) => [organisation, role])).toContainEqual([
      BUYER,
      'vendor',
    ]);
    const own = await aLivingGrant({ resources: [machine] }, swapped.agreement);
    const about = { ...question, resource: { ...resource, id: `${BUYER}/press-10` } };
    for (const { signer } of [pair.who.buyerAgent, pair.who.vendorAgent])
      expect(await ok<Decision>(asks(about, 'evaluation', signer))).toMatchObject({ decision: true });
    const no = async (over: object) => (await decision({ ...about, ...over })).context?.code;
    expect(await no({ action: { name: 'vnc' } })).toBe('outside_grant');
    expect(await no({ subject: { ...subject, id: `${VENDOR}/apprentice` } })).toBe('not_a_party');
    const { results } = await ok<{ results: unknown[] }>(
      asks({ ...about, subject: { type: 'person' } }, 'search/subject'),
    );
    expect(results).toEqual([subject]);
    expect((await steps.handIn({ target: { kind: 'grant', id: own.id } }, swapped.agreement)).status).toBe(200);
    expect(await decision(about)).toMatchObject({ decision: false });
  });

  it('answers batches and searches by the same rule', async () => {
    const items = [{}, { action: { name: 'vnc' } }, {}];
    const batch = await ok<{ evaluations: Decision[] }>(asks({ ...question, evaluations: items }, 'evaluations'));
    expect(batch.evaluations.map((one) => one.decision)).toEqual([true, false, true]);
    const first = { ...question, evaluations: items, options: { evaluations_semantic: 'deny_on_first_deny' } };
    expect((await ok<{ evaluations: Decision[] }>(asks(first, 'evaluations'))).evaluations).toHaveLength(2);
    const found = async (path: string, body: object) =>
      (await ok<{ results: unknown[] }>(asks(body, `search/${path}`))).results;
    expect(await found('subject', { ...question, subject: { type: 'person' } })).toEqual([subject]);
    expect(await found('subject', { ...question, subject: { type: 'machine' } })).toEqual([]);
    expect(await found('resource', { ...question, resource: { type: 'resource' } })).toEqual([resource]);
    expect(await found('action', { subject, resource })).toEqual([action]);
    expect(await found('action', { subject, resource: { type: 'resource', id: `${BUYER}/press-8` } })).toEqual([]);
  });

  it('asks who calls first: strangers and persons get no decision', async () => {
    expect((await call(broker, null, 'POST', '/access/v1/evaluation', question)).status).toBe(401);
    expect((await call(broker, pair.who.technician.signer, 'POST', '/access/v1/evaluation', question)).status).toBe(
      401,
    );
  });

  it('takes a right that came a moment ago, and never gives a yes after a revocation was taken', async () => {
    const second = await aLivingGrant({ actions: ['ssh' as LocalId], purpose: 'repair' as LocalId });
    expect((await steps.handIn({ target: { kind: 'grant', id: grant.id } })).status).toBe(200);
    expect(await decision()).toMatchObject({ decision: true });
    expect((await steps.handIn({ target: { kind: 'grant', id: second.id }, sequence: 2 })).status).toBe(200);
    expect((await decision()).decision).toBe(false);
  });

  it('counts what an ended key signed before its end, by the proof that the log has', async () => {
    const { approver, buyer, buyerAgent } = pair.who;
    const witness = await buyer.holder('witness', 'witness', ['witness']);
    await ok(call(broker, buyerAgent.signer, 'PUT', '/v1/certificates', { certificates: [witness.certificate] }));
    await aLivingGrant();
    expect((await decision()).decision).toBe(true);
    const since = Date.now() - 30_000;
    const target = { kind: 'key' as const, id: approver.signer.kid, ended: { how: 'retired' as const, since } };
    expect((await steps.handIn({ target, sequence: 3 })).status).toBe(200);
    await until(async () => !(await decision()).decision);
    await cosignedBy(broker, pair, witness, since - 30_000);
    await until(async () => (await decision()).decision);
  });

  it('follows a suspension of the agreement, which another service holds', async () => {
    await aLivingGrant();
    expect((await decision()).decision).toBe(true);
    expect((await steps.handIn({ verb: 'suspend', sequence: 4 })).status).toBe(200);
    await until(async () => !(await decision()).decision);
  });
});
