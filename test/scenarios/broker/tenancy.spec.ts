import type { Act, AgreementId, Grant, GrantId, LocalId, SessionId, Verdict } from '@interlock/domain';
import { digestOf, type Signer, signDocument, signed } from '@interlock/proof';
import { aCompany, anAgreement, type Company, type Holder } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aBroker, type Broker } from './a-broker.js';
import { type Answer, call, ok, TestChannel } from './a-caller.js';
import {
  type Agreed,
  aConnector,
  agreed,
  anId,
  aPartnership,
  aSessionAsk,
  granted,
  publishBoth,
} from './two-companies.js';

/** What is asked for: a thing of two other companies, or one that nobody has. */
interface Things {
  readonly agreement: AgreementId;
  readonly grant: GrantId;
  readonly session: SessionId;
}

describe('a third company', () => {
  let broker: Broker;
  let pair: Agreed;
  let grant: Grant;
  let third: Company;
  let agent: Holder;
  let gateway: Holder;
  let machine: Holder;
  let theirs: Things;
  const nobodys: Things = { agreement: anId('agr'), grant: anId('grt'), session: anId('ses') };

  beforeAll(async () => {
    broker = await aBroker();
    const now = Date.now();
    const who = await aPartnership(now);
    await publishBoth(broker, who);
    pair = await agreed(broker, who);
    grant = await granted(broker, pair);
    theirs = { agreement: pair.agreement.id, grant: grant.id, session: anId('ses') };
    third = await aCompany('third-company.example', now);
    agent = await third.holder('agent', 'agent', ['login', 'beat', 'narrow', 'embargo', 'call']);
    gateway = await third.holder('gateway', 'plant-gateway', ['enforce', 'call'], { resources: ['press-7' as never] });
    machine = await third.holder('machine', 'press-7', ['subject', 'call']);
    await ok(call(broker, null, 'PUT', '/v1/entities', { entity: third.entity }));
    const certificates = [agent, gateway, machine].map((holder) => holder.certificate);
    await ok(call(broker, agent.signer, 'PUT', '/v1/certificates', { certificates }));
  }, 60_000);

  afterAll(() => broker?.stop());

  const act = async (on: Things, target: Act['target']) => {
    const document: Act = {
      typ: 'act',
      v: 1,
      verb: target.kind === 'agreement' ? 'suspend' : 'revoke',
      organisation: third.organisation,
      agreementId: on.agreement,
      target,
      reason: 'none of our business',
      lifts: null,
      sequence: 1,
      previous: null,
      issuedAt: Date.now(),
    };
    return { act: await signed(document, agent.signer, Date.now()) };
  };
  const signature = async () => [await signDocument(pair.agreement, third.agreement, Date.now())];
  const verdict = async (digest: ReturnType<typeof digestOf>) => {
    const now = Date.now();
    const document: Verdict = {
      typ: 'verdict',
      v: 1,
      kind: 'embargo',
      organisation: third.organisation,
      grant: digest,
      outcome: 'blocked',
      snapshot: digest,
      issuedAt: now,
      expiresAt: now + 60_000,
    };
    return { verdict: await signed(document, agent.signer, now) };
  };
  const foreignGrant = (on: Things): Grant => ({ ...grant, id: anId('grt'), agreementId: on.agreement });

  const anAttestation = (agreementId: AgreementId) => {
    const at = Date.now();
    const document = {
      typ: 'attestation' as const,
      v: 1 as const,
      organisation: third.organisation,
      agreementId,
      control: 'iec-62443-3-3/sr-1.1' as LocalId,
      statement: 'ours',
      evidence: [{ title: 'report', digest: digestOf('report') }],
      validFrom: at,
      validUntil: at + 60_000,
      issuedAt: at,
    };
    return signed(document, third.agreement, at);
  };
  const houseAgreement = async (id: AgreementId) => {
    const party = {
      organisation: third.organisation,
      role: 'buyer' as const,
      root: third.pin,
      entity: digestOf(third.entity.document),
    };
    const over = { id, parties: [party], house: true, resources: [], terms: [] };
    return signed(anAgreement(pair.who, over, Date.now()), third.agreement, Date.now());
  };

  type Ask = (on: Things) => Promise<readonly [Signer, string, string, unknown?]>;
  const ASKS: Readonly<Record<string, Ask>> = {
    'signs an agreement': async (on) => [
      agent.signer,
      'POST',
      `/v1/agreements/${on.agreement}/signatures`,
      { digest: digestOf(pair.agreement), signatures: await signature() },
    ],
    'hangs an annex on an agreement': async (on) => [
      agent.signer,
      'POST',
      `/v1/agreements/${on.agreement}/annexes`,
      { annex: await anAttestation(on.agreement) },
    ],
    'reads a standing': async (on) => [agent.signer, 'GET', `/v1/agreements/${on.agreement}/standing`],
    'reads a standing as a gateway': async (on) => [gateway.signer, 'GET', `/v1/agreements/${on.agreement}/standing`],
    'suspends an agreement': async (on) => [
      agent.signer,
      'POST',
      '/v1/acts',
      await act(on, { kind: 'agreement', id: on.agreement }),
    ],
    'revokes a grant': async (on) => [agent.signer, 'POST', '/v1/acts', await act(on, { kind: 'grant', id: on.grant })],
    'revokes a session': async (on) => [
      agent.signer,
      'POST',
      '/v1/acts',
      await act(on, { kind: 'session', id: on.session }),
    ],
    'hands in a verdict': async (on) => [
      agent.signer,
      'POST',
      '/v1/verdicts',
      await verdict(digestOf(on === theirs ? grant : { nothing: true })),
    ],
    'asks for a grant': async (on) => [
      agent.signer,
      'POST',
      '/v1/grants',
      { grant: await signed(foreignGrant(on), agent.signer, Date.now()) },
    ],
    'signs a grant': async (on) => [
      agent.signer,
      'POST',
      `/v1/grants/${on.grant}/signatures`,
      { digest: digestOf(grant), signatures: [await signDocument(grant, agent.signer, Date.now())] },
    ],
    'denies a grant': async (on) => [agent.signer, 'POST', `/v1/grants/${on.grant}/denial`, { reason: 'no' }],
    'reads a grant': async (on) => [agent.signer, 'GET', `/v1/grants/${on.grant}`],
    'reads a chain': async (on) => [agent.signer, 'GET', `/v1/grants/${on.grant}/chain`],
    'reads a chain as a machine': async (on) => [machine.signer, 'GET', `/v1/grants/${on.grant}/chain`],
    'opens a session': async (on) => [
      machine.signer,
      'POST',
      '/v1/sessions',
      { ...aSessionAsk(grant, null), grant: on.grant },
    ],
    'delivers evidence': async (on) => [gateway.signer, 'POST', '/v1/evidence', { records: [record(on.agreement)] }],
    'reads events': async (on) => [agent.signer, 'GET', `/v1/audit/events?log=${on.agreement}`],
    'counts events': async (on) => [agent.signer, 'GET', `/v1/audit/counts?log=${on.agreement}&by=kind`],
    'reads the checkpoint of a log': async (on) => [agent.signer, 'GET', `/v1/logs/${on.agreement}/checkpoint`],
    'reads a tile of a log': async (on) => [agent.signer, 'GET', `/v1/logs/${on.agreement}/tile/entries/000.p/1`],
    'reads a checkpoint': async (on) => [agent.signer, 'GET', `/v1/audit/checkpoint?log=${on.agreement}`],
    'reads a consistency proof': async (on) => [
      agent.signer,
      'GET',
      `/v1/audit/consistency?log=${on.agreement}&from=1`,
    ],
  };
  const record = (log: AgreementId) => ({
    v: 1,
    id: anId('evd'),
    log,
    kind: 'finding',
    outcome: 'finding',
    at: Date.now(),
    source: 'third-company.example/plant-gateway',
    organisation: 'third-company.example',
    subject: null,
    resource: null,
    agreement: null,
    grant: null,
    session: null,
    clause: null,
    code: null,
    approvers: [],
    region: null,
    recipients: [],
    documents: [],
    count: 1,
    correlation: null,
  });
  const asked = async (name: string, on: Things): Promise<Answer> => {
    const [signer, method, target, body] = await (ASKS[name] as Ask)(on);
    return call(broker, signer, method, target, body);
  };

  it.each(Object.keys(ASKS))('that %s of others gets the answer for one that does not exist', async (name) => {
    const [real, invented] = [await asked(name, theirs), await asked(name, nobodys)];
    expect(real.status).toBe(404);
    expect(real).toEqual(invented);
    expect(real.code).toBe('not_a_party');
  });

  it('that lists sees its own and nothing else', async () => {
    expect((await call(broker, agent.signer, 'GET', '/v1/agreements')).body).toEqual({ agreements: [] });
    expect((await call(broker, agent.signer, 'GET', '/v1/grants')).body).toEqual({ grants: [] });
  });

  it('that proposes an agreement of others, or the next version of one, has nothing there', async () => {
    const propose = async (over: object) => {
      const document = { ...anAgreement(pair.who, {}, Date.now()), ...over };
      const signatures = [await signDocument(document, third.agreement, Date.now())];
      return call(broker, agent.signer, 'POST', '/v1/agreements', { agreement: { document, signatures } });
    };
    expect(await propose({ id: anId('agr') })).toMatchObject({ status: 404, code: 'not_a_party' });
    const { document: house } = await houseAgreement(pair.agreement.id);
    expect(await propose(house)).toMatchObject({ status: 404, code: 'not_a_party' });
  });

  it('that guesses a root learns nothing', async () => {
    const answered = await call(broker, null, 'GET', `/v1/entities/${agent.signer.kid}`);
    expect(answered).toMatchObject({ status: 404, code: 'not_a_party' });
    expect((await call(broker, null, 'GET', `/v1/entities/${third.pin}`)).status).toBe(200);
  });

  it('that publishes certificates of others is told whose they must be', async () => {
    const certificates = [pair.who.technician.certificate];
    expect(await call(broker, agent.signer, 'PUT', '/v1/certificates', { certificates })).toMatchObject({
      status: 403,
      code: 'wrong_issuer',
    });
  });

  it('whose gateway sends a nonce for an agreement of others reaches nobody', async () => {
    const house = await houseAgreement(anId('agr'));
    await ok(call(broker, agent.signer, 'POST', '/v1/agreements', { agreement: house }));
    const own = await TestChannel.open(broker, gateway.signer);
    const other = await TestChannel.open(broker, pair.who.buyerAgent.signer);
    const buyers = await TestChannel.open(broker, pair.who.gateway.signer);
    await own.next((frame) => frame.t === 'standing');
    own.frames.length = 0;
    own.send({ t: 'nonce', agreementId: pair.agreement.id, nonce: 'a-strangers-nonce' });
    own.send({ t: 'ask-standing', agreementId: pair.agreement.id });
    // Frames of one channel are handled in order: the answer to this one shows that the others were handled.
    own.send({ t: 'ask-standing', agreementId: house.document.id });
    await own.next((frame) => frame.t === 'standing');
    buyers.send({ t: 'nonce', agreementId: pair.agreement.id, nonce: 'the-buyers-own-nonce' });
    await other.next((frame) => frame.t === 'nonce' && frame.nonce === 'the-buyers-own-nonce');
    expect(other.frames.filter((frame) => frame.nonce === 'a-strangers-nonce')).toEqual([]);
    expect(own.frames).toHaveLength(1);
    for (const channel of [own, other, buyers]) channel.close();
  });

  it('cannot use a login proof that another company made', async () => {
    const { loginProof } = await aConnector(pair.who, grant.id);
    const answered = await call(broker, machine.signer, 'POST', '/v1/sessions', aSessionAsk(grant, loginProof));
    expect(answered).toMatchObject({ status: 401, code: 'caller_unknown' });
  });
});
