// One person's word that held bytes go on.

import { digestOf, verifyQuarantineRelease } from '@interlock/proof';
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
