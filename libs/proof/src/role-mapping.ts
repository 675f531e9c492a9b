import {
  allow,
  type Decision,
  type Digest,
  type Instant,
  judgeMapping,
  type MappingFault,
  type RoleMapping,
  refuse,
} from '@interlock/domain';
import { type EnvelopeRefusal, verifyDocument } from './envelope.js';
import type { KeyRing } from './key-ring.js';

/** A company's own mapping, verified; `lapsed` when its entity document has expired, so that only taking away is left. */
export interface HeldMapping {
  readonly mapping: RoleMapping;
  readonly digest: Digest;
  readonly lapsed: boolean;
}

/**
 * Verifies a role mapping: signed by a `certify` key that the newest entity document names, hanging on a version of that document. A
 * mapping of a key that the company no longer names makes no roles: it is signed again when the key is changed.
 */
export async function verifyRoleMapping(
  input: unknown,
  organisation: RoleMapping['organisation'],
  ring: KeyRing,
  now: Instant,
): Promise<Decision<HeldMapping, EnvelopeRefusal | MappingFault | 'not_pinned' | 'certificate_dangling'>> {
  const demands = [{ issuer: organisation, purpose: 'certify' as const }];
  const verified = await verifyDocument('role-mapping', input, ring, demands, now, { expiredMayNarrow: true });
  if (!verified.allowed) return verified;
  const { document: mapping, digest } = verified.value;
  // The signature is of this organisation; the text must be about it too.
  if (mapping.organisation !== organisation) return refuse('wrong_issuer', { clause: 'role-mapping' });
  const entity = ring.entities.get(organisation);
  if (!entity) return refuse('not_pinned', { clause: organisation });
  if (!entity.history.has(mapping.entity)) return refuse('certificate_dangling', { clause: 'role-mapping' });
  const judged = judgeMapping(mapping, entity.document);
  return judged.allowed ? allow({ mapping, digest, lapsed: now >= entity.document.expiresAt }) : judged;
}
