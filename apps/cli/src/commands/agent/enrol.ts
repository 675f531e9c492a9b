import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  addPerson,
  initCompany,
  type NewPerson,
  type RoleWish,
  setBrokerKeys,
  signRoleMapping,
  type TokenPlace,
} from '@interlock/company-side';
import { type OrganisationId, parseLocalId, ROLES, type Role, type Thumbprint } from '@interlock/domain';
import { freePorts } from '@interlock/trial';
import { InvalidArgumentError } from 'commander';
import { readOffer } from '../../up/trial-offer.js';
import { newPassphrase } from '../passphrase.js';
import { type JsonOption, WrongUsage } from '../perform.js';

export interface InitOptions extends JsonOption {
  readonly organisation: OrganisationId;
  readonly name: string;
  readonly jurisdiction: string;
  readonly agentOrigin?: string;
  readonly brokerOrigin?: string;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly clientSecretFile?: string;
  readonly trial?: string;
  readonly pkcs11?: string;
  readonly token?: string;
  readonly pinFile?: string;
  readonly person?: readonly PersonWish[];
  readonly passphraseFile?: string;
}

type PersonWish = Pick<NewPerson, 'id' | 'groups' | 'purposes'> & { readonly roles: readonly Role[] };

/** What a person may be from the first day; `approve` also makes an approver. */
const WORDS = ['grant', 'approve', 'architect', 'auditor', 'data-engineer', 'api-client'] as const;
type Word = (typeof WORDS)[number];
const isWord = (text: string): text is Word => WORDS.some((word) => word === text);

/** `id=grant` or `id=approve+auditor`, with `@group` where the person belongs to one. */
export function personWish(text: string): PersonWish {
  const [, name = '', list = '', of] = /^([^=@]+)=([a-z+-]+)(?:@([^=@]+))?$/.exec(text) ?? [];
  const [id, group] = [parseLocalId(name), of === undefined ? undefined : parseLocalId(of)];
  const words = list.split('+');
  if (!id || (of !== undefined && !group) || !words.every(isWord))
    throw new InvalidArgumentError(
      `"${text}" is not id=grant@group or id=approve@group; beside them, joined by "+": architect, auditor, data-engineer, api-client`,
    );
  const purposes = (['grant', 'approve'] as const).filter((purpose) => words.includes(purpose));
  const roles = ROLES.filter((role) => words.includes(role === 'approver' ? 'approve' : role));
  return { id, groups: group ? [group] : [], purposes, roles };
}

/** The first mapping: each person by the subject of the login, which is the id where nothing else is said. */
const firstRoles = (people: readonly PersonWish[]): RoleWish => ({
  scopes: [],
  rules: people.flatMap(({ id, roles }) => roles.map((role) => ({ claim: 'sub', value: id, role }))),
  outsideAuditors: [],
});

/** Makes the company's folder with its people; of a trial it also records the broker's keys. Resolves with the root fingerprint. */
export async function enrol(dir: string, options: InitOptions): Promise<{ readonly root: Thumbprint }> {
  const now = Date.now();
  const offer = options.trial === undefined ? undefined : readOffer(options.trial);
  const { clientSecretFile: file, organisation, name, jurisdiction } = options;
  const clientSecret = file === undefined ? undefined : readFileSync(file, 'utf8').trim();
  const { agentOrigin, brokerOrigin, issuer, clientId } = await placesOf(options, offer?.broker.origin);
  const people: NewPerson[] = [];
  for (const { roles: _roles, ...person } of options.person ?? [])
    people.push({ ...person, passphrase: await newPassphrase(options.passphraseFile, person.id), now });
  const made = await initCompany(dir, {
    ...{ organisation, name, jurisdiction, agentOrigin, brokerOrigin, now },
    token: tokenOf(options),
    identityProvider: { issuer, clientId, ...(clientSecret !== undefined && { clientSecret }) },
  });
  for (const person of people) await addPerson(dir, person);
  const mapped = await signRoleMapping(dir, firstRoles(options.person ?? []), now);
  if (!mapped.allowed) throw new Error(`the first role mapping does not hold: ${mapped.refusal.code}`);
  if (offer) {
    const { ticketKey, logKey } = offer.broker;
    setBrokerKeys(dir, { name: offer.broker.name, ticketKey, logKey });
  }
  return made;
}

function tokenOf({ pkcs11, token, pinFile }: InitOptions): TokenPlace | undefined {
  if (pkcs11 === undefined && token === undefined && pinFile === undefined) return undefined;
  if (!pkcs11 || !token || !pinFile) throw new WrongUsage('give --pkcs11, --token and --pin-file together');
  return { module: resolve(pkcs11), token, pinFile: resolve(pinFile) };
}

async function placesOf(options: InitOptions, offered: string | undefined) {
  const [agentPort, loginPort] = offered === undefined ? [] : await freePorts(2);
  const local = (port: number | undefined) => (port === undefined ? undefined : `http://127.0.0.1:${port}`);
  const given = {
    agentOrigin: options.agentOrigin ?? local(agentPort),
    brokerOrigin: options.brokerOrigin ?? offered,
    issuer: options.issuer ?? local(loginPort),
    clientId: options.clientId ?? (offered === undefined ? undefined : 'interlock-agent'),
  };
  const { agentOrigin, brokerOrigin, issuer, clientId } = given;
  if (!agentOrigin || !brokerOrigin || !issuer || !clientId)
    throw new WrongUsage(
      'give --agent-origin, --broker-origin, --issuer and --client-id; or --trial, which offers them',
    );
  return { agentOrigin, brokerOrigin, issuer, clientId };
}
