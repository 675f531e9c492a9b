import {
  allow,
  type Decision,
  type Deputising,
  type Instant,
  type KeyCertificate,
  type LocalId,
  refuse,
  type Signed,
} from '@interlock/domain';
import { certify } from './certify.js';
import { approvingCertificates } from './certify-passkey.js';
import { readSigner } from './key-files.js';
import { layout } from './layout.js';
import { holdingOf } from './set-approver-hours.js';
import { readSettings } from './settings.js';

/** A replacement as it is planned: of whom, when, and over what; all groups of whoever is away where none are named. */
export type Replacement = Pick<Deputising, 'for' | 'periods' | 'resources'> & { readonly groups: readonly LocalId[] };

/**
 * Certifies every key again by which an approver says yes, for the same life, with the persons in whose place that counts and when; with nobody where there
 * is no replacement. Needs the offline `certify` key. Refused where either of them holds no key that approves, or a group is not of whoever is away.
 */
export async function setDeputy(
  dir: string,
  deputy: LocalId,
  replacements: readonly Replacement[],
  now: Instant,
): Promise<Decision<Signed<KeyCertificate>, 'unknown_key' | 'not_in_role'>> {
  const deputises: Deputising[] = [];
  for (const planned of replacements) {
    const [away] = approvingCertificates(dir, planned.for, now);
    if (!away || planned.for === deputy) return refuse('unknown_key', { clause: planned.for });
    const groups = planned.groups.length > 0 ? planned.groups : away.groups;
    // Nobody lends what he does not have.
    if (away.guest || groups.length === 0 || groups.some((group) => !away.groups.includes(group)))
      return refuse('not_in_role', { clause: planned.for });
    deputises.push({ ...planned, groups });
  }
  const { organisation } = readSettings(dir);
  const signer = readSigner(layout(dir).offline, 'certify', organisation);
  let last: Signed<KeyCertificate> | undefined;
  for (const held of approvingCertificates(dir, deputy, now)) {
    if (held.guest) return refuse('not_in_role', { clause: deputy });
    const holding = { ...holdingOf(held, now), deputises: deputises.length > 0 ? deputises : undefined };
    last = await certify(dir, organisation, signer, holding, now, held.notBefore);
  }
  return last ? allow(last) : refuse('unknown_key', { clause: deputy });
}
