import { BrokerUnavailable, type ClosedWord } from '@interlock/company-side';
import type { signedReceipt } from '@interlock/contracts';
import { allow, type Decision, type Instant, type Receipt, refuse, type Signed } from '@interlock/domain';
import { type Signer, signed, type VerifiedRight, verifyDocument } from '@interlock/proof';
import type { z } from 'zod';

type SentReceipt = z.infer<typeof signedReceipt>;

export interface ReceiptsOf {
  readonly session: string;
  readonly right: VerifiedRight;
  /** Holds the session's own key. */
  readonly signer: Signer;
  readonly now: () => Instant;
}

export interface KeptReceipts {
  /** Judges the gateway's opening receipt and answers with the connector's own. */
  opening(receipt: SentReceipt): Promise<Decision<SentReceipt>>;
  /** Judges the gateway's closing receipt, where one came, and answers with the connector's own; throws before there was a welcome. */
  closing(word: ClosedWord): Promise<SentReceipt>;
  /** The gateway's that verified and the connector's own, in the order they were made; waits for what is being judged. */
  readonly kept: () => Promise<readonly Signed<Receipt>[]>;
}

/** Keeps what both ends of one session signed about it, so that the subject's side proves what it was let into and how it ended. */
export function keepReceipts(of: ReceiptsOf): KeptReceipts {
  const kept: Signed<Receipt>[] = [];
  const own = async (gateways: Receipt, moment: Receipt['moment'], code: string | null): Promise<SentReceipt> => {
    const said: Receipt = { ...gateways, by: 'connector', moment, code, at: Math.floor(of.now()) };
    const { document, signatures } = await signed(said, of.signer, of.now());
    const receipt = { document, signatures: [...signatures] };
    kept.push(receipt);
    return receipt;
  };
  const close = async ({ code, receipt }: ClosedWord): Promise<SentReceipt> => {
    const opened = kept[0]?.document;
    if (!opened) throw new BrokerUnavailable('a session without a welcome has no closing receipt');
    // A closing receipt that does not verify is not kept; the session ends all the same.
    if (receipt && (await ofGateway(of, receipt, 'closing')).allowed) kept.push(receipt);
    return own(opened, 'closing', code);
  };
  let closing: Promise<unknown> | undefined;
  return {
    opening: async (receipt) => {
      const judged = await ofGateway(of, receipt, 'opening');
      if (!judged.allowed) return judged;
      kept.push(receipt);
      return allow(await own(judged.value, 'opening', null));
    },
    closing: (word) => {
      const made = close(word);
      closing = made.catch(() => undefined);
      return made;
    },
    kept: async () => {
      await closing;
      return [...kept];
    },
  };
}

/** Signed by a gateway of the owner, about this session, this key and this grant. */
async function ofGateway(
  { session, right, signer, now }: ReceiptsOf,
  receipt: SentReceipt,
  moment: Receipt['moment'],
): Promise<Decision<Receipt>> {
  const demand = { issuer: right.owner, purpose: 'enforce' as const };
  const verified = await verifyDocument('receipt', receipt, right.ring, [demand], now());
  if (!verified.allowed) return verified;
  const said = verified.value.document;
  const same =
    said.session === session &&
    said.jkt === signer.kid &&
    said.grant === right.grantDigest &&
    said.by === 'gateway' &&
    said.moment === moment;
  return same ? allow(said) : refuse('malformed', { clause: 'receipt' });
}
