import { existsSync, mkdirSync } from 'node:fs';
import {
  type EntityDocument,
  type Instant,
  type LocalId,
  lastVersionOf,
  type OrganisationId,
  type PublicJwk,
  type Purpose,
  type Thumbprint,
} from '@interlock/domain';
import { ENTITY_LONGEST, keySigner, publicJwkOf, type Signer, signed, thumbprintOf } from '@interlock/proof';
import { makePrivateFolder, writeDurably } from '../durable-file.js';
import { certify, LIFE, writeEntity } from './certify.js';
import { makeKeyFile, readKeyFile } from './key-files.js';
import { layout, OFFLINE_KEYS } from './layout.js';
import { type CompanySettings, readSettings, writePins, writeSettings } from './settings.js';
import { makeTokenKey, type TokenPlace } from './token-key.js';

export interface NewCompany {
  readonly organisation: OrganisationId;
  readonly name: string;
  /** ISO 3166-1 alpha-2. */
  readonly jurisdiction: string;
  readonly agentOrigin: string;
  readonly brokerOrigin: string;
  readonly identityProvider: { readonly issuer: string; readonly clientId: string; readonly clientSecret?: string };
  /** Where the offline keys are made; in files where it is left out. */
  readonly token?: TokenPlace | undefined;
  readonly now: Instant;
}

export const AGENT_PURPOSES: readonly Purpose[] = ['login', 'narrow', 'embargo', 'decide', 'call'];
export const AGENT_ID = 'agent' as LocalId;
export const PIPELINE_ID = 'telemetry-pipeline' as LocalId;

/**
 * Makes a company's folder: offline keys, entity document, and the certified keys of its agent, its witness and its telemetry pipeline.
 * Returns the root thumbprint, to be compared with partners out of band. Throws where the folder already holds a company.
 */
export async function initCompany(dir: string, company: NewCompany): Promise<{ readonly root: Thumbprint }> {
  const place = layout(dir);
  if (existsSync(place.settings)) throw new Error(`${dir} already holds a company; nothing was changed`);
  for (const folder of [dir, place.offline, place.keys, place.people, place.state]) makePrivateFolder(folder);
  for (const folder of [place.entities, place.certificates, place.agreements]) mkdirSync(folder, { recursive: true });
  const [root, certifyKey, agreement] = OFFLINE_KEYS.map((name) => offlineKey(place.offline, name, company));
  if (!root || !certifyKey || !agreement) throw new Error('three offline keys are made above');
  const document: EntityDocument = {
    typ: 'entity',
    v: 1,
    organisation: company.organisation,
    name: company.name,
    sequence: 1,
    previous: null,
    root: root.key,
    keys: [
      { key: certifyKey.key, purposes: ['certify'] },
      { key: agreement.key, purposes: ['agreement'] },
    ],
    agentOrigin: company.agentOrigin,
    identityProviders: [{ issuer: company.identityProvider.issuer, clientId: company.identityProvider.clientId }],
    trustDomain: company.organisation,
    jurisdiction: company.jurisdiction,
    issuedAt: company.now,
    expiresAt: company.now + ENTITY_LONGEST,
  };
  writeEntity(dir, await signed(document, root, company.now));
  // Prepared now, because on the day it is needed the root may be what was lost.
  writeDurably(place.revokeAll, JSON.stringify(await signed(lastVersionOf(document), root, company.now)));
  writePins(dir, company.organisation, new Map([[company.organisation, thumbprintOf(root.key)]]));
  await makeAgentKeys(dir, company, certifyKey);
  await makePipeline(dir, company, certifyKey);
  makeKeyFile(place.keys, 'oidc', 'P-256');
  if (company.identityProvider.clientSecret) writeDurably(place.clientSecret, company.identityProvider.clientSecret);
  // Last, because this file says that the folder is whole: a crash before it leaves a folder that can be removed and made again.
  writeSettings(dir, settingsOf(company));
  return { root: root.kid };
}

const offlineKey = (dir: string, name: string, { organisation, token }: NewCompany): Signer =>
  token ? makeTokenKey(dir, name, token, organisation) : keySigner(organisation, makeKeyFile(dir, name));

/** How the company's own identity provider registers its agent: a confidential client that proves itself with a key, not with a secret. */
export function agentClient(dir: string): {
  readonly client_id: string;
  readonly client_name: string;
  readonly redirect_uris: readonly string[];
  readonly token_endpoint_auth_method: 'private_key_jwt';
  readonly jwks: { readonly keys: readonly PublicJwk[] };
} {
  const { identityProvider, agentOrigin, name } = readSettings(dir);
  return {
    client_id: identityProvider.clientId,
    client_name: `Company agent of ${name}`,
    redirect_uris: [new URL(CALLBACK_PATH, agentOrigin).href],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [publicJwkOf(readKeyFile(layout(dir).keys, 'oidc'))] },
  };
}

/** Where the identity provider sends people back to. */
export const CALLBACK_PATH = '/oidc/callback';

const settingsOf = (company: NewCompany): CompanySettings => ({
  v: 1,
  organisation: company.organisation,
  name: company.name,
  jurisdiction: company.jurisdiction,
  agentOrigin: company.agentOrigin,
  brokerOrigin: company.brokerOrigin,
  identityProvider: { issuer: company.identityProvider.issuer, clientId: company.identityProvider.clientId },
  epoch: 1,
});

async function makeAgentKeys(dir: string, { organisation, now }: NewCompany, signer: Signer) {
  const { keys } = layout(dir);
  const agent = { kind: 'agent', id: AGENT_ID, epoch: 1 } as const;
  const key = (name: string) => publicJwkOf(makeKeyFile(keys, name));
  const holdings = [
    { ...agent, key: key('agent'), purposes: AGENT_PURPOSES, life: LIFE.agent },
    // A key of its own, because whoever holds it beside the broker can hide cuts until this certificate ends.
    { ...agent, key: key('beat'), purposes: ['beat'] as const, life: LIFE.beat },
    {
      kind: 'witness' as const,
      id: 'witness' as LocalId,
      key: key('witness'),
      purposes: ['witness'] as const,
      life: LIFE.agent,
    },
  ];
  for (const holding of holdings) await certify(dir, organisation, signer, holding, now);
}

/** The workload that receives telemetry: one key opens sealed batches, the other calls the broker. */
async function makePipeline(dir: string, { organisation, now }: NewCompany, signer: Signer) {
  const folder = layout(dir).workload(PIPELINE_ID);
  makePrivateFolder(folder);
  const holder = { kind: 'workload', id: PIPELINE_ID } as const;
  const open = publicJwkOf(makeKeyFile(folder, 'open', 'X25519'));
  const call = publicJwkOf(makeKeyFile(folder, 'key'));
  const calling = { ...holder, key: call, purposes: ['subject', 'call'] as const, life: LIFE.holder };
  const opening = { ...holder, key: open, purposes: ['open'] as const, life: LIFE.open };
  const made = await certify(dir, organisation, signer, calling, now);
  writeDurably(`${folder}/certificate.json`, JSON.stringify(made), 0o644);
  await certify(dir, organisation, signer, opening, now);
}
