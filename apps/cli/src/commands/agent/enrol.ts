import { readFileSync } from 'node:fs';
import { addPerson, initCompany, type NewPerson, setBrokerKeys } from '@interlock/company-side';
import { type OrganisationId, parseLocalId, type Thumbprint } from '@interlock/domain';
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
  readonly person?: readonly PersonWish[];
  readonly passphraseFile?: string;
}

type PersonWish = Pick<NewPerson, 'id' | 'groups' | 'purposes'>;

/** `id=grant` or `id=approve`, with `@group` where the person belongs to one. */
export function personWish(text: string): PersonWish {
  const [, name = '', purpose, of] = /^([^=@]+)=(grant|approve)(?:@([^=@]+))?$/.exec(text) ?? [];
  const [id, group] = [parseLocalId(name), of === undefined ? undefined : parseLocalId(of)];
  if (!id || (of !== undefined && !group))
    throw new InvalidArgumentError(`"${text}" is not id=grant@group or id=approve@group`);
  return { id, groups: group ? [group] : [], purposes: [purpose === 'grant' ? 'grant' : 'approve'] };
}

/** Makes the company's folder with its people; of a trial it also records the broker's keys. Resolves with the root fingerprint. */
export async function enrol(dir: string, options: InitOptions): Promise<{ readonly root: Thumbprint }> {
  const now = Date.now();
  const offer = options.trial === undefined ? undefined : readOffer(options.trial);
  const { clientSecretFile: file, organisation, name, jurisdiction } = options;
  const clientSecret = file === undefined ? undefined : readFileSync(file, 'utf8').trim();
  const { agentOrigin, brokerOrigin, issuer, clientId } = await placesOf(options, offer?.broker.origin);
  const people: NewPerson[] = [];
  for (const person of options.person ?? [])
    people.push({ ...person, passphrase: await newPassphrase(options.passphraseFile, person.id), now });
  const made = await initCompany(dir, {
    ...{ organisation, name, jurisdiction, agentOrigin, brokerOrigin, now },
    identityProvider: { issuer, clientId, ...(clientSecret !== undefined && { clientSecret }) },
  });
  for (const person of people) await addPerson(dir, person);
  if (offer) {
    const { ticketKey, logKey } = offer.broker;
    setBrokerKeys(dir, { name: offer.broker.name, ticketKey, logKey });
  }
  return made;
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
