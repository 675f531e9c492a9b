import type { Act } from '@interlock/domain';
import { digestOf, signDocument, signed } from '@interlock/proof';
import { Faults, type HowItBreaks } from '@interlock/testkit';
import { aGrant } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aBroker, type Broker } from './a-broker.js';
import { call, ok, TestChannel, until } from './a-caller.js';
import { type Agreed, agreed, anId, aPartnership, publishBoth } from './two-companies.js';

const WAYS: readonly HowItBreaks[] = ['is lost', 'is done but reported as failed'];

describe('when a commit', () => {
  const faults = new Faults();
  let broker: Broker;
  let pair: Agreed;
  let gateway: TestChannel;
  beforeAll(async () => {
    broker = await aBroker(faults);
    const who = await aPartnership(Date.now());
    await publishBoth(broker, who);
    gateway = await TestChannel.open(broker, who.gateway.signer);
    pair = await agreed(broker, who);
  });
  afterAll(async () => {
    gateway?.close();
    await broker?.stop();
  });

  const records = (kind: string, digest: string) =>
    broker.database.query(
      `select 1 from audit.appended where body ->> 'kind' = $1 and body::text like '%' || $2 || '%'`,
      [kind, digest],
    );
  /** Asks until the broken commits are over: what a company's agent does. */
  const persist = async (post: () => ReturnType<typeof call>) => {
    let failed = 0;
    await until(async () => {
      const answered = await post();
      if (answered.status >= 500) failed += 1;
      return answered.status < 300;
    });
    return failed;
  };

  it.each(WAYS)('of a cut %s, the cut comes through and is evidence once', async (how) => {
    for (const target of [
      { kind: 'agreement' as const, id: pair.agreement.id },
      { kind: 'person' as const, id: 'technician' as never },
    ]) {
      const document: Act = {
        typ: 'act',
        v: 1,
        verb: target.kind === 'agreement' ? 'suspend' : 'revoke',
        organisation: pair.who.buyer.organisation,
        agreementId: pair.agreement.id,
        target,
        reason: how,
        lifts: null,
        sequence: 1,
        previous: null,
        issuedAt: Date.now(),
      };
      const by = pair.who.buyerAgent.signer;
      const act = await signed(document, by, Date.now());
      const before = faults.count;
      faults.plan({ step: 'commit', how, times: 3 });
      await persist(() => call(broker, by, 'POST', '/v1/acts', { act }));
      expect(faults.count).toBeGreaterThan(before);
      await gateway.next(
        (frame) => frame.t === 'act' && digestOf((frame.act as typeof act).document) === digestOf(document),
      );
      const kind = target.kind === 'agreement' ? 'agreement.suspended' : 'session.cut';
      expect(await records(kind, digestOf(document))).toHaveLength(1);
    }
  });

  it.each(WAYS)('of a grant %s, it is asked for and active once', async (how) => {
    const own = await agreed(broker, pair.who);
    const grant = aGrant(own.agreement, { id: anId('grt') }, Date.now());
    const sign = async (signer: Parameters<typeof signDocument>[1]) => [await signDocument(grant, signer, Date.now())];
    const asked = { document: grant, signatures: await sign(pair.who.technician.signer) };
    faults.plan({ step: 'commit', how, times: 3 });
    await persist(() => call(broker, pair.who.vendorAgent.signer, 'POST', '/v1/grants', { grant: asked }));
    for (const holder of [pair.who.approver, pair.who.secondApprover]) {
      const body = { digest: digestOf(grant), signatures: await sign(holder.signer) };
      faults.plan({ step: 'commit', how, times: 3 });
      await persist(() => call(broker, pair.who.buyerAgent.signer, 'POST', `/v1/grants/${grant.id}/signatures`, body));
    }
    const read = await ok<{ status: string }>(
      call(broker, pair.who.buyerAgent.signer, 'GET', `/v1/grants/${grant.id}`),
    );
    expect(read.status).toBe('active');
    for (const [kind, times] of [
      ['grant.requested', 1],
      ['grant.approved', 2],
      ['grant.activated', 1],
    ] as const) {
      expect(await records(kind, digestOf(grant))).toHaveLength(times);
    }
  });
});
