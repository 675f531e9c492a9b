import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCacheFolder } from './cache-folder.js';
import { dataPlace } from './data-place.js';
import { type Launched, launch } from './launch.js';
import { reachableCopy } from './reachable.js';
import { runAs } from './run-as.js';
import type { Launch } from './supervisor.js';

/** What `startNats` is told. */
export interface NatsChoice {
  /** Answer of `findNatsServer`. */
  readonly binary: string;
  /** The server's configuration. Its JetStream, if switched on, stores inside `dir` unless a `store_dir` is written here. */
  readonly configText: string;
  /** Made if missing; configuration, streams. */
  readonly dir: string;
  /** Folder of `openCacheFolder()`, which is asked if this is left out. */
  readonly binCacheDir?: string;
  /** Overrules the configuration. Left out, and not written there either, a free port is taken. */
  readonly port?: number | undefined;
  /** One word; two servers of one trial need two names. */
  readonly name?: string;
  readonly onLog?: (line: string) => void;
  /** A supervisor's `start`; without it the process still ends with ours. */
  readonly start?: Launch;
}

/** A nats-server that listens for clients on 127.0.0.1 only. */
export interface RunningNats {
  readonly port: number;
  readonly pid: number;
  /** Where the server keeps its streams and its configuration. */
  readonly place: string;
  readonly exited: Launched['exited'];
  stop(): Promise<void>;
}

/**
 * Starts a private nats-server; as root it runs as an unprivileged user of its own.
 *
 * @throws if it cannot start, with its own words
 */
export async function startNats(choice: NatsChoice): Promise<RunningNats> {
  const user = runAs('nats');
  const cacheDir = choice.binCacheDir ?? openCacheFolder();
  const place = dataPlace(choice.dir, user, cacheDir);
  const config = join(place, 'nats-server.conf');
  // May hold keys: readable by the server alone.
  writeFileSync(config, choice.configText, { mode: 0o600 });
  if (user) chownSync(config, user.uid, user.gid);
  const program = user === undefined ? choice.binary : reachableCopy(choice.binary, cacheDir);
  let port = choice.port ?? 0;
  const server = await (choice.start ?? launch)({
    name: choice.name ?? 'nats-server',
    program,
    args: ['-c', config, '-a', '127.0.0.1', ...storeArgs(choice, place), ...portArgs(choice)],
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    runAs: user,
    ready: { line: /Server is ready/ },
    onLog: (line) => {
      const listens = /Listening for client connections on \S*:(\d+)/.exec(line)?.[1];
      if (listens !== undefined) port = Number(listens);
      choice.onLog?.(line);
    },
  });
  return { port, pid: server.pid, place, exited: server.exited, stop: async () => void (await server.stop()) };
}

/** A configuration that names its own store is one made for this place; the server refuses two. */
function storeArgs({ configText }: NatsChoice, place: string): string[] {
  return /^\s*"?store_dir"?\s*[:= ]/m.test(configText) ? [] : ['-sd', join(place, 'jetstream')];
}

function portArgs({ port, configText }: NatsChoice): string[] {
  if (port !== undefined && port > 0) return ['-p', String(port)];
  return /^\s*"?(port|listen)"?\s*[:= ]/m.test(configText) ? [] : ['-p', '-1'];
}
