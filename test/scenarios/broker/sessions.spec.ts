import { connectToBus, Requests } from '@interlock/chassis';
import { askSession, type ChainDocuments, chainDocuments, OpenSession } from '@interlock/contracts';
import type { Act, AgreementId, Verdict } from '@interlock/domain';
import type { Signer } from '@interlock/proof';
import { digestOf, signed } from '@interlock/proof';
import { anAgreement, type Holder } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aBroker, type Broker } from './a-broker.js';
import { call, type Frame, ok, TestChannel, until } from './a-caller.js';
import { aFlow, carrying, cosignedBy, entering, standingOf } from './ended-keys.js';
import { machineBySvid } from './machine-by-svid.js';
import { refusalsOf, saysOf } from './refused-sessions.js';
import { type RightSteps, rightSteps } from './right-steps.js';
import {
  type Agreed,
  aConnector,
  agreed,
  anId,
  aPartnership,
  aSessionAsk,
  BUYER,
  granted,
  publishBoth,
  ROLES,
} from './two-companies.js';

describe('sessions', () => {
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

  describe('a session', () => {
    it('is for the key that the login proof names, for its grant, inside what was granted', async () => {
      const [grant, other] = [await granted(broker, pair), await granted(broker, pair)];
      const mine = await aConnector(pair.who, grant.id);
      const thief = await aConnector(pair.who, grant.id);
      const stolen = await steps.open(
        grant,
        {},
        Promise.resolve({ signer: thief.signer, loginProof: mine.loginProof }),
      );
      expect([stolen.status, stolen.code]).toEqual([401, 'caller_unknown']);
      expect((await steps.open(other, {}, Promise.resolve(mine))).code).toBe('proof_of_other_grant');
      expect((await steps.open(grant, { action: 'vnc' })).code).toBe('outside_grant');
      expect((await steps.open(grant, { resource: { owner: BUYER, id: 'press-8' } })).code).toBe('outside_grant');
      expect((await steps.open(grant, {}, aConnector(pair.who, grant.id, 'apprentice'))).code).toBe('outside_grant');
      expect((await steps.open(grant, {}, Promise.resolve(mine))).status).toBe(200);
    });

    it('is opened by a machine that shows an X.509-SVID of its company, and by nobody who only saw it', async () => {
      const { grant, holder, thief } = await machineBySvid(broker, pair.who);
      expect((await steps.open(grant, {}, Promise.resolve(thief))).code).toBe('caller_unknown');
      expect((await steps.open(grant, {}, Promise.resolve(holder))).status).toBe(200);
    });

    it('is opened five times by one login proof, however many ask at once', async () => {
      const grant = await granted(broker, pair);
      const connector = aConnector(pair.who, grant.id);
      const answers = await Promise.all(Array.from({ length: 9 }, () => steps.open(grant, {}, connector)));
      const codes = answers.map((answered) => answered.code ?? 'allowed').sort();
      expect(codes).toEqual([...Array(5).fill('allowed'), ...Array(4).fill('proof_used_up')]);
    });

    it('shows its chain to the subjects of the grant, and to nobody else of their company', async () => {
      const grant = await granted(broker, pair);
      const chainFor = async (signer: Signer, shown: Record<string, string> = {}) =>
        (await call(broker, signer, 'GET', `/v1/grants/${grant.id}/chain`, undefined, shown)).code ?? 'shown';
      const named = await aConnector(pair.who, grant.id);
      const colleague = await aConnector(pair.who, grant.id, 'apprentice');
      expect(await chainFor(named.signer, { 'interlock-login-proof': named.loginProof })).toBe('shown');
      expect(await chainFor(colleague.signer, { 'interlock-login-proof': colleague.loginProof })).toBe('not_a_party');
      expect(await chainFor(workload.signer)).toBe('not_a_party');
    });

    it('is refused by the service itself where the edge would name another key than the proof', async () => {
      const grant = await granted(broker, pair);
      const { loginProof } = await aConnector(pair.who, grant.id);
      const bus = await connectToBus({ url: broker.nats.urlFor('federation-api'), service: 'federation-api' });
      const caller = {
        organisation: pair.who.vendor.organisation,
        kind: 'person' as const,
        id: 'technician' as never,
        thumbprint: workload.signer.kid,
      };
      const ask = askSession.parse(aSessionAsk(grant, loginProof));
      const reply = await new Requests(bus, 'federation-api', 20_000).ask(OpenSession, { caller, ask }, { key: 'one' });
      expect(reply).toMatchObject({ allowed: false, refusal: { code: 'not_the_holder' } });
      await bus.close();
    });

    it('that is refused again and again fills no log', async () => {
      const { grant } = await steps.ask();
      const connector = aConnector(pair.who, grant.id);
      const codes = await Promise.all(Array.from({ length: 12 }, () => steps.open(grant, {}, connector)));
      expect(new Set(codes.map((answered) => answered.code))).toEqual(new Set(['signature_missing']));
      const counts = async () => {
        const rows = await broker.database.query<{ count: string }>(
          `select body ->> 'count' as count from audit.appended where body ->> 'kind' = 'session.refused'
             and body ->> 'grant' = $1 order by position`,
          [digestOf(grant)],
        );
        return rows.map((row) => Number(row.count));
      };
      expect(await counts()).toEqual([1, 1, 1, 1, 1]);
      await until(async () => (await counts()).length === 6);
      expect((await counts()).reduce((sum, count) => sum + count)).toBe(12);
    });

    it('is not opened outside its window, nor where nobody approved', async () => {
      const later = await granted(broker, pair, {
        windows: [{ from: Date.now() + 3_600_000, to: Date.now() + 7_200_000 }],
      });
      expect((await steps.open(later)).code).toBe('outside_window');
      expect((await steps.open((await steps.ask()).grant)).code).toBe('signature_missing');
    });

    it('is offered to a gateway that is there, or to none', async () => {
      const grant = await granted(broker, pair);
      gateway.close();
      const deadline = Date.now() + 5_000;
      let answered = await steps.open(grant);
      while (answered.status === 200 && Date.now() < deadline) answered = await steps.open(grant);
      expect([answered.status, answered.code]).toEqual([503, 'gateway_not_connected']);
      gateway = await TestChannel.open(broker, pair.who.gateway.signer);
      expect((await steps.open(grant)).status).toBe(200);
    });

    it('of a workload is opened by its certified key, and by no person’s', async () => {
      const subjects = [
        { organisation: pair.who.vendor.organisation, kind: 'workload' as const, id: 'line-control' as never },
      ];
      const grant = await granted(broker, pair, { subjects });
      const byKey = (holder: Holder) => call(broker, holder.signer, 'POST', '/v1/sessions', aSessionAsk(grant, null));
      const { session } = await ok<{ session: string }>(byKey(workload));
      await gateway.next((frame) => frame.t === 'offer' && frame.session === session && frame.loginProof === null);
      expect((await steps.open(grant)).code).toBe('outside_grant');
      expect((await byKey(pair.who.buyerAgent)).code).toBe('caller_not_allowed');
    });

    it('ends with its person, its session or its agreement', async () => {
      const own = await agreed(broker, pair.who);
      const grant = await granted(broker, own);
      expect((await steps.open(grant)).status).toBe(200);
      const person = { kind: 'person' as const, id: 'technician' as never };
      // Only the technician's own company can take the technician away.
      expect((await steps.handIn({ target: person }, own.agreement)).status).toBe(200);
      expect((await steps.open(grant)).status).toBe(200);
      // An order to lock out a gateway is brought to it, and kept from nobody; whether it holds is the gateway's to say.
      const target = { kind: 'gateway' as const, id: pair.who.gateway.id };
      expect((await steps.handIn({ target }, own.agreement)).code).toBe('malformed');
      expect((await steps.handIn({ verb: 'suspend', target }, own.agreement)).status).toBe(200);
      await gateway.next((frame) => frame.t === 'act' && JSON.stringify(frame).includes('"kind":"gateway"'));
      expect((await steps.open(grant)).status).toBe(200);
      expect((await steps.handIn({ verb: 'suspend' }, own.agreement)).status).toBe(200);
      expect((await steps.open(grant)).code).toBe('taken_away');
      const other = await agreed(broker, pair.who);
      const second = await granted(broker, other);
      expect((await steps.handIn({ target: person }, other.agreement, pair.who.vendorAgent)).status).toBe(200);
      expect((await steps.open(second)).code).toBe('taken_away');
    });

    it.each([
      ['the owner', 'buyerAgent'],
      ['the subject’s company', 'vendorAgent'],
    ] as const)('is the buyer’s where the vendor owns and approves, and is cut by %s all the same', async (_, by) => {
      const own = await agreed(broker, pair.who, ROLES[1]?.[1](pair.who));
      const asked = await steps.ask({}, own.agreement);
      expect((await steps.open(asked.grant)).code).toBe('signature_missing');
      for (const holder of [pair.who.approver, pair.who.secondApprover]) await steps.approve(asked.grant, holder);
      const { session } = (await steps.open(asked.grant)).body as { session: string };
      await gateway.next((frame) => frame.t === 'offer' && frame.session === session);
      const target = { kind: 'grant' as const, id: asked.grant.id };
      expect((await steps.handIn({ target }, own.agreement, pair.who[by])).status).toBe(200);
      expect((await steps.open(asked.grant)).code).toBe('taken_away');
    });

    it('goes on whatever is handed in by a key that may not take away or judge', async () => {
      const grant = await granted(broker, pair);
      const { buyer, buyerAgent, approver } = pair.who;
      const signedBy = async (target: Act['target']) => {
        const document: Act = {
          typ: 'act',
          v: 1,
          verb: 'revoke',
          organisation: buyer.organisation,
          agreementId: pair.agreement.id,
          target,
          reason: 'an approver is not the writer of acts',
          lifts: null,
          sequence: 1,
          previous: null,
          issuedAt: Date.now(),
        };
        const act = await signed(document, approver.signer, Date.now());
        return (await call(broker, buyerAgent.signer, 'POST', '/v1/acts', { act })).code;
      };
      expect(await signedBy({ kind: 'grant', id: grant.id })).toBe('wrong_purpose');
      expect(await signedBy({ kind: 'person', id: 'technician' as never })).toBe('wrong_purpose');
      const verdict: Verdict = {
        typ: 'verdict',
        v: 1,
        kind: 'embargo',
        organisation: buyer.organisation,
        grant: digestOf(grant),
        outcome: 'blocked',
        snapshot: digestOf('list of nobody'),
        issuedAt: Date.now(),
        expiresAt: Date.now() + 60_000,
      };
      const forged = { verdict: await signed(verdict, approver.signer, Date.now()) };
      expect((await call(broker, buyerAgent.signer, 'POST', '/v1/verdicts', forged)).code).toBe('wrong_purpose');
      expect((await steps.open(grant)).status).toBe(200);
    });

    it('waits for the verdict that the agreement asks for, hears that the other side said no, and reads the newest', async () => {
      const { terms: before } = anAgreement(pair.who, {}, Date.now());
      const terms = [...before, { type: 'embargo', party: BUYER, issuers: ['customs'], maxAgeSeconds: 600 }];
      const own = await agreed(broker, pair.who, { id: anId<AgreementId>('agr'), terms });
      const grant = await granted(broker, own);
      // The lists are the buyer's: the vendor's person hears that much, the log tells the rest to the buyer alone.
      expect(JSON.stringify((await steps.open(grant)).body)).toMatch(/^(?!.*embargo).*other_side_denied/);
      expect(await refusalsOf(broker, own)).toEqual([['other_side_denied', BUYER, `embargo_unknown embargo ${BUYER}`]]);
      const say = saysOf(broker, pair, grant);
      const now = Date.now();
      await say('clear', now - 1_000);
      await gateway.next((frame) => frame.t === 'verdict');
      expect((await steps.open(grant)).status).toBe(200);
      for (const [outcome, at] of [
        ['blocked', now],
        ['clear', now - 500],
      ] as const)
        await say(outcome, at);
      expect((await steps.open(grant)).code).toBe('other_side_denied');
      // What came too late to count changed nothing, and left nothing.
      expect(await refusalsOf(broker, own, 'verdict.taken')).toEqual([
        ['embargo', BUYER, 'clear'],
        ['embargo', BUYER, 'blocked'],
      ]);
    });

    // The last one: a key that ended calls the broker no more.
    it('that rests on a key that ended is opened by the proof that the broker brings; what the key signs afterwards has none', async () => {
      const own = await agreed(broker, pair.who);
      const { approver, buyer, buyerAgent } = pair.who;
      const witness = await buyer.holder('witness', 'witness', ['witness']);
      await ok(call(broker, buyerAgent.signer, 'PUT', '/v1/certificates', { certificates: [witness.certificate] }));
      const before = await granted(broker, own);
      const flow = await granted(broker, own, aFlow);
      const since = Date.now() - 30_000;
      await cosignedBy(broker, own, witness, since - 30_000);
      const target = { kind: 'key' as const, id: approver.signer.kid, ended: { how: 'retired' as const, since } };
      expect((await steps.handIn({ target }, own.agreement)).status).toBe(200);
      const afterwards = await granted(broker, own);
      await cosignedBy(broker, own, witness, Date.now());

      const opened = await steps.open(before);
      expect(opened).toMatchObject({ status: 200 });
      expect((await steps.open(afterwards)).code).toBe('signature_unproven');

      const { session } = opened.body as { session: string };
      const fits = (t: string) => (frame: Frame) => frame.t === t && JSON.stringify(frame).includes(own.agreement.id);
      const act = ((await gateway.next(fits('act'))).act as { document: Act }).document;
      const offer = await gateway.next((frame) => frame.t === 'offer' && frame.session === session);
      const chain = chainDocuments.parse(offer.chain);
      const [proof] = chain.proofs ?? [];
      const brings = { leaf: offer.leaf as never, loginProof: String(offer.loginProof) };
      const enters = (proofs: ChainDocuments['proofs']) => entering(own, { ...chain, proofs }, before, act, brings);
      expect(await enters(chain.proofs)).toBe('allowed');
      expect(await enters(undefined)).toBe('signature_unproven');
      const record = { ...proof!.record, at: proof!.record.at - 1 };
      expect(await enters([{ ...proof!, record }])).toBe('signature_unproven');
      const after = await call(broker, buyerAgent.signer, 'GET', `/v1/grants/${afterwards.id}/chain`);
      expect(await enters(chainDocuments.parse(after.body).proofs ?? [])).toBe('signature_unproven');
      // A gateway holds flows by what stands in the agreement: the proofs come with that.
      const standing = await standingOf(gateway, own);
      expect(await carrying(own, standing, flow, act)).toBe('allowed');
      expect(await carrying(own, { ...standing, proofs: [] }, flow, act)).toBe('signature_unproven');
    });
  });
});
