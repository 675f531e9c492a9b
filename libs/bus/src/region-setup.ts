import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Instant } from '@interlock/domain';
import { nkeyFromSeed } from '@interlock/proof';
import { z } from 'zod';
import { type RegionKeys, regionKeys } from './region-keys.js';
import { type BusServerSettings, type BusTrust, busServerConfig, establishBusTrust } from './server-config.js';

/** A user of the operating system. Only root can give a folder away; for others leave it out. */
export interface FolderOwner {
  readonly uid: number;
  readonly gid: number;
}

export interface RegionSetup {
  /** Folder of the region's own keys, readable by the broker's services alone. Made if missing. */
  readonly dir: string;
  /** Folder of streams and accounts. Made if missing. */
  readonly storeDir: string;
  readonly region: string;
  readonly host: string;
  readonly port: number;
  /** Certificate and key of the endpoint; agreements name the key's thumbprint. */
  readonly tls?: BusServerSettings['tls'];
  readonly now: Instant;
  /** Folder of the operator's identity key, needed at the first set-up alone; `dir` if left out. */
  readonly operatorDir?: string;
  readonly owners?: { readonly keys?: FolderOwner | undefined; readonly store?: FolderOwner | undefined };
  readonly limits?: Partial<Pick<BusServerSettings, 'maxFileBytes' | 'maxConnections' | 'syncAlways'>>;
}

const SECRET = 'region.secret';
const OPERATOR = 'operator.seed';
const TRUST = 'trust.json';
const LIMITS = { maxFileBytes: 64 * 1024 ** 3, maxConnections: 1_000, syncAlways: true };

const trust: z.ZodType<BusTrust> = z.strictObject({
  operatorJwt: z.string(),
  systemAccount: z.string(),
  systemAccountJwt: z.string(),
  regionAccount: z.string(),
  regionAccountJwt: z.string(),
});

/**
 * The configuration of a region's bus server, and the keys behind it. Keys are made at the first call and never again; what the operator's
 * identity key signed is kept beside them, so that every later call works with that key offline. Killed half-way, the next call goes on:
 * each file appears whole or not at all, and nothing names a key that is not on disk yet.
 *
 * @throws if a folder or a key file cannot be read, with what to do
 */
export function setUpRegion(setup: RegionSetup): { readonly configText: string; readonly keys: RegionKeys } {
  const { dir, storeDir, owners, limits } = setup;
  folder(dir, owners?.keys);
  folder(storeDir, owners?.store);
  const own = owners?.keys;
  keep(join(dir, SECRET), () => randomBytes(32), own);
  const keys = readRegionKeys(dir);
  const file = join(dir, TRUST);
  if (!existsSync(file)) keep(file, () => Buffer.from(JSON.stringify(establish(setup, keys))), own);
  const established = trust.parse(JSON.parse(readFileSync(file, 'utf8')));
  if (established.regionAccount !== keys.regionAccount.publicKey)
    throw new Error(`${file} was made for another ${SECRET}; restore the two files of one region together`);
  const settings: BusServerSettings = {
    ...LIMITS,
    ...limits,
    serverName: `region-${setup.region}`,
    region: setup.region,
    host: setup.host,
    port: setup.port,
    storeDir,
    ...(setup.tls === undefined ? {} : { tls: setup.tls }),
  };
  return { configText: busServerConfig(settings, established), keys };
}

/**
 * The keys of a region that was set up in this folder.
 * @throws if there are none, or not whole
 */
export function readRegionKeys(dir: string): RegionKeys {
  const file = join(dir, SECRET);
  if (!existsSync(file)) throw new Error(`${file} is missing; set the region up first (region-config)`);
  return regionKeys(readFileSync(file));
}

function establish({ dir, operatorDir = dir, now }: RegionSetup, keys: RegionKeys): BusTrust {
  const file = join(operatorDir, OPERATOR);
  folder(operatorDir, undefined);
  keep(file, () => randomBytes(32), undefined);
  return establishBusTrust(nkeyFromSeed('operator', readFileSync(file)), keys, Math.floor(now / 1_000));
}

function folder(path: string, owner: FolderOwner | undefined): void {
  if (existsSync(path)) {
    if (owner) chownSync(path, owner.uid, owner.gid);
    return;
  }
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  if (owner) chownSync(path, owner.uid, owner.gid);
}

/** Writes a file that is not there yet, whole and on disk before it has its name. */
function keep(file: string, content: () => Uint8Array, owner: FolderOwner | undefined): void {
  if (!existsSync(file)) {
    const draft = `${file}.draft`;
    const open = openSync(draft, 'w', 0o600);
    try {
      writeSync(open, content());
      fsyncSync(open);
    } finally {
      closeSync(open);
    }
    renameSync(draft, file);
  }
  if (owner) chownSync(file, owner.uid, owner.gid);
}
