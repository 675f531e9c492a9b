import { setTimeout as pause } from 'node:timers/promises';
import type { Act, AgreementId, Digest, GrantId } from '@interlock/domain';
import { digestOf, type Signer, signDocument, signed } from '@interlock/proof';
import { aGrant, anAgreement, type Partnership } from '@interlock/testkit/builders';
import { type Answer, call } from '../../scenarios/broker/a-caller.js';
import { aConnector, anId, aSessionAsk } from '../../scenarios/broker/two-companies.js';
import type { ReplicatedBroker } from './replicated-broker.js';

/** What was acknowledged, and so must be there once and for ever. */
export interface Acknowledged {
  readonly agreement: Digest;
  readonly grant: Digest;
  readonly act: Digest;
  /** Answers to a session that was asked for after the cut was acknowledged; none may be a yes. */
  readonly afterCut: readonly Answer[];
}

const GIVE_UP_MS = 90_000;

/** Asks any edge until one answers: what a company's agent does. Every ask has a proof of its own. */
export async function persist(
  broker: ReplicatedBroker,
  signer: Signer | null,
  method: string,
  target: string,
  body?: unknown,
): Promise<Answer> {
  for (const end = Date.now() + GIVE_UP_MS; ; await pause(50)) {
    const url = broker.urls[Math.floor(Math.random() * broker.urls.length)] ?? '';
    const answer = await call({ origin: broker.origin, url }, signer, method, target, body).catch(() => undefined);
    if (answer && answer.status < 500 && answer.status !== 401) return answer;
    if (Date.now() > end) throw new Error(`${method} ${target}: no answer within 90 s (${answer?.code ?? 'nobody'})`);
  }
}

/** Agrees, grants and cuts once over. Throws where an answer is a refusal. */
export async function storyOfOne(broker: ReplicatedBroker, who: Partnership): Promise<Acknowledged> {
  const { vendorAgent, buyerAgent } = who;
  const yes = async (signer: Signer, target: string, body: unknown) => {
    const answer = await persist(broker, signer, 'POST', target, body);
    if (answer.status >= 300) throw new Error(`${target}: ${answer.status} ${answer.code}`);
  };
  const agreement = anAgreement(who, { id: anId<AgreementId>('agr') }, Date.now());
  const by = async (signer: Signer, document: typeof agreement | ReturnType<typeof aGrant>) => [
    await signDocument(document, signer, Date.now()),
  ];
  const proposed = { document: agreement, signatures: await by(who.vendor.agreement, agreement) };
  await yes(vendorAgent.signer, '/v1/agreements', { agreement: proposed });
  await yes(buyerAgent.signer, `/v1/agreements/${agreement.id}/signatures`, {
    digest: digestOf(agreement),
    signatures: await by(who.buyer.agreement, agreement),
  });
  const grant = aGrant(agreement, { id: anId<GrantId>('grt') }, Date.now());
  const asked = { document: grant, signatures: await by(who.technician.signer, grant) };
  await yes(vendorAgent.signer, '/v1/grants', { grant: asked });
  for (const approver of [who.approver, who.secondApprover])
    await yes(buyerAgent.signer, `/v1/grants/${grant.id}/signatures`, {
      digest: digestOf(grant),
      signatures: await by(approver.signer, grant),
    });
  const act: Act = {
    ...{ typ: 'act', v: 1, verb: 'revoke', organisation: buyerAgent.signer.organisation, agreementId: agreement.id },
    ...{ target: { kind: 'grant', id: grant.id }, reason: 'over', lifts: null, sequence: 1, previous: null },
    issuedAt: Date.now(),
  };
  await yes(buyerAgent.signer, '/v1/acts', { act: await signed(act, buyerAgent.signer, Date.now()) });
  const { signer, loginProof } = await aConnector(who, grant.id);
  const session = aSessionAsk(grant, loginProof);
  const afterCut = [await persist(broker, signer, 'POST', '/v1/sessions', session)];
  return { agreement: digestOf(agreement), grant: digestOf(grant), act: digestOf(act), afterCut };
}
