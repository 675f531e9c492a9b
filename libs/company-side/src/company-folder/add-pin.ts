import { organisationId, thumbprint } from '@interlock/contracts';
import { allow, type Decision, type Instant, type OrganisationId, refuse, type Thumbprint } from '@interlock/domain';
import { thumbprintOf, verifySuccession } from '@interlock/proof';
import { z } from 'zod';
import { readJsonIfThere } from '../durable-file.js';
import { readPins, readSettings, writePins } from './settings.js';

/** What one company hands to another, on paper or in a file, never through the broker. */
const handedOver = z.strictObject({ organisation: organisationId, root: thumbprint });

/**
 * Pins a partner's root to a fingerprint that was compared out of band; spaces in a typed one do not matter. Refused with
 * `root_mismatch` where another root is already pinned, but for the one that the caller names in `replaces`: never an overwrite.
 */
export function addPin(
  dir: string,
  organisation: string,
  typed: string,
  replaces?: Thumbprint,
): Decision<{ organisation: OrganisationId; root: Thumbprint }, 'malformed' | 'root_mismatch'> {
  const read = handedOver.safeParse({ organisation, root: typed.replace(/\s/g, '') });
  if (!read.success) return refuse('malformed', { clause: String(read.error.issues[0]?.path[0] ?? 'pin') });
  const pins = new Map(readPins(dir));
  const before = pins.get(read.data.organisation);
  if (before !== undefined && before !== read.data.root && before !== replaces)
    return refuse('root_mismatch', { clause: organisation });
  pins.set(read.data.organisation, read.data.root);
  writePins(dir, readSettings(dir).organisation, pins);
  return allow(read.data);
}

/** A pin, and the one it took the place of. */
export interface Pinned {
  readonly organisation: OrganisationId;
  readonly root: Thumbprint;
  readonly replaced?: Thumbprint;
}

/**
 * Pins from a file that the partner handed over: `{"organisation", "root"}`, or what a root signed of the one that follows it, where that root is the
 * one pinned here.
 */
export async function addPinFromFile(dir: string, file: string, now: Instant): Promise<Decision<Pinned>> {
  const content = readJsonIfThere(file);
  const read = handedOver.safeParse(content);
  if (read.success) return addPin(dir, read.data.organisation, read.data.root);
  const named = await verifySuccession(content, now);
  if (!named.allowed) return refuse(named.refusal.code, { clause: 'file' });
  const { organisation, from, to } = named.value;
  const before = readPins(dir).get(organisation);
  if (before === undefined) return refuse('not_pinned', { clause: organisation });
  const pinned = before === to ? allow({ organisation, root: to }) : addPin(dir, organisation, to, thumbprintOf(from));
  return pinned.allowed ? allow({ ...pinned.value, replaced: before }) : pinned;
}

/** The company's own name and root fingerprint, for handing over. */
export function ownPin(dir: string): { readonly organisation: OrganisationId; readonly root: Thumbprint } {
  const { organisation } = readSettings(dir);
  const root = readPins(dir).get(organisation);
  if (!root) throw new Error(`${dir} has lost its own pin; restore pins.json from a copy`);
  return { organisation, root };
}
