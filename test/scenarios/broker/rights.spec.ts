import type { Grant, LocalId, MemberList } from '@interlock/domain';
import { GRANT_TRANSITIONS } from '@interlock/domain';
import { digestOf, signed } from '@interlock/proof';
import { type Holder } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { aBroker, type Broker } from './a-broker.js';
import { call, ok, TestChannel } from './a-caller.js';
import { type RightSteps, rightSteps } from './right-steps.js';
import { type Agreed, agreed, aPartnership, BUYER, granted, publishBoth } from './two-companies.js';

describe('grants', () => {
  let broker: Broker;
  let pair: Agreed;
  let steps: RightSteps;
  let gateway: TestChannel;
  let workload: Holder;
  beforeAll(async () => {
    broker = await aBroker();
    const who = await aPartnership(Date.now());
    await publishBoth(broker, who);
    workload = await who.vendor.holder('workload', 'line-control', ['subject', 'call']);
    const certificates = [workload.certificate];
    await ok(call(broker, who.vendorAgent.signer, 'PUT', '/v1/certificates', { certificates }));
    gateway = await TestChannel.open(broker, who.gateway.signer);
    pair = await agreed(broker, who);
    steps = rightSteps(broker, pair);
  }, 60_000);
  afterAll(async () => {
    gateway?.close();
    await broker?.stop();
  });

  describe('a grant', () => {
    it('needs two persons, and one who signs twice is one', async () => {
      const { grant, body } = await steps.ask();
      expect(body).toMatchObject({ status: 'asked' });
      expect((await steps.approve(grant, pair.who.approver)).body).toMatchObject({ status: 'asked' });
      expect((await steps.approve(grant, pair.who.approver)).body).toMatchObject({ status: 'asked' });
      expect((await steps.approve(grant, pair.who.secondApprover)).body).toMatchObject({ status: 'active' });
    });

    it('approved by two at the same moment is active, once', async () => {
      const { grant } = await steps.ask();
      const both = [pair.who.approver, pair.who.secondApprover].map((holder) => steps.approve(grant, holder));
      expect((await Promise.all(both)).map((answered) => answered.status)).toEqual([200, 200]);
      expect(await steps.statusOf(grant)).toBe('active');
      const facts = await broker.database.query(
        `select 1 from grants.outbox where event_name = 'grant.activated.v1' and body like '%' || $1 || '%'`,
        [grant.id],
      );
      expect(facts).toHaveLength(1);
    });

    it('counts no signature of the wrong side, of an agent or of nobody', async () => {
      const { grant } = await steps.ask();
      for (const holder of [pair.who.buyerAgent, pair.who.technician, pair.who.gateway]) {
        const answered = await steps.approve(grant, holder);
        if (holder === pair.who.technician) expect(answered.body).toMatchObject({ status: 'asked' });
        else expect(answered.code).toBe('wrong_purpose');
      }
      expect(await steps.statusOf(grant)).toBe('asked');
    });

    it.each([
      [
        'a machine that was not agreed',
        { resources: [{ owner: BUYER, id: 'press-8' as never }] },
        'resource_not_agreed',
      ],
      ['a service that was not agreed', { actions: ['vnc' as never] }, 'action_not_agreed'],
      ['no ticket', { ticket: null }, 'ticket_missing'],
      ['another purpose', { purpose: 'curiosity' as never }, 'purpose_not_agreed'],
      ['too long a window', { windows: [{ from: Date.now(), to: Date.now() + 9 * 3_600_000 }] }, 'window_too_long'],
      ['another version of the agreement', { agreement: digestOf('another') as never }, 'grant_of_other_agreement'],
    ])('that asks for %s is refused, and that is evidence', async (_what, over, code) => {
      const { grant, code: refused } = await steps.ask(over);
      expect(refused).toBe(code);
      const rows = await broker.database.query<{ code: string }>(
        `select body ->> 'code' as code from audit.appended where body ->> 'grant' = $1`,
        [digestOf(grant)],
      );
      expect(rows).toEqual([{ code }]);
    });

    it('that was denied stays denied', async () => {
      const { grant } = await steps.ask();
      const deny = () =>
        call(broker, pair.who.buyerAgent.signer, 'POST', `/v1/grants/${grant.id}/denial`, { reason: 'not today' });
      expect((await deny()).body).toMatchObject({ status: 'denied' });
      expect((await deny()).body).toMatchObject({ status: 'denied' });
      expect((await steps.approve(grant, pair.who.approver)).code).toBe('illegal_transition');
      expect((await steps.open(grant)).code).toBe('taken_away');
    });

    it('that is active is taken away by an act, not by a no', async () => {
      const grant = await granted(broker, pair);
      const target = `/v1/grants/${grant.id}/denial`;
      const denied = await call(broker, pair.who.buyerAgent.signer, 'POST', target, { reason: 'too late' });
      expect([denied.status, denied.code]).toEqual([409, 'illegal_transition']);
      expect(await steps.statusOf(grant)).toBe('active');
    });

    it('that member lists bound is asked for, signed and entered while they are here and it is on them', async () => {
      const list = (members: readonly string[], at = Date.now()): MemberList => ({
        ...{
          typ: 'member-list',
          v: 1,
          organisation: BUYER as MemberList['organisation'],
          of: 'resource',
          issuedAt: at,
        },
        ...{ agreementId: pair.agreement.id, group: 'hall-3' as LocalId, members: members as LocalId[] },
      });
      const publish = async (document: MemberList, holder: Holder = pair.who.approver) =>
        call(broker, pair.who.buyerAgent.signer, 'POST', `/v1/agreements/${pair.agreement.id}/annexes`, {
          annex: await signed(document, holder.signer, Date.now()),
        });
      const by = (document: MemberList) => ({ memberLists: { resources: digestOf(document) } });
      const hall = list(['press-7']);
      expect((await steps.ask(by(hall))).code).toBe('membership_unknown');
      expect((await publish(hall, pair.who.buyerAgent)).code).toBe('wrong_purpose');
      await ok(publish(hall));
      const other = list(['press-8']);
      await ok(publish(other));
      expect((await steps.ask(by(other))).code).toBe('not_a_member');
      const waiting = await steps.ask(by(hall));
      expect(waiting.body).toMatchObject({ status: 'asked' });
      const grant = await granted(broker, pair, by(hall));
      const target = { kind: 'member', id: 'press-7' as LocalId, list: digestOf(hall) } as const;
      // The list is the buyer's: nobody else strikes what is on it.
      await steps.handIn({ target }, pair.agreement, pair.who.vendorAgent);
      expect((await steps.open(grant)).status).toBe(200);
      await ok(steps.handIn({ target }));
      expect((await steps.open(grant)).code).toBe('taken_away');
      expect((await steps.approve(waiting.grant, pair.who.approver)).code).toBe('not_a_member');
      expect((await steps.ask(by(hall))).code).toBe('not_a_member');
    });

    it('for data brings the owner’s gateway a fresh standing with the flow in it', async () => {
      const flow = await granted(broker, pair, {
        kind: 'data-collection',
        actions: ['press-telemetry' as never],
        purpose: 'predictive-maintenance' as never,
        ticket: null,
        subjects: [{ organisation: pair.who.vendor.organisation, kind: 'workload', id: 'telemetry-pipeline' as never }],
      });
      await gateway.next(({ t, standing }) => {
        const flows = t === 'standing' ? (standing as { flows: { document: Grant }[] }).flows : [];
        return flows.some((one) => one.document.id === flow.id);
      });
    });
  });

  describe('the database of grants', () => {
    const asService = async (statement: string, organisation?: string) => {
      const client = new Client(broker.database.urlFor('grants'));
      await client.connect();
      try {
        await client.query('begin');
        if (organisation) await client.query(`select set_config('interlock.organisation', $1, true)`, [organisation]);
        return (await client.query(statement)).rows;
      } finally {
        await client.end();
      }
    };

    it('knows the same moves as the rule', async () => {
      const rows = await broker.database.query<{ from_status: string; to_status: string }>(
        `select from_status, to_status from grants.grant_moves where from_status <> 'none'`,
      );
      const inCode = Object.entries(GRANT_TRANSITIONS).flatMap(([from, to]) => to.map((one) => `${from} ${one}`));
      expect(rows.map((row) => `${row.from_status} ${row.to_status}`).sort()).toEqual(inCode.sort());
    });

    it.each([
      `update grants set status = 'asked' where status = 'active'`,
      `update grants set status = 'active' where status = 'denied'`,
      `update grants set body = '{}'`,
      `update grants set parties = '{third.example}'`,
      'delete from grants',
      `update signatures set body = '{}'`,
      'delete from acts',
      'delete from sessions',
      `insert into grant_moves values ('revoked', 'active')`,
      `insert into login_proofs (digest, jkt, uses, expires_at) values ('d', 'k', 6, 0)`,
    ])('refuses "%s" of its own service', async (statement) => {
      await expect(asService(statement, '*')).rejects.toThrow();
    });

    it('shows nothing before an organisation is named, and a stranger nothing at all', async () => {
      for (const table of ['grants', 'signatures', 'acts', 'verdicts', 'status_lists', 'sessions', 'login_proofs']) {
        expect(await asService(`select * from ${table}`)).toEqual([]);
        expect(await asService(`select * from ${table}`, 'stranger.example')).toEqual([]);
      }
      expect((await asService('select * from grants', BUYER)).length).toBeGreaterThan(0);
    });
  });
});
