import { organisationId, thumbprint } from '@interlock/contracts';
import { allow, type Decision, type OrganisationId, refuse, type Thumbprint } from '@interlock/domain';
import { z } from 'zod';
import { readJsonIfThere } from '../durable-file.js';
import { readPins, readSettings, writePins } from './settings.js';

/** What one company hands to another, on paper or in a file, never through the broker. */
const handedOver = z.strictObject({ organisation: organisationId, root: thumbprint });

/**
 * Pins a partner's root to a fingerprint that was compared out of band; spaces in a typed one do not matter. Refused with
 * `root_mismatch` where another root is already pinned: a changed root is a procedure of its own, never an overwrite.
 */
export function addPin(
  dir: string,
  organisation: string,
  typed: string,
): Decision<{ organisation: OrganisationId; root: Thumbprint }, 'malformed' | 'root_mismatch'> {
  const read = handedOver.safeParse({ organisation, root: typed.replace(/\s/g, '') });
  if (!read.success) return refuse('malformed', { clause: String(read.error.issues[0]?.path[0] ?? 'pin') });
  const pins = new Map(readPins(dir));
  const before = pins.get(read.data.organisation);
  if (before !== undefined && before !== read.data.root) return refuse('root_mismatch', { clause: organisation });
  pins.set(read.data.organisation, read.data.root);
  writePins(dir, readSettings(dir).organisation, pins);
  return allow(read.data);
}

/** Pins from a file `{"organisation", "root"}` that the partner handed over. */
export function addPinFromFile(dir: string, file: string): ReturnType<typeof addPin> {
  const read = handedOver.safeParse(readJsonIfThere(file));
  return read.success ? addPin(dir, read.data.organisation, read.data.root) : refuse('malformed', { clause: 'file' });
}

/** The company's own name and root fingerprint, for handing over. */
export function ownPin(dir: string): { readonly organisation: OrganisationId; readonly root: Thumbprint } {
  const { organisation } = readSettings(dir);
  const root = readPins(dir).get(organisation);
  if (!root) throw new Error(`${dir} has lost its own pin; restore pins.json from a copy`);
  return { organisation, root };
}
