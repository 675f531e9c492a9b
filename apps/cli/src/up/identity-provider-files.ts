import { join } from 'node:path';
import { agentClient, makePrivateFolder, writeDurably } from '@interlock/company-side';
import type { LocalId, OrganisationId } from '@interlock/domain';

export interface Accounts {
  readonly organisation: OrganisationId;
  readonly people: readonly { readonly id: LocalId; readonly login?: string; readonly groups: readonly LocalId[] }[];
  readonly password: (person: string) => string;
}

/** The settings of the demo identity provider of one company, which lies in the company's folder. */
export const identityProviderSettings = (dir: string, name: string, issuer: string) => ({
  OIDC_PORT: new URL(issuer).port,
  OIDC_NAME: name,
  OIDC_ACCOUNTS_FILE: accountsFile(dir),
  OIDC_CLIENTS_FILE: join(dir, 'identity-provider', 'clients.json'),
  OIDC_FOLDER: join(dir, 'identity-provider'),
});

export const accountsFile = (dir: string): string => join(dir, 'identity-provider', 'accounts.json');

/** The files the demo identity provider reads: people with passwords, and the agent as its one client. */
export function writeIdentityProviderFiles(dir: string, { organisation, people, password }: Accounts): void {
  makePrivateFolder(join(dir, 'identity-provider'));
  const accounts = people.map((person) => ({
    sub: person.login ?? person.id,
    name: person.id.replaceAll('-', ' '),
    email: `${person.id}@${organisation}`,
    groups: person.groups,
    password: password(person.id),
  }));
  writeDurably(accountsFile(dir), `${JSON.stringify(accounts, null, 2)}\n`);
  writeDurably(join(dir, 'identity-provider', 'clients.json'), `${JSON.stringify([agentClient(dir)], null, 2)}\n`);
}
