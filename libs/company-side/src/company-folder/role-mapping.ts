import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { roleMapping, signedRoleMapping } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type Instant,
  judgeMapping,
  type MappingFault,
  type OutsideAuditor,
  type RoleMapping,
  refuse,
  type Signed,
} from '@interlock/domain';
import { digestOf, signed } from '@interlock/proof';
import { makePrivateFolder, readJsonIfThere, writeDurably } from '../durable-file.js';
import { readPeople } from './add-person.js';
import { newestEntity } from './certify.js';
import { readSigner } from './key-files.js';
import { layout } from './layout.js';
import { readSettings } from './settings.js';

/** What a company says about roles; the rest of the document follows from the folder. */
export type RoleWish = Pick<RoleMapping, 'scopes' | 'rules' | 'outsideAuditors'>;

/** The mapping in force; undefined where the company never signed one, so that nobody has a role. */
export function readRoleMapping(dir: string): Signed<RoleMapping> | undefined {
  const { roles } = layout(dir);
  const newest = existsSync(roles) ? readdirSync(roles).sort().at(-1) : undefined;
  return newest === undefined ? undefined : signedRoleMapping.parse(readJsonIfThere(join(roles, newest)));
}

/**
 * Signs the next version of the mapping with the offline `certify` key; it takes the place of the one before. A running agent takes it up
 * within seconds, for sessions that are open too. Refused where the agent would not take it.
 */
export async function signRoleMapping(
  dir: string,
  wish: RoleWish,
  now: Instant,
): Promise<Decision<Signed<RoleMapping>, MappingFault | 'malformed'>> {
  const { organisation, identityProvider } = readSettings(dir);
  const before = readRoleMapping(dir)?.document;
  const entity = newestEntity(dir).document;
  const parsed = roleMapping.safeParse({
    ...wish,
    typ: 'role-mapping',
    v: 1,
    organisation,
    entity: digestOf(entity),
    sequence: (before?.sequence ?? 0) + 1,
    previous: before ? digestOf(before) : null,
    issuer: identityProvider.issuer,
    issuedAt: now,
  });
  if (!parsed.success) return refuse('malformed', { clause: parsed.error.issues[0]?.path.join('.') ?? 'role-mapping' });
  const judged = judgeMapping(parsed.data, entity);
  if (!judged.allowed) return judged;
  const taken = parsed.data.outsideAuditors.find((one) => namesOwn(dir, one));
  if (taken) return refuse('role_mapping_incoherent', { clause: taken.id });
  const made = await signed(parsed.data, readSigner(layout(dir).offline, 'certify', organisation), now);
  makePrivateFolder(layout(dir).roles);
  const name = `${String(parsed.data.sequence).padStart(6, '0')}.json`;
  writeDurably(join(layout(dir).roles, name), JSON.stringify(made), 0o644);
  return allow(made);
}

/** An outside auditor under the name or the login of one of the own people would be taken for that person. */
const namesOwn = (dir: string, { id, login }: OutsideAuditor): boolean =>
  readPeople(dir).some((person) => person.id === id || person.login === login);
