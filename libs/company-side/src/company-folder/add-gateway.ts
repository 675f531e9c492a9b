import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { provisioning, signedCertificate } from '@interlock/contracts';
import type { Instant, KeyCertificate, LocalId, Provisioning, PublicJwk, Purpose, Signed } from '@interlock/domain';
import { publicJwkOf, type Signer, signed } from '@interlock/proof';
import { makePrivateFolder, readJsonIfThere, writeDurably } from '../durable-file.js';
import { certify, LIFE, newestEntity } from './certify.js';
import { makeKeyFile, readKeyFile, readSigner } from './key-files.js';
import { layout, PSEUDONYM_KEY } from './layout.js';
import { type CompanySettings, readPins, readSettings } from './settings.js';

export interface NewGateway {
  readonly id: LocalId;
  /** What it enforces for, among the company's own resources. */
  readonly resources: readonly LocalId[];
  readonly targets: Provisioning['targets'];
  /** Where it fetches telemetry beside the machines' adapters. */
  readonly sources?: Provisioning['sources'];
  readonly relays: Provisioning['relays'];
  readonly regions: Provisioning['regions'];
  readonly broker: { readonly origin: string; readonly ticketKey: PublicJwk };
  /** Names of people, machines and domains that no value may carry out of the plant. */
  readonly scrub?: readonly string[];
  /** It stands in a region and takes what is pushed there: its key is good for nothing else, and the key of pseudonyms stays at home. */
  readonly inspects?: boolean;
  readonly now: Instant;
}

/**
 * Makes or renews the folder that is carried to a gateway: `key.pem`, `certificate.json`, `entity.json` and the signed
 * `provisioning.json` with today's pins. Run it again after a new pin or target; the key stays the same.
 */
export async function addGateway(dir: string, gateway: NewGateway): Promise<{ readonly folder: string }> {
  const settings = readSettings(dir);
  const folder = layout(dir).gateway(gateway.id);
  const signer = readSigner(layout(dir).offline, 'certify', settings.organisation);
  const bundle = provisioning.parse(bundleOf(dir, settings, gateway));
  const places = [...bundle.targets, ...(bundle.sources ?? [])];
  const stray = places.find((place) => !gateway.resources.includes(place.resource));
  if (stray) throw new Error(`the target ${stray.resource} is not among the gateway's resources`);
  if (gateway.inspects && places.length > 0)
    throw new Error('what inspects in a region reaches no machine: it has no targets and no sources');
  const certificate = await holderFolder(dir, folder, settings, signer, {
    kind: 'gateway',
    id: gateway.id,
    purposes: [gateway.inspects ? 'inspect' : 'enforce', 'call'],
    resources: gateway.resources,
    now: gateway.now,
  });
  writeDurably(join(folder, 'certificate.json'), JSON.stringify(certificate), 0o644);
  writeDurably(join(folder, 'entity.json'), JSON.stringify(newestEntity(dir)), 0o644);
  writeDurably(join(folder, 'provisioning.json'), JSON.stringify(await signed(bundle, signer, gateway.now)), 0o644);
  if (gateway.inspects) return { folder };
  const { pseudonyms } = layout(dir);
  if (!existsSync(pseudonyms)) writeDurably(pseudonyms, randomBytes(32));
  writeDurably(join(folder, PSEUDONYM_KEY), readFileSync(pseudonyms));
  return { folder };
}

const bundleOf = (dir: string, settings: CompanySettings, gateway: NewGateway): Provisioning => ({
  typ: 'provisioning',
  v: 1,
  organisation: settings.organisation,
  gateway: gateway.id,
  pins: [...readPins(dir)].map(([organisation, root]) => ({ organisation, root })),
  targets: gateway.targets,
  ...(gateway.sources && { sources: gateway.sources }),
  broker: gateway.broker,
  relays: gateway.relays,
  regions: gateway.regions,
  scrub: gateway.scrub ?? [],
  issuedAt: gateway.now,
});

/** Adds a machine that shows up as a subject by itself. Its folder is carried to the machine. */
export async function addMachine(
  dir: string,
  machine: { readonly id: LocalId; readonly now: Instant },
): Promise<{ readonly folder: string; readonly certificate: Signed<KeyCertificate> }> {
  const settings = readSettings(dir);
  const folder = layout(dir).machine(machine.id);
  const signer = readSigner(layout(dir).offline, 'certify', settings.organisation);
  const purposes = ['subject', 'call'] as const;
  const certificate = await holderFolder(dir, folder, settings, signer, { kind: 'machine', purposes, ...machine });
  writeDurably(join(folder, 'certificate.json'), JSON.stringify(certificate), 0o644);
  return { folder, certificate };
}

interface FolderHolder {
  readonly kind: 'gateway' | 'machine';
  readonly id: LocalId;
  readonly purposes: readonly Purpose[];
  readonly resources?: readonly LocalId[];
  readonly now: Instant;
}

async function holderFolder(
  dir: string,
  folder: string,
  { organisation }: CompanySettings,
  signer: Signer,
  { now, ...holder }: FolderHolder,
): Promise<Signed<KeyCertificate>> {
  makePrivateFolder(folder);
  const made = existsSync(join(folder, 'key.pem')) ? readKeyFile(folder, 'key') : makeKeyFile(folder, 'key');
  const held = readJsonIfThere(join(folder, 'certificate.json'));
  const since = held === undefined ? now : signedCertificate.parse(held).document.notBefore;
  // The same key stays certified since its first day, or its earlier signatures would stop to count.
  const holding = { ...holder, key: publicJwkOf(made), life: LIFE.holder };
  return certify(dir, organisation, signer, holding, now, since);
}
