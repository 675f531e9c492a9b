import type { Instant, QuarantineRelease } from '@interlock/domain';
import { type Signer, signed } from '@interlock/proof';
import type { BroughtRelease, HeldFinding } from '../gateway/local-hand.js';

export interface ReleaseWords {
  readonly reason: string;
  /** How long it may wait for the others who have to sign. Milliseconds. */
  readonly good: number;
}

/** One person's word over what a gateway says it holds: these bytes, found then, under this flow. */
export async function signRelease(
  { agreementId, gateway, flow, content, foundAt }: HeldFinding,
  signer: Signer,
  certificates: BroughtRelease['certificates'],
  { reason, good }: ReleaseWords,
  now: Instant,
): Promise<BroughtRelease> {
  const finding = { agreementId, gateway, flow, content, foundAt };
  const times = { issuedAt: now, expiresAt: now + good };
  const head = { typ: 'quarantine-release', v: 1, organisation: signer.organisation } as const;
  const release: QuarantineRelease = { ...head, ...finding, reason, ...times };
  return { release: await signed(release, signer, now), certificates };
}
