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
import { certify, type Holding } from './certify.js';
import { approvingCertificates } from './certify-passkey.js';
import { readSigner } from './key-files.js';
import { layout } from './layout.js';
import { readSettings } from './settings.js';

/**
 * Certifies every key again by which an approver says yes, for the same life, with the hours within which that counts; null takes the bound away. Needs the
 * offline `certify` key. Refused where nobody of that name holds a key that approves.
 */
export async function setApproverHours(
  dir: string,
  id: LocalId,
  hours: readonly Interval[] | null,
  now: Instant,
): Promise<Decision<Signed<KeyCertificate>, 'unknown_key'>> {
  const { organisation } = readSettings(dir);
  const signer = readSigner(layout(dir).offline, 'certify', organisation);
  let last: Signed<KeyCertificate> | undefined;
  for (const held of approvingCertificates(dir, id, now)) {
    const holding = holdingOf(held, now);
    last = await certify(dir, organisation, signer, { ...holding, hours: hours ?? undefined }, now, held.notBefore);
  }
  return last ? allow(last) : refuse('unknown_key', { clause: id });
}

/** What a certificate says of its holder, to be said again until the same end. */
export const holdingOf = (
  { holder, key, purposes, groups, guest, hours, deputises, epoch, resources, notAfter }: KeyCertificate,
  now: Instant,
): Holding => ({ ...holder, key, purposes, groups, guest, hours, deputises, epoch, resources, life: notAfter - now });
