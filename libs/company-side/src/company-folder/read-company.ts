import { existsSync, readFileSync } from 'node:fs';
import type {
  EntityDocument,
  KeyCertificate,
  OrganisationId,
  RoleMapping,
  Signed,
  Thumbprint,
} from '@interlock/domain';
import { type Person, readPeople } from './add-person.js';
import { readCertificates, readEntities } from './certify.js';
import { layout } from './layout.js';
import { readRoleMapping } from './role-mapping.js';
import { type BrokerKeys, type CompanySettings, readBrokerKeys, readPins, readSettings } from './settings.js';

/** What the running agent knows of its own company. No offline key is among it, and none is opened to make it. */
export interface CompanyView {
  readonly settings: CompanySettings;
  /** Every version, oldest first. */
  readonly entities: readonly Signed<EntityDocument>[];
  readonly certificates: readonly Signed<KeyCertificate>[];
  readonly pins: ReadonlyMap<OrganisationId, Thumbprint>;
  readonly people: readonly Person[];
  /** Not verified here; undefined where there is none. */
  readonly roles: Signed<RoleMapping> | undefined;
  readonly broker: BrokerKeys | undefined;
  readonly clientSecret: string | undefined;
}

/** Reads a company's folder. Throws, saying what to do, where it is not whole. */
export function readCompany(dir: string): CompanyView {
  const { clientSecret } = layout(dir);
  return {
    settings: readSettings(dir),
    entities: readEntities(dir),
    certificates: readCertificates(dir),
    pins: readPins(dir),
    people: readPeople(dir),
    roles: readRoleMapping(dir),
    broker: readBrokerKeys(dir),
    clientSecret: existsSync(clientSecret) ? readFileSync(clientSecret, 'utf8').trim() : undefined,
  };
}
