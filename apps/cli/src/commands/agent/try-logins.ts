import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readJsonIfThere, readPeople, readSettings } from '@interlock/company-side';
import { z } from 'zod';
import {
  accountsFile,
  identityProviderSettings,
  writeIdentityProviderFiles,
} from '../../up/identity-provider-files.js';
import { program } from '../../up/programs.js';
import { tell, WrongUsage } from '../perform.js';

const kept = z.array(z.object({ sub: z.string(), password: z.string() }));

/**
 * Runs the demo identity provider for the people of a company that has none on this machine. Each gets a password of his own, made at the
 * first start and kept in the company's folder. It ends with this process. Throws `WrongUsage` where it does not start.
 */
export async function runTryLogins(dir: string): Promise<void> {
  const { organisation, name, identityProvider } = readSettings(dir);
  const before = kept.safeParse(readJsonIfThere(accountsFile(dir)) ?? []);
  const known = new Map((before.data ?? []).map(({ sub, password }) => [sub, password]));
  const people = readPeople(dir);
  writeIdentityProviderFiles(dir, {
    organisation,
    people,
    password: (person) => known.get(person) ?? randomBytes(18).toString('base64url'),
  });
  const child = spawn(process.execPath, [program('demo-peers'), 'oidc'], {
    env: {
      ...process.env,
      ...identityProviderSettings(dir, name, identityProvider.issuer),
      INTERLOCK_PARENT_PIPE: '1',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(() => false);
  const ready = once(child.stdout, 'data').then(() => true);
  if (!(await Promise.race([ready, ended])))
    throw new WrongUsage('the identity provider did not start; what it wrote above says why');
  tell(`an identity provider to try with is at ${identityProvider.issuer}; passwords: ${accountsFile(dir)}`);
}
