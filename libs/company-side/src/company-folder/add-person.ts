import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { localId } from '@interlock/contracts';
import type { Instant, KeyCertificate, LocalId, Purpose, Signed } from '@interlock/domain';
import { publicJwkOf } from '@interlock/proof';
import { z } from 'zod';
import { makePrivateFolder, readJsonIfThere, writeDurably } from '../durable-file.js';
import { certify, LIFE } from './certify.js';
import { makePersonKeyFile, readSigner } from './key-files.js';
import { folderName, layout } from './layout.js';
import { readSettings } from './settings.js';

const person = z.strictObject({
  id: localId,
  /** The `sub` by which the company's own identity provider knows this person. */
  login: z.string().min(1).max(200),
  groups: z.array(localId),
  purposes: z.array(z.enum(['grant', 'approve', 'delegate', 'signal'])),
  guest: z.boolean(),
});
export type Person = z.infer<typeof person>;

export interface NewPerson {
  readonly id: LocalId;
  /** Defaults to `id`. */
  readonly login?: string;
  readonly groups: readonly LocalId[];
  /** What the person's key may sign; `grant` to ask, `approve` to say yes. May be empty. */
  readonly purposes: readonly Extract<Purpose, 'grant' | 'approve' | 'delegate' | 'signal'>[];
  readonly passphrase: string;
  readonly guest?: boolean;
  readonly now: Instant;
}

/**
 * Adds a person with a key that only the person's passphrase opens: the running agent keeps the file and can do nothing with it
 * alone. A person without purposes gets no key.
 */
export async function addPerson(dir: string, added: NewPerson): Promise<Signed<KeyCertificate> | undefined> {
  const { organisation } = readSettings(dir);
  const folder = layout(dir).person(added.id);
  if (existsSync(join(folder, 'person.json'))) throw new Error(`${added.id} is already a person of ${organisation}`);
  const login = added.login ?? added.id;
  if (readPeople(dir).some((other) => other.login === login))
    throw new Error(`the login ${login} belongs to somebody else`);
  makePrivateFolder(folder);
  const certificate = added.purposes.length > 0 ? await certifyPerson(dir, folder, added) : undefined;
  const { id, groups, purposes, guest = false } = added;
  writeDurably(join(folder, 'person.json'), JSON.stringify({ id, login, groups, purposes, guest }));
  return certificate;
}

async function certifyPerson(dir: string, folder: string, added: NewPerson): Promise<Signed<KeyCertificate>> {
  const { organisation } = readSettings(dir);
  const signer = readSigner(layout(dir).offline, 'certify', organisation);
  const key = publicJwkOf(makePersonKeyFile(folder, added.passphrase));
  const { id, groups, purposes, guest = false } = added;
  const holding = { kind: 'person' as const, id, key, purposes, groups, guest, life: LIFE.holder };
  return certify(dir, organisation, signer, holding, added.now);
}

/** The people of this company who may use its agent. */
export function readPeople(dir: string): readonly Person[] {
  const { people } = layout(dir);
  if (!existsSync(people)) return [];
  return readdirSync(people).flatMap((name) => {
    const read = readJsonIfThere(join(people, name, 'person.json'));
    if (read === undefined) return [];
    const parsed = person.parse(read);
    if (folderName(parsed.id) !== name) throw new Error(`${join(people, name)} holds the file of somebody else`);
    return [parsed];
  });
}
