import type { Receipt, Signed } from '@interlock/domain';
import { signed } from '@interlock/proof';
import type { GatewayClock } from '../gateway-clock.js';
import type { Provisioned } from '../provisioning.js';
import type { Admitted } from './admit-session.js';

export interface ReceiptSource {
  readonly self: Provisioned;
  readonly clock: GatewayClock;
}

/** What the gateway signs before the first byte: who was let in, to what, under which documents. */
export const openingReceipt = (from: ReceiptSource, admitted: Admitted): Promise<Signed<Receipt>> =>
  signed(receiptOf(from, admitted, 'opening', null, 0), from.self.signer, from.clock.now());

/** What the gateway signs at the end: why, and how many bytes went through. */
export const closingReceipt = (
  from: ReceiptSource,
  admitted: Admitted,
  code: string,
  bytes: number,
): Promise<Signed<Receipt>> =>
  signed(receiptOf(from, admitted, 'closing', code, bytes), from.self.signer, from.clock.now());

function receiptOf(
  from: ReceiptSource,
  { chain, offer, ask }: Admitted,
  moment: Receipt['moment'],
  code: string | null,
  bytes: number,
): Receipt {
  return {
    typ: 'receipt',
    v: 1,
    moment,
    by: 'gateway',
    session: offer.session,
    grant: chain.grantDigest,
    agreement: chain.agreementDigest,
    subject: chain.subject,
    resource: ask.resource,
    gateway: { organisation: from.self.organisation, id: from.self.gateway },
    jkt: chain.jkt,
    at: Math.floor(from.clock.now()),
    code,
    bytes,
  };
}
