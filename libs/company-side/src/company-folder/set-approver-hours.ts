import {
  allow,
  type Decision,
  type Instant,
  type Interval,
  type KeyCertificate,
  type LocalId,
  refuse,
  type Signed,
} from '@interlock/domain';
import { certify } from './certify.js';
import { readSigner } from './key-files.js';
import { layout } from './layout.js';
import { currentCertificate } from './retired-keys.js';
import { readSettings } from './settings.js';

/**
 * Certifies an approver's key again, for the same life, with the hours within which a yes of it counts; null takes the bound away. Needs the offline
 * `certify` key. Refused where nobody of that name holds a key that approves.
 */
export async function setApproverHours(
  dir: string,
  id: LocalId,
  hours: readonly Interval[] | null,
  now: Instant,
): Promise<Decision<Signed<KeyCertificate>, 'unknown_key'>> {
  const { organisation } = readSettings(dir);
  const held = currentCertificate(dir, 'person', id, 'approve');
  if (!held || held.notAfter <= now) return refuse('unknown_key', { clause: id });
  const { holder, key, purposes, groups, guest, epoch, resources, notBefore, notAfter } = held;
  const holding = { ...holder, key, purposes, groups, guest, epoch, resources, life: notAfter - now };
  const signer = readSigner(layout(dir).offline, 'certify', organisation);
  return allow(await certify(dir, organisation, signer, { ...holding, hours: hours ?? undefined }, now, notBefore));
}
