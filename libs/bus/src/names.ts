import { createHash } from 'node:crypto';
import { base32 } from '@interlock/proof';

/** Characters of a name that others could try to collide with: 130 bits. */
const LONG = 26;
/** Characters of a name that is only compared inside one agreement, where the compiler refuses collisions: 80 bits. */
const SHORT = 16;

/** An array in JSON, so that no two lists of parts give the same text wherever their separators stand. */
function named(length: number, kind: string, parts: readonly (string | number)[]): string {
  const digest = createHash('sha256').update(JSON.stringify(['interlock-bus', kind, ...parts]));
  return base32(digest.digest()).slice(0, length).toLowerCase();
}

/** The token that stands for an agreement in subjects; says nothing about who agreed on what. */
export const agreementKey = (agreementId: string): string => named(LONG, 'agreement', [agreementId]);

/** The token that stands for a flow inside its agreement. A flow's own name may hold dots, which subjects cannot. */
export const flowKey = (agreementId: string, flowId: string): string => named(SHORT, 'flow', [agreementId, flowId]);

/** The account of one gateway that publishes for an organisation under an agreement. */
export const publisherAccount = (agreementId: string, organisation: string, gateway: string): string =>
  named(LONG, 'publisher', [agreementId, organisation, gateway]);

/** The account of an organisation that reads under an agreement. */
export const recipientAccount = (agreementId: string, organisation: string): string =>
  named(LONG, 'recipient', [agreementId, organisation]);

/**
 * The stream of what one gateway publishes under an agreement for the same readers and the same time. The readers are
 * part of the name, so that who reads a stream never changes: a new reader gets nothing from before it was one.
 */
export const streamName = (
  agreementId: string,
  publisher: { readonly organisation: string; readonly gateway: string },
  recipients: readonly string[],
  retentionSeconds: number,
): string => {
  const parts = [agreementId, publisher.organisation, publisher.gateway, retentionSeconds, ...[...recipients].sort()];
  return `F${named(LONG, 'stream', parts).toUpperCase()}`;
};
