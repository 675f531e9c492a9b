import type { Act, Agreement, Grant, GrantId } from '@interlock/domain';
import { digestOf, signDocument, signed } from '@interlock/proof';
import { aGrant, type Holder } from '@interlock/testkit/builders';
import type { Broker } from './a-broker.js';
import { call, ok } from './a-caller.js';
import { type Agreed, aConnector, anId, aSessionAsk, type Connector } from './two-companies.js';

/** What two companies do with rights under their agreement, one step at a time. */
export function rightSteps(broker: Broker, pair: Agreed) {
  const ask = async (
    over: Partial<Grant> = {},
    agreement = pair.agreement,
    signers: readonly Holder[] = [pair.who.technician],
  ) => {
    const grant = aGrant(agreement, { id: anId<GrantId>('grt'), ...over }, Date.now());
    const signatures = await Promise.all(signers.map((one) => signDocument(grant, one.signer, Date.now())));
    const answered = await call(broker, pair.who.vendorAgent.signer, 'POST', '/v1/grants', {
      grant: { document: grant, signatures },
    });
    return { grant, ...answered };
  };
  const approve = async (grant: Grant, holder: Holder) =>
    call(broker, pair.who.buyerAgent.signer, 'POST', `/v1/grants/${grant.id}/signatures`, {
      digest: digestOf(grant),
      signatures: [await signDocument(grant, holder.signer, Date.now())],
    });
  const statusOf = async (grant: Grant) =>
    (await ok<{ status: string }>(call(broker, pair.who.buyerAgent.signer, 'GET', `/v1/grants/${grant.id}`))).status;
  const open = async (
    grant: Grant,
    over: object = {},
    connector: Promise<Pick<Connector, 'signer' | 'loginProof'>> = aConnector(pair.who, grant.id),
  ) => {
    const { signer, loginProof } = await connector;
    return call(broker, signer, 'POST', '/v1/sessions', { ...aSessionAsk(grant, loginProof), ...over });
  };
  const handIn = async (
    over: Partial<Act>,
    agreement: Agreement = pair.agreement,
    by: Holder = pair.who.buyerAgent,
  ) => {
    const document: Act = {
      typ: 'act',
      v: 1,
      verb: 'revoke',
      organisation: by.signer.organisation,
      agreementId: agreement.id,
      target: { kind: 'agreement', id: agreement.id },
      reason: 'because',
      lifts: null,
      sequence: 1,
      previous: null,
      issuedAt: Date.now(),
      ...over,
    };
    return call(broker, by.signer, 'POST', '/v1/acts', { act: await signed(document, by.signer, Date.now()) });
  };
  return { ask, approve, statusOf, open, handIn };
}

export type RightSteps = ReturnType<typeof rightSteps>;
