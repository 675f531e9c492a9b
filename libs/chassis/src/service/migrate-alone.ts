import { readConfig } from '@interlock/contracts';
import type { z } from 'zod';
import { lonelyConnection } from '../db/data-source.js';
import { migrate } from '../db/migrate.js';
import { databaseSettings } from './chassis-settings.js';
import type { ServiceDefinition } from './define-service.js';
import { schemaOf } from './start-database.js';

/**
 * `main.js migrate [names]`: brings the schema of one service up to date without starting it, and prints what ran. With names,
 * separated by commas, exactly those steps are run: a backup of an earlier release is loaded into the schema it was made from.
 * As administrator everything is made in the name of the service's role, which owns its tables.
 *
 * @throws ConfigurationError without DATABASE_URL, StartError for a step this release does not know
 */
export async function migrateAlone<S extends z.ZodRawShape>(
  definition: Pick<ServiceDefinition<S>, 'name' | 'migrations'>,
  env: Readonly<Record<string, string | undefined>>,
  names: string | undefined,
): Promise<string[]> {
  const { DATABASE_URL: url } = readConfig({ DATABASE_URL: databaseSettings.DATABASE_URL }, env);
  const schema = schemaOf(definition.name);
  const connection = lonelyConnection({ url, schema });
  const asOwner = { ...connection, options: `${connection.options} -c role=interlock_${schema}` };
  return migrate(asOwner, schema, definition.migrations ?? [], names === undefined ? undefined : names.split(','));
}
