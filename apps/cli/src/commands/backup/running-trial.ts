import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { dataPlace, type KeyFolder, openCacheFolder, runAs } from '@interlock/trial';
import { WrongUsage } from '../perform.js';
import { BROKER_KEYS, type NamedInstallation } from './installation.js';

/** Keys of the endpoints that agreements name: they belong to the broker's regions, beside its own. */
export const REGION_KEYS = 'regions';

/** Where the broker's keys of a trial lie. Of a region only the endpoint's key: what its server stored is ciphertext on its way. */
export function trialKeys(dir: string): KeyFolder[] {
  const keys = dataPlace(join(dir, 'broker'), runAs('broker'), openCacheFolder());
  return [
    { set: BROKER_KEYS, folder: keys },
    { set: REGION_KEYS, folder: join(dir, 'regions'), only: (path) => /^[a-z0-9-]+\.pem$/.test(path) },
  ];
}

/** The database of a trial that runs: its server says its port, its password lies beside it. */
export function runningTrial(folder: string): NamedInstallation {
  const dir = resolve(folder);
  const password = join(dir, 'postgres.password');
  if (!existsSync(password)) throw new WrongUsage(`${folder} is not the data folder of a trial`);
  const place = dataPlace(join(dir, 'postgres'), runAs('postgres'), openCacheFolder());
  const server = join(place, 'cluster', 'postmaster.pid');
  // Its fourth line is the port (PostgreSQL, "postmaster.pid").
  const port = existsSync(server) ? Number(readFileSync(server, 'utf8').split('\n')[3]) : Number.NaN;
  if (!Number.isInteger(port)) throw new WrongUsage(`the trial of ${folder} does not run; start it, then back it up`);
  const secret = readFileSync(password, 'utf8').trim();
  return { adminUrl: `postgres://postgres:${secret}@127.0.0.1:${port}/interlock`, keys: trialKeys(dir) };
}
