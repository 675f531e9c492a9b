import { resolve } from 'node:path';
import { ConfigurationError, databaseLink, readConfig } from '@interlock/contracts';
import type { KeyFolder } from '@interlock/trial';
import type { Command } from 'commander';
import { type JsonOption, WrongUsage, withJson } from '../perform.js';

export interface InstallationOptions extends JsonOption {
  readonly trial?: string;
  readonly keys?: string;
}

/** Whose backup it is: a trial's, or an installation's whose database is named by DATABASE_URL. */
export const withInstallation = (command: Command): Command =>
  withJson(command)
    .option('--trial <folder>', 'the data folder of a trial')
    .option('--keys <folder>', "the folder of the broker's keys; the database is DATABASE_URL, as administrator");

/** The name under which an installation's keys lie in its backup. */
export const BROKER_KEYS = 'broker';

export interface NamedInstallation {
  readonly adminUrl: string;
  readonly keys: readonly KeyFolder[];
}

function administratorsAddress(): string {
  try {
    return readConfig({ DATABASE_URL: databaseLink() }, process.env).DATABASE_URL;
  } catch (fault) {
    if (!(fault instanceof ConfigurationError)) throw fault;
    const form = "it is postgres://ADMINISTRATOR:PASSWORD@HOST:PORT/DATABASE of the broker's database";
    throw new WrongUsage(`${fault.faults.join('; ')} (${form})`);
  }
}

/** An installation of one's own, by what was given; `undefined` for a trial. */
export function namedInstallation({ trial, keys }: InstallationOptions): NamedInstallation | undefined {
  if ((trial === undefined) === (keys === undefined)) {
    throw new WrongUsage('say which: --trial FOLDER, or --keys FOLDER with the database in DATABASE_URL');
  }
  if (keys === undefined) return undefined;
  const adminUrl = administratorsAddress();
  return { adminUrl, keys: [{ set: BROKER_KEYS, folder: resolve(keys) }] };
}
