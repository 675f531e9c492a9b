import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { publicJwk } from '@interlock/contracts';
import type { LocalId } from '@interlock/domain';
import { thumbprintOf } from '@interlock/proof';
import { z } from 'zod';
import { makePrivateFolder, readJsonIfThere, writeDurably } from '../durable-file.js';
import { layout } from './layout.js';

const passkey = z.strictObject({
  /** The id by which a browser finds it (WebAuthn credential id), base64url. */
  credential: z.string().regex(/^[A-Za-z0-9_-]{1,1400}$/),
  key: publicJwk,
  /** How often it signed, by its own word; 0 for one that does not count. */
  counter: z.number().int().min(0).max(0xffff_ffff),
  addedAt: z.number().int().min(0),
});
/** A passkey of a person, as the agent's page got to know it. It signs nothing that counts before its key is certified. */
export type PasskeyFile = z.infer<typeof passkey>;

const folderOf = (dir: string, person: LocalId): string => join(layout(dir).person(person), 'passkeys');

/** The passkeys of one person of this company. */
export function readPasskeys(dir: string, person: LocalId): readonly PasskeyFile[] {
  const folder = folderOf(dir, person);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => passkey.parse(readJsonIfThere(join(folder, name))));
}

/** Keeps a passkey, or how far it has counted. */
export function keepPasskey(dir: string, person: LocalId, kept: PasskeyFile): void {
  const folder = folderOf(dir, person);
  makePrivateFolder(folder);
  writeDurably(join(folder, `${thumbprintOf(kept.key)}.json`), JSON.stringify(kept));
}
