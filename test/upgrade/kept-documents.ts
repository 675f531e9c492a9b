import type { Act, Batch, Beat } from '@interlock/domain';
import { digestOf, digestOfBytes, signed } from '@interlock/proof';
import { aRight, BUYER, handOn, NOW } from '@interlock/testkit/builders';

/**
 * One of each document that a release keeps or hands on, signed by keys that end with this process: public halves, pins and signatures
 * are all that is kept. `npm run -s bench -- keep-documents --json` writes the file of a release when that release is made.
 */
export async function documentsOfToday() {
  const right = await aRight();
  const delegated = await handOn(right);
  const { who, agreement, grant } = right;
  const revoke: Act = {
    ...{ typ: 'act', v: 1, verb: 'revoke', organisation: BUYER, agreementId: agreement.id },
    target: { kind: 'grant', id: grant.id },
    ...{ reason: 'work is done', lifts: null, sequence: 1, previous: null, issuedAt: NOW },
  };
  const beat: Beat = {
    ...{ typ: 'beat', v: 1, organisation: BUYER, epoch: 1, nonce: '0123456789abcdef', agreementId: agreement.id },
    receiver: { organisation: BUYER, id: who.gateway.id },
    ...{ agreement: digestOf(1), entity: digestOf(2), acts: digestOf(3), status: digestOf(4) },
    ...{ checkpoint: null, issuedAt: NOW },
  };
  const { observations, ...terms } = batchTo(right);
  const content = JSON.stringify(observations.map(({ at, key, value }) => [at, key, value]));
  return {
    at: NOW,
    pins: [...who.pins],
    gateway: { organisation: BUYER, id: who.gateway.id },
    certificates: [who.buyerAgent, who.gateway, who.recipient].map(({ certificate }) => certificate),
    chain: right.chain,
    loginProof: right.loginProof,
    delegated: { chain: delegated.chain, loginProof: delegated.loginProof },
    act: await signed(revoke, who.buyerAgent.signer, NOW),
    beat: await signed(beat, who.buyerAgent.signer, NOW),
    batchOfFormat1: await signed({ typ: 'batch', v: 1, ...terms, observations }, who.gateway.signer, NOW),
    batchOfFormat2: {
      head: await signed(
        { typ: 'batch', v: 2, ...terms, content: digestOfBytes(Buffer.from(content)) },
        who.gateway.signer,
        NOW,
      ),
      content,
    },
  };
}

const batchTo = ({ who, agreement, grant }: Awaited<ReturnType<typeof aRight>>): Batch => ({
  ...{ agreement: digestOf(agreement), grant: digestOf(grant), flow: grant.id },
  gateway: { organisation: BUYER, id: who.gateway.id },
  machine: { owner: BUYER, id: 'press-7' as Batch['machine']['id'] },
  product: 'press-telemetry' as Batch['product'],
  region: 'eu-1' as Batch['region'],
  presenter: null,
  ...{ sequence: 0, previous: null, dropped: 0, receivedAt: NOW, sealedAt: NOW },
  recipients: [{ organisation: who.recipient.signer.organisation, kid: who.recipient.signer.kid }],
  observations: [{ at: '2026-06-01T12:00:00Z', key: 'force', value: '120' }],
});

export type KeptDocuments = Awaited<ReturnType<typeof documentsOfToday>>;
