import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  addCollector,
  addMachine,
  addPerson,
  addPin,
  initCompany,
  layout,
  ownPin,
  readRoleMapping,
  setBrokerKeys,
  signRoleMapping,
} from '@interlock/company-side';
import { readBrokerKeyFiles } from './broker-keys.js';
import { BUYER, DEMO_ROLES, type DemoCompany, HISTORIAN, PRESS, VENDOR } from './demo-companies.js';
import { layDemoLists } from './demo-embargo.js';
import { writeIdentityProviderFiles } from './identity-provider-files.js';
import { BROKER_NAME } from './start-broker.js';
import type { TrialState } from './trial-state.js';

/** One demo company as the trial runs it: its folder, its agent's origin, its identity provider, its people's secrets. */
export interface CompanyPlace {
  readonly company: DemoCompany;
  readonly dir: string;
  readonly agentOrigin: string;
  readonly issuer: string;
  readonly password: (person: string) => string;
  readonly passphrase: (person: string) => string;
}

export interface CompaniesOptions {
  readonly dir: string;
  readonly state: TrialState;
  readonly brokerOrigin: string;
  readonly now: number;
}

/** Makes both companies' folders, each with keys of its own; where they exist they are left as they are. */
export async function makeCompanies(options: CompaniesOptions): Promise<{ vendor: CompanyPlace; buyer: CompanyPlace }> {
  const { state } = options;
  const vendor = placeOf(options, VENDOR, 'vendor', state.port('vendorAgent'), state.port('vendorOidc'));
  const buyer = placeOf(options, BUYER, 'buyer', state.port('buyerAgent'), state.port('buyerOidc'));
  for (const place of [vendor, buyer]) await makeCompany(place, options);
  if (!existsSync(layout(buyer.dir).machine(PRESS))) await addMachine(buyer.dir, { id: PRESS, now: options.now });
  if (!existsSync(layout(buyer.dir).workload(HISTORIAN)))
    await addCollector(buyer.dir, { id: HISTORIAN, machines: [PRESS], now: options.now });
  return { vendor, buyer };
}

function placeOf(
  { dir, state }: CompaniesOptions,
  company: DemoCompany,
  word: string,
  agentPort: number,
  oidcPort: number,
): CompanyPlace {
  return {
    company,
    dir: join(dir, 'companies', word),
    // By name: browsers bind passkeys to names, never to an address.
    agentOrigin: `http://localhost:${agentPort}`,
    issuer: `http://127.0.0.1:${oidcPort}`,
    password: (person) => state.secret(`${word}.${person}.password`),
    passphrase: (person) => state.secret(`${word}.${person}.passphrase`),
  };
}

async function makeCompany(place: CompanyPlace, { brokerOrigin, now }: CompaniesOptions): Promise<void> {
  const { company, dir } = place;
  if (!existsSync(layout(dir).settings)) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    await initCompany(dir, {
      organisation: company.organisation,
      name: company.name,
      jurisdiction: company.jurisdiction,
      agentOrigin: place.agentOrigin,
      brokerOrigin,
      identityProvider: { issuer: place.issuer, clientId: 'interlock-agent' },
      now,
    });
    for (const person of company.people)
      await addPerson(dir, { ...person, passphrase: place.passphrase(person.id), now });
  }
  if (!readRoleMapping(dir)) {
    const mapped = await signRoleMapping(dir, DEMO_ROLES, now);
    if (!mapped.allowed) throw new Error(`the roles of ${company.name} do not hold: ${mapped.refusal.code}`);
  }
  writeIdentityProviderFiles(dir, { ...company, password: place.password });
  await layDemoLists(dir, now);
}

/** Tells a company which keys the broker signs tickets and checkpoints with. They let it deny and be checked, nothing more. */
export function tellBrokerKeys({ dir }: CompanyPlace, brokerKeys: string): void {
  setBrokerKeys(dir, { name: BROKER_NAME, ...readBrokerKeyFiles(brokerKeys) });
}

/** The out-of-band comparison of the trial: each side reads the other's fingerprint from a file that the broker never touched. */
export function pinEachOther(vendor: CompanyPlace, buyer: CompanyPlace): void {
  for (const [mine, theirs] of [
    [vendor, buyer],
    [buyer, vendor],
  ] as const) {
    const { organisation, root } = ownPin(theirs.dir);
    addPin(mine.dir, organisation, root);
  }
}
