import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { machineArchives } from './apt-sources.js';
import { openCacheFolder } from './cache-folder.js';
import { acceptsNatsServer, natsServerVersion, WANTED_NATS_SERVER } from './nats-server-version.js';
import { unpackNatsServer } from './unpack-nats-server.js';

const run = promisify(execFile);

const REMEDY =
  `Install nats-server ${WANTED_NATS_SERVER} and name the program in INTERLOCK_NATS_SERVER, ` +
  'or put it on PATH, and start again.';

/** What the caller was told about where to look; nothing here is read from the environment. */
export interface NatsServerChoice {
  /** The value of INTERLOCK_NATS_SERVER, if set: this program or none. */
  readonly configured?: string | undefined;
  /** Folders to search instead of the process's own PATH. */
  readonly searchPath?: string | undefined;
  /** Where the package manager keeps its settings. */
  readonly etcApt?: string | undefined;
}

/**
 * Finds a nats-server that may be run: the configured one, else one on PATH, else the distribution's own package,
 * downloaded by its signed package manager and unpacked into `cacheDir`. The second call answers from the cache.
 *
 * @param cacheDir folder of `openCacheFolder()`; made if missing
 * @param onProgress one line for each thing that takes time or was passed over
 * @returns absolute path of a program whose version was asked and accepted
 * @throws with what to do, if none is found or the configured one is too old
 */
export async function findNatsServer(
  cacheDir: string,
  onProgress: (line: string) => void,
  choice: NatsServerChoice = {},
): Promise<string> {
  if (choice.configured) return configured(choice.configured);
  const onPath = await acceptable(await lookUp(choice.searchPath), onProgress);
  if (onPath !== undefined) return onPath;
  const folder = openCacheFolder(cacheDir);
  const cached = join(folder, 'nats-server', 'nats-server');
  if (existsSync(cached)) {
    const usable = await acceptable(cached, onProgress);
    if (usable !== undefined) return usable;
  }
  return fetchPackage(folder, cached, onProgress, choice.etcApt);
}

async function configured(binary: string): Promise<string> {
  const version = await natsServerVersion(binary);
  if (version === undefined) throw new Error(`INTERLOCK_NATS_SERVER=${binary} is no nats-server that runs. ${REMEDY}`);
  if (!acceptsNatsServer(version)) throw new Error(`INTERLOCK_NATS_SERVER=${binary} is version ${version}. ${REMEDY}`);
  return binary;
}

async function acceptable(binary: string | undefined, onProgress: (line: string) => void): Promise<string | undefined> {
  if (binary === undefined) return undefined;
  const version = await natsServerVersion(binary);
  if (version !== undefined && acceptsNatsServer(version)) return binary;
  onProgress(`${binary} is passed over: version ${version ?? 'unknown'}, wanted ${WANTED_NATS_SERVER}`);
  return undefined;
}

async function lookUp(searchPath: string | undefined): Promise<string | undefined> {
  const search = searchPath === undefined ? '' : 'PATH="$1"; ';
  try {
    const { stdout } = await run('/bin/sh', ['-c', `${search}command -v nats-server`, 'sh', searchPath ?? '']);
    return stdout.trim().startsWith('/') ? stdout.trim() : undefined;
  } catch {
    return undefined;
  }
}

async function fetchPackage(
  cacheDir: string,
  target: string,
  onProgress: (line: string) => void,
  etcApt: string | undefined,
): Promise<string> {
  sweep(cacheDir);
  const faults: string[] = [];
  for (const archive of machineArchives(etcApt)) {
    onProgress('downloading the nats-server package of the distribution (about 16 MB, once)');
    try {
      const unpacked = await unpackNatsServer(archive, cacheDir);
      try {
        return await keep(unpacked.binary, cacheDir, target);
      } finally {
        rmSync(unpacked.folder, { recursive: true, force: true });
      }
    } catch (error) {
      faults.push(error instanceof Error ? error.message.trim() : String(error));
    }
  }
  const why = faults.length === 0 ? 'this machine names no archive of the distribution' : faults.join('; ');
  throw new Error(`no nats-server: ${why}. ${REMEDY}`);
}

/** Moves a checked program into its place in one step: two starts at once both end with a whole program there. */
async function keep(binary: string, cacheDir: string, target: string): Promise<string> {
  const version = await natsServerVersion(binary);
  if (version === undefined || !acceptsNatsServer(version)) {
    throw new Error(`the distribution's nats-server is version ${version ?? 'unknown'}`);
  }
  mkdirSync(join(target, '..'), { recursive: true, mode: 0o755 });
  const staging = mkdtempSync(join(cacheDir, 'keep-'));
  const staged = join(staging, 'nats-server');
  renameSync(binary, staged);
  chmodSync(staged, 0o755);
  renameSync(staged, target);
  rmSync(staging, { recursive: true, force: true });
  return target;
}

const STALE_MS = 3_600_000;

/** A start that was killed while unpacking leaves its private folder here; nobody else would remove it. */
function sweep(cacheDir: string): void {
  for (const name of readdirSync(cacheDir).filter((entry) => /^(unpack|keep)-/.test(entry))) {
    const folder = join(cacheDir, name);
    try {
      if (Date.now() - statSync(folder).mtimeMs > STALE_MS) rmSync(folder, { recursive: true, force: true });
    } catch {
      // Another start removed it first.
    }
  }
}
