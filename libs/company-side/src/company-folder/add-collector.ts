import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { signedCertificate } from '@interlock/contracts';
import {
  type Instant,
  type KeyCertificate,
  type LocalId,
  type PublicJwk,
  parseThumbprint,
  type Signed,
  type Thumbprint,
} from '@interlock/domain';
import { keyObjectOf, publicJwkOf, thumbprintOf } from '@interlock/proof';
import { z } from 'zod';
import { makePrivateFolder, readJsonIfThere, writeDurably } from '../durable-file.js';
import { type Leaf, makeLeaf } from '../tunnel/leaf.js';
import { certify, LIFE, readCertificates } from './certify.js';
import { makeKeyFile, readKeyFile, readSigner } from './key-files.js';
import { layout } from './layout.js';
import { readSettings } from './settings.js';

export interface NewCollector {
  readonly id: LocalId;
  /** The company's own machines whose data it may carry; none for a collector that stands in grants of a partner. */
  readonly machines: readonly LocalId[];
  readonly now: Instant;
}

export interface Collector {
  readonly folder: string;
  readonly certificate: Signed<KeyCertificate>;
}

/**
 * Makes or renews the folder that is carried to a collector: `key.pem` and `certificate.json`. The key stays the same; the machines are those named
 * now. Needs the offline `certify` key; the agent publishes the certificate.
 */
export async function addCollector(dir: string, { id, machines, now }: NewCollector): Promise<Collector> {
  const { organisation } = readSettings(dir);
  const folder = layout(dir).workload(id);
  makePrivateFolder(folder);
  const key = existsSync(join(folder, 'key.pem')) ? readKeyFile(folder, 'key') : makeKeyFile(folder, 'key');
  const held = readJsonIfThere(join(folder, 'certificate.json'));
  const since = held === undefined ? now : signedCertificate.parse(held).document.notBefore;
  const holding = {
    ...({ kind: 'workload', id, key: publicJwkOf(key), life: LIFE.holder, resources: machines } as const),
    purposes: ['subject', 'call'] as const,
  };
  const signer = readSigner(layout(dir).offline, 'certify', organisation);
  const certificate = await certify(dir, organisation, signer, holding, now, since);
  writeDurably(join(folder, 'certificate.json'), JSON.stringify(certificate), 0o644);
  return { folder, certificate };
}

export interface CurlPlace {
  /** Folder with the collector's `key.pem`; `client.crt`, `curl.conf` and `door.json` are written beside it. */
  readonly folder: string;
  /** `host:port` of the gateway's door. */
  readonly door: string;
  /** The gateway's own key: curl talks to nobody else. */
  readonly gateway: PublicJwk;
  readonly now: Instant;
}

/** Writes what `interlock data push` and curl need to push: `curl -K <folder>/curl.conf`. The certificate asserts nothing; both ends know each other by their keys. */
export async function writeCurlConfig({ folder, door, gateway, now }: CurlPlace): Promise<string> {
  const leaf = await makeLeaf(readKeyFile(folder, 'key'), now);
  writeDurably(join(folder, 'client.crt'), leaf.cert, 0o644);
  const spki = keyObjectOf(gateway).export({ type: 'spki', format: 'der' });
  const pin = createHash('sha256').update(spki).digest('base64');
  const file = join(folder, 'curl.conf');
  const [host, port] = splitDoor(door);
  writeDurably(join(folder, DOOR), JSON.stringify({ host, port, gateway: thumbprintOf(gateway) }), 0o644);
  const lines = [
    `url = "https://${door}/v1/events"`,
    `cert = ${quoted(join(folder, 'client.crt'))}`,
    `key = ${quoted(join(folder, 'key.pem'))}`,
    // No authority is asked about the certificate: the pinned key is what counts.
    'insecure',
    `pinnedpubkey = "sha256//${pin}"`,
    'tlsv1.3',
    'silent',
    'show-error',
  ];
  writeDurably(file, `${lines.join('\n')}\n`);
  return file;
}

const DOOR = 'door.json';
const doorFile = z.strictObject({ host: z.string(), port: z.number().int(), gateway: z.string() });

function splitDoor(door: string): readonly [string, number] {
  const at = door.lastIndexOf(':');
  return [door.slice(0, at), Number(door.slice(at + 1))];
}

/** Where a collector pushes, and as whom. */
export interface CollectorDoor {
  readonly host: string;
  readonly port: number;
  readonly gateway: Thumbprint;
  readonly leaf: () => Promise<Leaf>;
}

/**
 * The door of the folder that was carried to a collector.
 * @throws if the folder is not one, with what makes it
 */
export function readCollectorDoor(folder: string, now: () => Instant): CollectorDoor {
  const read = doorFile.safeParse(readJsonIfThere(join(folder, DOOR)));
  const gateway = read.success ? parseThumbprint(read.data.gateway) : undefined;
  if (!read.success || !gateway)
    throw new Error(`${folder} is no collector's folder; "interlock data credentials --collector ..." makes one`);
  const key = readKeyFile(folder, 'key');
  return { ...read.data, gateway, leaf: () => makeLeaf(key, now()) };
}

const quoted = (path: string): string => `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** The newest key of one of the company's own gateways; undefined where it has none of that name. */
export const gatewayKeyOf = (dir: string, id: LocalId): PublicJwk | undefined =>
  readCertificates(dir)
    .map(({ document }) => document)
    .filter(({ holder }) => holder.kind === 'gateway' && holder.id === id)
    .sort((a, b) => b.notAfter - a.notAfter)[0]?.key;
