import {
  type Act,
  type Agreement,
  type AgreementId,
  evidenceOf,
  type Grant,
  type GrantId,
  type LocalId,
  type OrganisationId,
  type SessionId,
  type Signal,
  type Signed,
  type Verdict,
} from '@interlock/domain';
import { digestOf, type Signer, signDocument, signed } from '@interlock/proof';
import { aCompany, anAgreement, type Company, type Holder } from '@interlock/testkit/builders';
import type { Broker } from './a-broker.js';
import { type Answer, call, ok } from './a-caller.js';
import {
  type Agreed,
  agreed,
  anId,
  aPartnership,
  aSessionAsk,
  BUYER,
  granted,
  publishBoth,
  VENDOR,
} from './two-companies.js';

/** What is asked for: a thing of two other companies, or one that nobody has. */
export interface Things {
  readonly agreement: AgreementId;
  readonly grant: GrantId;
  readonly session: SessionId;
  /** Who owns the machine that is asked about, and whose person would use it. */
  readonly owner: string;
  readonly partner: string;
}

export type Ask = (on: Things) => Promise<readonly [Signer, string, string, unknown?]>;

/** A company that is registered, with everything a company has, and party to nothing; and two others with an agreement and a grant. */
export interface ThirdCompany {
  readonly pair: Agreed;
  readonly grant: Grant;
  readonly third: Company;
  readonly agent: Holder;
  readonly gateway: Holder;
  readonly machine: Holder;
  readonly theirs: Things;
  readonly nobodys: Things;
  /** Every question with an id of others in it, by what the third company does with it. */
  readonly asks: Readonly<Record<string, Ask>>;
  asked(name: string, on: Things): Promise<Answer>;
  houseAgreement(id: AgreementId): Promise<Signed<Agreement>>;
}

export async function aThirdCompany(broker: Broker): Promise<ThirdCompany> {
  const now = Date.now();
  const who = await aPartnership(now);
  await publishBoth(broker, who);
  const pair = await agreed(broker, who);
  const grant = await granted(broker, pair);
  const theirs = {
    agreement: pair.agreement.id,
    grant: grant.id,
    session: anId<SessionId>('ses'),
    owner: BUYER,
    partner: VENDOR,
  };
  const nobodys: Things = {
    ...{ agreement: anId('agr'), grant: anId('grt'), session: anId('ses') },
    ...{ owner: 'nobody.example', partner: 'no-partner.example' },
  };
  const third = await aCompany('third-company.example', now);
  const agent = await third.holder('agent', 'agent', ['login', 'beat', 'narrow', 'embargo', 'call']);
  const gateway = await third.holder('gateway', 'plant-gateway', ['enforce', 'call'], {
    resources: ['press-7' as never],
  });
  const machine = await third.holder('machine', 'press-7', ['subject', 'call']);
  await ok(call(broker, null, 'PUT', '/v1/entities', { entity: third.entity }));
  const certificates = [agent, gateway, machine].map((holder) => holder.certificate);
  await ok(call(broker, agent.signer, 'PUT', '/v1/certificates', { certificates }));

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
  const presence = () => {
    const document: Signal = {
      ...{ typ: 'signal', v: 1, organisation: third.organisation, signal: 'presence' as LocalId, holds: true },
      ...{ about: { kind: 'resource', id: 'press-7' as LocalId }, at: Date.now() },
    };
    return signed(document, agent.signer, Date.now());
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
    'says a fact': async (on) => [
      gateway.signer,
      'POST',
      `/v1/agreements/${on.agreement}/signals`,
      { signal: await presence() },
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
    'holds a log': async (on) => [agent.signer, 'PUT', `/v1/audit/holds/${on.agreement}`, { held: true }],
    'asks who holds a log': async (on) => [agent.signer, 'GET', `/v1/audit/holds/${on.agreement}`],
    'says what it received': async (on) => [
      agent.signer,
      'POST',
      `/v1/audit/received/${on.agreement}`,
      { kind: 'data.received', documents: [`sha256:${'A'.repeat(43)}`], count: 1 },
    ],
    'erases a log': async (on) => [agent.signer, 'POST', `/v1/audit/erasures/${on.agreement}`],
    'erases a person in a log': async (on) => [
      agent.signer,
      'POST',
      `/v1/audit/erasures/${on.agreement}/person`,
      { person: 'shift-lead' },
    ],
    'reads the checkpoint of a log': async (on) => [agent.signer, 'GET', `/v1/logs/${on.agreement}/checkpoint`],
    'reads a tile of a log': async (on) => [agent.signer, 'GET', `/v1/logs/${on.agreement}/tile/entries/000.p/1`],
    'reads a checkpoint': async (on) => [agent.signer, 'GET', `/v1/audit/checkpoint?log=${on.agreement}`],
    'reads a consistency proof': async (on) => [
      agent.signer,
      'GET',
      `/v1/audit/consistency?log=${on.agreement}&from=1`,
    ],
    'asks the decision point': async (on) => [agent.signer, 'POST', '/access/v1/evaluation', question(on)],
    'asks the decision point for several': async (on) => [
      agent.signer,
      'POST',
      '/access/v1/evaluations',
      { evaluations: [question(on), question(on)] },
    ],
    'searches subjects': async (on) => [
      agent.signer,
      'POST',
      '/access/v1/search/subject',
      { ...question(on), subject: { type: 'person' } },
    ],
    'searches resources': async (on) => [
      agent.signer,
      'POST',
      '/access/v1/search/resource',
      { ...question(on), resource: { type: 'resource' } },
    ],
    'searches actions': async (on) => [
      agent.signer,
      'POST',
      '/access/v1/search/action',
      { subject: question(on).subject, resource: question(on).resource },
    ],
  };
  const record = (log: AgreementId) =>
    evidenceOf('third-company.example/plant-gateway', anId('evd'), {
      ...{ log, kind: 'finding', outcome: 'finding', at: Date.now() },
      organisation: 'third-company.example' as OrganisationId,
    });
  const asked = async (name: string, on: Things): Promise<Answer> => {
    const [signer, method, target, body] = await (ASKS[name] as Ask)(on);
    return call(broker, signer, method, target, body);
  };
  return { pair, grant, third, agent, gateway, machine, theirs, nobodys, asks: ASKS, asked, houseAgreement };
}

const question = (on: Things) => ({
  subject: { type: 'person', id: `${on.partner}/technician` },
  resource: { type: 'resource', id: `${on.owner}/press-7` },
  action: { name: 'ssh' },
});

/** Makes the third company a vendor of the same buyer, for the same machine, by an agreement of its own; returns that. */
export async function alsoVendorOf(broker: Broker, { pair, third, agent }: ThirdCompany): Promise<Agreed> {
  const who = { ...pair.who, vendor: third, vendorAgent: agent };
  const terms = anAgreement(who, {}, Date.now()).terms.filter(({ type }) => type === 'remote-service');
  return agreed(broker, who, { terms });
}
