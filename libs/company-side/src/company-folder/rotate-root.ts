import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Instant, lastVersionOf, type RootSuccession, type Signed } from '@interlock/domain';
import { type Signer, signed, thumbprintOf } from '@interlock/proof';
import { writeDurably } from '../durable-file.js';
import { newestEntity } from './certify.js';
import { makeKeyFile, mustBeInFile, readKeyFile, readSigner, replaceKeyFile } from './key-files.js';
import { layout } from './layout.js';
import { nextEntity, recertify } from './renew.js';
import type { Rotation } from './rotate-key.js';
import { readPins, readSettings, writePins } from './settings.js';

/** Where the next root lies until everything names it. */
const NEXT = 'root.next';
/** How many roots back a line is told: who pinned one before that pins the newest anew. */
const LONGEST_LINE = 8;

/**
 * Lets a new root follow the present one, which signs that and is destroyed. Partners go on with the root they pinned, and pin the new one when they have
 * compared it. Makes `revoke-all.json` anew. Ended half-way, it is run again and goes on with the same new root.
 *
 * @returns what the old root signed, to be handed to partners
 */
export async function rotateRoot(
  dir: string,
  now: Instant,
): Promise<Rotation & { readonly succession: Signed<RootSuccession> }> {
  const { organisation } = readSettings(dir);
  const place = layout(dir);
  mustBeInFile(place.offline, 'root');
  if (!existsSync(join(place.offline, `${NEXT}.pem`))) makeKeyFile(place.offline, NEXT);
  const root = readSigner(place.offline, NEXT, organisation);
  if (thumbprintOf(newestEntity(dir).document.root) !== root.kid) await followedBy(dir, root, now);
  const { document } = newestEntity(dir);
  await recertify(dir, readSigner(place.offline, 'certify', organisation), now);
  writeDurably(place.revokeAll, JSON.stringify(await signed(lastVersionOf(document), root, now)));
  writePins(dir, organisation, new Map([...readPins(dir), [organisation, root.kid]]));
  replaceKeyFile(place.offline, 'root', readKeyFile(place.offline, NEXT));
  rmSync(join(place.offline, `${NEXT}.pem`));
  const [succession] = document.succeeds ?? [];
  if (!succession) throw new Error('the newest entity document names no root before its own');
  return { before: thumbprintOf(succession.document.from), after: root.kid, succession };
}

async function followedBy(dir: string, root: Signer, now: Instant): Promise<void> {
  const { organisation } = readSettings(dir);
  const before = newestEntity(dir).document;
  const says: RootSuccession = {
    ...{ typ: 'root-succession', v: 1, organisation, from: before.root, to: root.kid },
    ...{ sequence: before.sequence + 1, issuedAt: now },
  };
  const succession = await signed(says, readSigner(layout(dir).offline, 'root', organisation), now);
  const succeeds = [succession, ...(before.succeeds ?? [])].slice(0, LONGEST_LINE);
  await nextEntity(dir, now, { root: root.key, succeeds }, root);
}
