import { type AuditAnswer, agentFrame } from '@interlock/contracts';
import { type Act, type Beat, type EvidenceRecord, evidenceOf, type StatusList } from '@interlock/domain';
import {
  appendLeaves,
  digestOf,
  digestOfActs,
  emptyFrontier,
  encodeBase64,
  frontierRoot,
  parseCheckpoint,
  signed,
} from '@interlock/proof';
import type { Holder } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aBroker, type Broker } from './a-broker.js';
import { call, ok, proofFor, TestChannel, until } from './a-caller.js';
import { factsGoByTheBroker } from './facts.js';
import { type Agreed, agreed, anId, aPartnership, BUYER, publishBoth, VENDOR } from './two-companies.js';

describe('the channel', () => {
  let broker: Broker;
  let pair: Agreed;
  let gateway: TestChannel;
  let buyer: TestChannel;
  let vendor: TestChannel;
  beforeAll(async () => {
    broker = await aBroker();
    const who = await aPartnership(Date.now());
    await publishBoth(broker, who);
    gateway = await TestChannel.open(broker, who.gateway.signer);
    buyer = await TestChannel.open(broker, who.buyerAgent.signer);
    vendor = await TestChannel.open(broker, who.vendorAgent.signer);
    pair = await agreed(broker, who);
  });
  afterAll(async () => {
    for (const channel of [gateway, buyer, vendor]) channel?.close();
    await broker?.stop();
  });

  const aBeat = async (by: Holder, over: Partial<Beat> = {}) => {
    const issuedAt = Date.now();
    const organisation = by.signer.organisation;
    const list: StatusList = {
      typ: 'status-list',
      v: 1,
      organisation,
      agreementId: pair.agreement.id,
      sequence: 1,
      invalid: [],
      issuedAt: 1,
      expiresAt: issuedAt + 3_600_000,
    };
    const company = organisation === BUYER ? pair.who.buyer : pair.who.vendor;
    const beat: Beat = {
      typ: 'beat',
      v: 1,
      organisation,
      epoch: 1,
      receiver: { organisation: pair.who.buyer.organisation, id: pair.who.gateway.id },
      nonce: null,
      agreementId: pair.agreement.id,
      agreement: digestOf(pair.agreement),
      entity: digestOf(company.entity.document),
      acts: digestOfActs([]),
      status: digestOf(list),
      checkpoint: null,
      issuedAt,
      ...over,
    };
    return {
      t: 'beat',
      beat: await signed(beat, by.signer, issuedAt),
      statusList: await signed(list, by.signer, issuedAt),
    };
  };

  it('carries a gateway’s nonce to the agents of all parties, and their beats back with the status list', async () => {
    const nonce = 'nonce-of-this-boot-1';
    gateway.send({ t: 'nonce', agreementId: pair.agreement.id, nonce });
    const receiver = { organisation: BUYER, id: pair.who.gateway.id };
    for (const [agent, by] of [
      [buyer, pair.who.buyerAgent],
      [vendor, pair.who.vendorAgent],
    ] as const) {
      const asked = agentFrame.parse(await agent.next((frame) => frame.t === 'nonce' && frame.nonce === nonce));
      expect(asked).toEqual({ t: 'nonce', agreementId: pair.agreement.id, receiver, nonce });
      const frame = await aBeat(by, { nonce });
      agent.send(frame);
      const got = await gateway.next(({ t, beat }) => t === 'beat' && digestOf(beat) === digestOf(frame.beat));
      expect(got).toEqual(frame);
    }
    await until(async () => {
      const standing = await ok<{ statusLists: unknown[] }>(
        call(broker, pair.who.gateway.signer, 'GET', `/v1/agreements/${pair.agreement.id}/standing`),
      );
      return standing.statusLists.length === 2;
    });
  });

  it('carries no beat of somebody else, nor one that nobody signed', async () => {
    const before = gateway.frames.length;
    vendor.send(await aBeat(pair.who.buyerAgent));
    const forged = await aBeat(pair.who.vendorAgent);
    vendor.send({ ...forged, beat: { ...forged.beat, document: { ...forged.beat.document, epoch: 2 } } });
    vendor.send(await aBeat(pair.who.vendorAgent, { receiver: { organisation: VENDOR, id: 'nobody' as never } }));
    const [own, foreign] = [await aBeat(pair.who.vendorAgent), await aBeat(pair.who.buyerAgent)];
    vendor.send({ ...own, statusList: foreign.statusList });
    const good = await aBeat(pair.who.vendorAgent, { issuedAt: Date.now() + 1 });
    vendor.send(good);
    await gateway.next(({ t, beat }) => t === 'beat' && digestOf(beat) === digestOf(good.beat));
    const beats = gateway.frames.slice(before).filter((frame) => frame.t === 'beat');
    expect(beats).toEqual([good]);
  });

  it('brings what a company says of its own to every gateway of the agreement, and keeps the newest for who comes later', () =>
    factsGoByTheBroker(broker, pair, gateway));

  it('brings certificates that were published since', async () => {
    const newcomer = await pair.who.buyer.holder('person', 'third-approver', ['approve']);
    const certificates = [newcomer.certificate];
    await ok(call(broker, pair.who.buyerAgent.signer, 'PUT', '/v1/certificates', { certificates }));
    await gateway.next(({ t, standing }) => {
      const held = t === 'standing' ? (standing as { certificates: { document: unknown }[] }).certificates : [];
      return held.some((one) => digestOf(one.document) === digestOf(newcomer.certificate.document));
    });
  });

  it('greets whoever comes back with what he missed', async () => {
    gateway.close();
    const suspend: Act = {
      typ: 'act',
      v: 1,
      verb: 'suspend',
      organisation: pair.who.vendor.organisation,
      agreementId: pair.agreement.id,
      target: { kind: 'agreement', id: pair.agreement.id },
      reason: 'while the gateway was away',
      lifts: null,
      sequence: 1,
      previous: null,
      issuedAt: Date.now(),
    };
    const by = pair.who.vendorAgent.signer;
    await ok(call(broker, by, 'POST', '/v1/acts', { act: await signed(suspend, by, Date.now()) }));
    gateway = await TestChannel.open(broker, pair.who.gateway.signer);
    const { standing } = await gateway.next((frame) => frame.t === 'standing');
    expect((standing as { acts: { document: unknown }[] }).acts.map((act) => digestOf(act.document))).toEqual([
      digestOf(suspend),
    ]);
  });

  describe('evidence', () => {
    const aRecord = (over: Partial<EvidenceRecord> = {}): EvidenceRecord => ({
      ...evidenceOf(`${BUYER}/${pair.who.gateway.id}`, anId('evd'), {
        ...{ log: pair.agreement.id, kind: 'gateway.started', outcome: 'change', at: Date.now() },
        organisation: pair.who.buyer.organisation,
      }),
      ...over,
    });
    const deliver = (records: readonly EvidenceRecord[]) =>
      call(broker, pair.who.gateway.signer, 'POST', '/v1/evidence', { records });

    it('of a gateway is in the log once, with a proof, however often it is delivered', async () => {
      const records = [aRecord(), aRecord()];
      const ids = records.map((record) => record.id);
      for (const _time of [1, 2]) {
        expect(await ok(deliver(records))).toEqual({ accepted: ids, parked: [] });
      }
      const query = `/v1/audit/events?log=${pair.agreement.id}&kind=gateway.started`;
      await until(async () => {
        const { rows } = await ok<AuditAnswer>(call(broker, pair.who.vendorAgent.signer, 'GET', query));
        return rows.length === 2 && rows.every((row) => ids.includes(row.record.id) && row.proof.length > 0);
      });
      const checkpoint = await ok<{ treeSize: number }>(
        call(broker, pair.who.buyerAgent.signer, 'GET', `/v1/audit/checkpoint?log=${pair.agreement.id}`),
      );
      const { consistency } = await ok<{ consistency: string[] }>(
        call(broker, pair.who.buyerAgent.signer, 'GET', `/v1/audit/consistency?log=${pair.agreement.id}&from=1`),
      );
      expect([checkpoint.treeSize > 2, consistency.length > 0]).toEqual([true, true]);
      const counts = await ok<{ facets: unknown }>(
        call(broker, pair.who.buyerAgent.signer, 'GET', query.replace('events', 'counts')),
      );
      expect(counts.facets).toMatchObject({ kind: [{ value: 'gateway.started', count: 2 }] });
    });

    it('lies in a log that any reader of tlog-tiles can rebuild', async () => {
      const file = async (path: string) => {
        const target = `/v1/logs/${pair.agreement.id}/${path}`;
        const authorization = await proofFor(broker, pair.who.vendorAgent.signer, 'GET', target);
        const response = await fetch(`${broker.url}${target}`, { headers: { authorization } });
        return { response, body: Buffer.from(await response.arrayBuffer()) };
      };
      const { response, body } = await file('checkpoint');
      expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      const read = parseCheckpoint(body.toString());
      if (!read.allowed) throw new Error(read.refusal.code);
      const { size, root } = read.value.checkpoint;
      const tile = await file(`tile/0/000.p/${size}`);
      expect(tile.response.headers.get('cache-control')).toContain('immutable');
      const leaves = Array.from({ length: size }, (_, at) => tile.body.subarray(32 * at, 32 * at + 32));
      expect(encodeBase64(frontierRoot(appendLeaves(emptyFrontier(), leaves)))).toBe(encodeBase64(root));
      for (const elsewhere of ['tile/0/000', `tile/entries/000.p/${size + 1}`, 'tile/9'])
        expect([elsewhere, (await file(elsewhere)).response.status]).toEqual([elsewhere, 404]);
    });

    it('in another’s name is not taken, and neither is what comes with it', async () => {
      for (const over of [{ source: `${VENDOR}/plant-gateway` }, { organisation: VENDOR }]) {
        const honest = aRecord();
        expect(await deliver([honest, aRecord(over)])).toMatchObject({ status: 400, code: 'evidence_rejected' });
        const kept = await broker.database.query('select 1 from audit.appended where id = $1', [honest.id]);
        expect(kept).toEqual([]);
      }
    });

    it('is shown to each side’s witness until it has cosigned', async () => {
      const { log, note } = agentFrame.parse(await buyer.next((frame) => frame.t === 'checkpoint')) as {
        log: string;
        note: string;
      };
      expect([log, note.includes(log)]).toEqual([pair.agreement.id, true]);
      // A line that is no cosignature changes nothing and closes nothing.
      buyer.send({ t: 'cosignature', log, size: 1, line: '— nobody AAAA\n' });
      buyer.send({ t: 'cosignature', log: 'no-log-at-all', size: 1, line: 'x' });
      await ok(call(broker, pair.who.buyerAgent.signer, 'GET', '/v1/agreements'));
      expect(buyer.closed).toBeUndefined();
    });
  });

  it('closes when the holder’s own company revokes its key, and the key calls nothing any more', async () => {
    const spare = await pair.who.buyer.holder('agent', 'spare-agent', ['call']);
    const by = pair.who.buyerAgent.signer;
    await ok(call(broker, by, 'PUT', '/v1/certificates', { certificates: [spare.certificate] }));
    const channel = await TestChannel.open(broker, spare.signer);
    const revoke: Act = {
      typ: 'act',
      v: 1,
      verb: 'revoke',
      organisation: pair.who.buyer.organisation,
      agreementId: pair.agreement.id,
      target: { kind: 'key', id: spare.signer.kid },
      reason: 'a laptop was lost',
      lifts: null,
      sequence: 2,
      previous: null,
      issuedAt: Date.now(),
    };
    await ok(call(broker, by, 'POST', '/v1/acts', { act: await signed(revoke, by, Date.now()) }));
    expect((await channel.untilClosed()).code).toBe(4_001);
    expect((await call(broker, spare.signer, 'GET', '/v1/agreements')).code).toBe('caller_unknown');
  });
});
