import { spawn } from 'node:child_process';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SERVICES, type ServiceName } from '@interlock/contracts';
import {
  type BackupManifest,
  copyDatabaseIn,
  dataPlace,
  layKeys,
  lockDataFolder,
  makeDatabase,
  openCacheFolder,
  type Restored,
  refuseUsedDatabase,
  runAs,
  Supervisor,
  startPostgres,
} from '@interlock/trial';
import { program } from '../../up/programs.js';
import { rolesScript } from '../../up/start-broker.js';
import { trialState } from '../../up/trial-state.js';
import { WrongUsage } from '../perform.js';
import { BROKER_KEYS, type NamedInstallation } from './installation.js';
import { trialKeys } from './running-trial.js';

type Say = (what: string) => void;

/** Restores rows and keys into an installation whose database has roles and schemas and nothing else. */
export async function restoreInstallation(
  { adminUrl, keys }: NamedInstallation,
  restored: Restored,
  say: Say,
): Promise<void> {
  const { folder, backup } = restored;
  await refuseUsedDatabase(adminUrl);
  for (const { set, folder: to } of keys) layKeys(folder, backup, set, to);
  say('tables of every service, as the backup has them');
  await Promise.all(SERVICES.map((service) => migrateTo(service, adminUrl, backup)));
  await copyDatabaseIn(adminUrl, restored, say);
}

/** The schema as it was when the backup was made; what came later runs when the service starts, on the rows that were restored. */
async function migrateTo(service: ServiceName, adminUrl: string, backup: BackupManifest): Promise<void> {
  const steps = backup.migrations[service.replaceAll('-', '_')] ?? [];
  const child = spawn(process.execPath, [program(service), 'migrate', steps.map(({ name }) => name).join(',')], {
    env: { PATH: '/usr/bin:/bin', DATABASE_URL: adminUrl },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  const code = await new Promise((ended, failed) => {
    child.once('error', failed);
    child.once('close', ended);
  });
  if (code !== 0) throw new Error(`the tables of ${service} could not be made: ${said.trim()}`);
}

/**
 * Restores into the data folder of a trial that has no broker: a new one, or one whose broker was lost. `trial.json`, which says on which
 * ports the companies know it, and the companies' own folders are theirs to keep and to put back.
 */
export async function restoreTrial(given: string, restored: Restored, say: Say): Promise<void> {
  const dir = resolve(given);
  const cacheDir = openCacheFolder();
  const lock = await lockDataFolder(dir);
  const supervisor = new Supervisor(lock, () => undefined);
  try {
    for (const name of ['postgres', 'bus']) refuseLeftover(dir, name);
    const state = await trialState(dir);
    const keys = trialKeys(dir);
    say('PostgreSQL');
    const { adminUrl } = await startPostgres({
      dataDir: join(dir, 'postgres'),
      binCacheDir: cacheDir,
      start: supervisor.start,
    });
    const database = await makeDatabase(adminUrl, 'interlock', rolesScript(state));
    await restoreInstallation({ adminUrl: database, keys }, restored, say);
    ownByBroker(keys.filter(({ set }) => set === BROKER_KEYS).map((one) => one.folder));
  } finally {
    await supervisor.stopAll();
    lock.release();
  }
}

/** A bus of the lost broker remembers facts that the backup does not have. */
function refuseLeftover(dir: string, name: string): void {
  const user = runAs(name === 'postgres' ? 'postgres' : 'nats');
  const place = existsSync(join(dir, name)) ? dataPlace(join(dir, name), user, openCacheFolder()) : undefined;
  if (place && readdirSync(place).length > 0) {
    throw new WrongUsage(`${join(dir, name)} is not empty: move it away, then restore`);
  }
}

/** The broker's services read their keys as a user of their own. */
function ownByBroker(folders: readonly string[]): void {
  const user = runAs('broker');
  if (!user) return;
  for (const folder of folders) {
    for (const path of ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
      chownSync(join(folder, path), user.uid, user.gid);
    }
  }
}
