import { signedUsageStatement } from '@interlock/contracts';
import {
  type Agreement,
  allow,
  believable,
  type Decision,
  type Instant,
  refuse,
  skewMilliseconds,
  type UsageStatement,
} from '@interlock/domain';
import { type EnvelopeRefusal, verifyDocument } from './envelope.js';
import type { KeyRing } from './key-ring.js';

/** What a party of this agreement counted of it, once its `agreement` key signed that. Whether the count is right is for whoever counts too. */
export async function verifyUsageStatement(
  input: unknown,
  ring: KeyRing,
  agreement: Agreement,
  now: Instant,
): Promise<Decision<UsageStatement, EnvelopeRefusal | 'not_a_party' | 'from_the_future'>> {
  const clause = 'usage-statement';
  const shape = signedUsageStatement.safeParse(input);
  if (!shape.success) return refuse('malformed', { clause, detail: shape.error.issues[0]?.path.join('.') ?? '' });
  const { organisation: issuer, agreementId, issuedAt, to } = shape.data.document;
  const isParty = agreement.parties.some((party) => party.organisation === issuer);
  if (agreementId !== agreement.id || !isParty) return refuse('not_a_party', { clause });
  // A period that is not over has no count yet.
  if (!believable(issuedAt, now, skewMilliseconds(agreement)) || to > issuedAt)
    return refuse('from_the_future', { clause });
  const verified = await verifyDocument(clause, shape.data, ring, [{ issuer, purpose: 'agreement' }], now);
  return verified.allowed ? allow(verified.value.document) : verified;
}
