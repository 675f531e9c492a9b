import { signatureBlock } from '@interlock/contracts';
import {
  type Agreement,
  type Annex,
  allow,
  type Decision,
  type Instant,
  refuse,
  type SignatureBlock,
  type Signed,
} from '@interlock/domain';
import { z } from 'zod';
import { verifyAnnex } from './annex.js';
import { parseCanonical } from './canonical-json.js';
import type { KeyRing } from './key-ring.js';
import { verifyAgreement } from './right.js';
import type { Pins } from './trust.js';

const iatOf = z.object({ iat: z.number() });

/** When the newest of these signatures says it was made, in whole seconds as milliseconds; 0 where none says so. */
export function newestOf(blocks: readonly SignatureBlock[]): Instant {
  const seconds = blocks.flatMap((block) => {
    const header = parseCanonical(Buffer.from(signatureBlock.parse(block).protected, 'base64url'));
    const iat = header.allowed ? iatOf.safeParse(header.value) : undefined;
    return iat?.success ? [iat.data.iat] : [];
  });
  return Math.max(0, ...seconds) * 1000;
}

/** An instant of the life of a version: what was signed before its first day, or is read after its last one, is verified all the same. */
export const inEffect = ({ effectiveFrom, endsAt }: Agreement, at: Instant): Instant =>
  Math.min(Math.max(at, effectiveFrom), endsAt - 1);

/**
 * Verifies the versions that came before, oldest first: each of the same agreement, signed by all, and judged when it was signed. Those that were proposed and
 * lost are records of the log.
 */
export async function verifyEarlier(
  earlier: readonly Signed<Agreement>[],
  { document: last }: Signed<Agreement>,
  ring: KeyRing,
  pins: Pins,
): Promise<Decision<readonly string[]>> {
  const statements: string[] = [];
  for (const [at, version] of earlier.entries()) {
    const { document, signatures } = version;
    const next = earlier[at + 1]?.document ?? last;
    if (document.id !== last.id || document.version >= next.version)
      return refuse('bundle_unsupported', { clause: `version ${document.version}` });
    const verified = await verifyAgreement(version, ring, pins, inEffect(document, newestOf(signatures)));
    if (!verified.allowed) return verified;
    const parties = verified.value.signers.map(({ signer }) => signer.organisation).join(' and ');
    statements.push(`version ${document.version} before it was signed by ${parties}`);
  }
  return allow(statements);
}

/** Verifies what hung on the agreement beside its text, each when it was signed. */
export async function verifyAnnexes(
  annexes: readonly Signed<Annex>[],
  { document }: Signed<Agreement>,
  ring: KeyRing,
): Promise<Decision<readonly string[]>> {
  const statements: string[] = [];
  for (const annex of annexes) {
    const held = await verifyAnnex(
      annex,
      ring,
      document,
      Math.max(newestOf(annex.signatures), annex.document.issuedAt),
    );
    if (!held.allowed) return held;
    statements.push(`${held.value.signers.join(' and ')} signed ${annex.document.typ} ${held.value.digest}`);
  }
  return allow(statements);
}
