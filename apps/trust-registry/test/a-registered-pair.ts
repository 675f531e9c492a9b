import { randomBytes } from 'node:crypto';
import {
  ListAgreements,
  ProposeAgreement,
  PublishCertificates,
  PublishEntity,
  SignAgreement,
} from '@interlock/contracts';
import type { Agreement, AgreementId } from '@interlock/domain';
import { digestOf, type Signer, signDocument } from '@interlock/proof';
import { anAgreement, aPartnership, BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { codeOf, type Registry } from './a-registry.js';

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
export const anAgreementId = (): AgreementId =>
  `agr_${Array.from(randomBytes(26), (byte) => CROCKFORD[byte & 31]).join('')}` as AgreementId;

/** Two companies that are registered, and what they do with agreements. */
export async function aRegisteredPair(registry: Registry) {
  const who = await aPartnership(NOW);
  for (const { entity } of [who.vendor, who.buyer]) {
    mustBeAllowed(await registry.ask(PublishEntity, { entity }));
  }
  const own = [
    [VENDOR, [who.technician, who.vendorAgent]],
    [BUYER, [who.approver, who.buyerAgent, who.gateway]],
  ] as const;
  for (const [organisation, holders] of own) {
    const certificates = holders.map((holder) => holder.certificate);
    mustBeAllowed(await registry.ask(PublishCertificates, { organisation, certificates }));
  }
  const propose = async (agreement: Agreement, signers: readonly Signer[] = [who.vendor.agreement]) =>
    registry.ask(ProposeAgreement, {
      organisation: VENDOR,
      agreement: {
        document: agreement,
        signatures: await Promise.all(signers.map((signer) => signDocument(agreement, signer, registry.clock.now()))),
      },
    });
  const sign = async (agreement: Agreement, signer = who.buyer.agreement) =>
    registry.ask(SignAgreement, {
      organisation: BUYER,
      id: agreement.id,
      digest: digestOf(agreement),
      signatures: [await signDocument(agreement, signer, registry.clock.now())],
    });
  const statusOf = async (id: AgreementId, version = 1) =>
    (await registry.ask(ListAgreements, { organisation: BUYER, limit: 200 })).agreements.find(
      (one) => one.id === id && one.version === version,
    )?.status;
  const activated = async (over: Partial<Agreement> = {}): Promise<Agreement> => {
    const agreement = anAgreement(who, { id: anAgreementId(), ...over });
    await propose(agreement);
    mustBeAllowed(await sign(agreement));
    return agreement;
  };

  return { who, propose, sign, statusOf, activated };
}

function mustBeAllowed(decision: Parameters<typeof codeOf>[0]): void {
  if (codeOf(decision) !== 'allowed') throw new Error(`expected a yes, got ${codeOf(decision)}`);
}

export type RegisteredPair = Awaited<ReturnType<typeof aRegisteredPair>>;
