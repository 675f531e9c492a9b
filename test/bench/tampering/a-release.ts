// What people and companies sign about data: that held bytes go on, and that what was received is gone.

import { digestOf, digestOfBatches, verifyErasureProof, verifyQuarantineRelease } from '@interlock/proof';
import { BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { DAY, type Made, sign } from './make-target.js';

export const aRelease: Made = async ({ right: { agreement, who, grant }, ring }) => {
  const finding = {
    ...{ agreementId: agreement.id, gateway: { organisation: BUYER, id: who.gateway.id }, flow: grant.id },
    ...{ content: digestOf('held'), foundAt: NOW - 1 },
  };
  const document = {
    ...{ typ: 'quarantine-release', v: 1, organisation: BUYER, ...finding, reason: 'known here' },
    ...{ issuedAt: NOW, expiresAt: NOW + DAY },
  } as const;
  const asked = { ...finding, owner: BUYER, recipients: [VENDOR], presenter: null };
  const verify = (input: unknown, now = NOW) => verifyQuarantineRelease(input, ring, asked, now);
  const real = await sign(document as never, who.approver.signer);
  return [{ name: 'quarantine-release', real, late: false, verify }];
};

export const anErasure: Made = async ({ right: { agreement, who }, ring }) => {
  const batches = [digestOf('one')];
  const document = {
    ...{ typ: 'erasure-proof', v: 1, organisation: VENDOR, agreementId: agreement.id, erased: 1, kept: 0 },
    ...{ batches: digestOfBatches(batches), held: { reason: 'a dispute', since: NOW }, issuedAt: NOW },
  } as const;
  const verify = (input: unknown, now = NOW) => verifyErasureProof(input, batches, ring, agreement, now);
  return [{ name: 'erasure-proof', real: await sign(document as never, who.vendor.agreement), late: false, verify }];
};
