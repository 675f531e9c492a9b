import type { AgreementId, LocalId } from '@interlock/domain';
import { keySigner, newPrivateKey, publicJwkOf } from '@interlock/proof';
import { anAgreement, anSvid, type Partnership } from '@interlock/testkit/builders';
import type { Broker } from './a-broker.js';
import { call, ok } from './a-caller.js';
import { agreed, anId, granted, VENDOR } from './two-companies.js';

/** A grant for a machine of the vendor that has no certified key, what it shows, and the same shown by somebody who saw it. */
export async function machineBySvid(broker: Broker, who: Partnership) {
  const now = Date.now();
  const [issuing, key, stolen] = [newPrivateKey('P-256'), newPrivateKey('P-256'), newPrivateKey('P-256')];
  const issuer = await who.vendor.holder('agent', 'agent', ['issue'], { key: publicJwkOf(issuing) });
  const certificates = [issuer.certificate];
  await ok(call(broker, who.vendorAgent.signer, 'PUT', '/v1/certificates', { certificates }));
  const approvals = [{ group: 'maintenance', persons: 2 }];
  const calls = { type: 'machine-to-machine', approvals, ticketPattern: null, longestWindowSeconds: 14_400 };
  const terms = [...anAgreement(who, {}, now).terms, { ...calls, purposes: ['repair'] }];
  const pair = await agreed(broker, who, { id: anId<AgreementId>('agr'), terms });
  const subject = { organisation: who.vendor.organisation, kind: 'machine' as const, id: 'welder-3' as LocalId };
  const grant = await granted(broker, pair, { kind: 'machine-to-machine', subjects: [subject], ticket: null });
  const loginProof = await anSvid(issuing, key, now, { names: [`spiffe://${VENDOR}/machine/welder-3`] });
  const by = (one: typeof key) => ({ signer: keySigner(who.vendor.organisation, one), loginProof });
  return { grant, holder: by(key), thief: by(stolen) };
}
