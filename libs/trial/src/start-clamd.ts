import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataPlace } from './data-place.js';
import { type Launched, launch } from './launch.js';
import { runAs } from './run-as.js';
import type { Clamd } from './unpack-clamd.js';

export interface ClamdChoice {
  readonly clamd: Clamd;
  /** Made if missing; socket, database, scratch space. */
  readonly dir: string;
  readonly binCacheDir: string;
  /** Files of the signature database, by name; an empty one is refused by clamd itself. */
  readonly database: Readonly<Record<string, string>>;
}

/** A private clamd on a unix socket of its own. */
export interface RunningClamd {
  readonly socket: string;
  readonly database: string;
  readonly pid: number;
  readonly exited: Launched['exited'];
  stop(): Promise<void>;
}

/** Starts a private clamd; as root it runs as an unprivileged user of its own. It never fetches a database. */
export async function startClamd({ clamd, dir, binCacheDir, database }: ClamdChoice): Promise<RunningClamd> {
  const user = runAs('clamd');
  const place = dataPlace(dir, user, binCacheDir);
  const own = (path: string) => user && chownSync(path, user.uid, user.gid);
  for (const part of ['db', 'tmp']) {
    mkdirSync(join(place, part), { recursive: true, mode: 0o750 });
    own(join(place, part));
  }
  for (const [name, text] of Object.entries(database)) {
    writeFileSync(join(place, 'db', name), text, { mode: 0o640 });
    own(join(place, 'db', name));
  }
  const config = join(place, 'clamd.conf');
  const socket = join(place, 'clamd.sock');
  writeFileSync(config, configText(place, socket));
  const server = await launch({
    name: 'clamd',
    program: clamd.program,
    args: [`--config-file=${config}`],
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin', ...(clamd.libraries && { LD_LIBRARY_PATH: clamd.libraries }) },
    runAs: user,
    ready: { line: /Self checking (disabled|every)/ },
  });
  const stop = async () => void (await server.stop());
  return { socket, database: join(place, 'db'), pid: server.pid, exited: server.exited, stop };
}

/** Limits above those that the scanner itself holds (`SCAN_BOUNDS`): over its own, clamd can say OK to what it did not look at. */
const configText = (place: string, socket: string): string => `Foreground yes
LocalSocket ${socket}
LocalSocketMode 600
FixStaleSocket yes
DatabaseDirectory ${join(place, 'db')}
TemporaryDirectory ${join(place, 'tmp')}
MaxThreads 4
StreamMaxLength 10M
MaxScanSize 40M
MaxFileSize 10M
MaxRecursion 8
MaxFiles 1000
MaxScanTime 20000
AlertExceedsMax yes
AlertEncryptedArchive yes
ReadTimeout 10
CommandReadTimeout 5
SelfCheck 0
`;
