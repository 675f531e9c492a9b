import {
  allow,
  type Decision,
  type Instant,
  type KeyCertificate,
  type LocalId,
  refuse,
  type Signed,
  type Thumbprint,
} from '@interlock/domain';
import { thumbprintOf } from '@interlock/proof';
import { readPeople } from './add-person.js';
import { certify, LIFE, readCertificates } from './certify.js';
import { readSigner } from './key-files.js';
import { layout } from './layout.js';
import { readPasskeys } from './passkey-files.js';
import { readSettings } from './settings.js';

/**
 * Certifies a passkey to say yes for its holder, in the groups and within the hours in which this person may anyway. Needs the offline `certify` key: an
 * agent that shows a key of its own in place of the person's is found out by whoever compares the fingerprint with the person.
 */
export async function certifyPasskey(
  dir: string,
  id: LocalId,
  kid: Thumbprint,
  now: Instant,
): Promise<Decision<Signed<KeyCertificate>, 'unknown_key' | 'not_in_role'>> {
  const { organisation } = readSettings(dir);
  const found = readPasskeys(dir, id).find(({ key }) => thumbprintOf(key) === kid);
  if (!found) return refuse('unknown_key', { clause: id });
  const person = readPeople(dir).find((one) => one.id === id);
  if (!person?.purposes.includes('approve') || person.guest) return refuse('not_in_role', { clause: id });
  const { groups } = person;
  const { hours, deputises } = approvingCertificates(dir, id, now)[0] ?? {};
  const may = { purposes: ['approve'] as const, groups, hours, deputises };
  const holding = { kind: 'person' as const, id, key: found.key, ...may };
  const signer = readSigner(layout(dir).offline, 'certify', organisation);
  return allow(await certify(dir, organisation, signer, { ...holding, life: LIFE.holder }, now));
}

/** The certificates of every key by which this person says yes now: the key file, each passkey, and a key that was rotated out and has not ended. */
export function approvingCertificates(dir: string, id: LocalId, now: Instant): readonly KeyCertificate[] {
  return readCertificates(dir)
    .map(({ document }) => document)
    .filter(({ holder, purposes }) => holder.kind === 'person' && holder.id === id && purposes.includes('approve'))
    .filter(({ notAfter }) => now < notAfter);
}
