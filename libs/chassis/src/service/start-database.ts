import { dataSource, lonelyConnection } from '../db/data-source.js';
import { migrate } from '../db/migrate.js';
import { Transactor } from '../db/transactor.js';
import type { ServiceDefinition } from './define-service.js';
import type { Bench } from './parts.js';

/** A service's schema is named as the service, with underscores. */
export const schemaOf = (service: string): string => service.replaceAll('-', '_');

/** Brings the schema up to date, opens the pool and watches it. */
export async function startDatabase(
  definition: Pick<ServiceDefinition, 'name' | 'migrations' | 'tables'>,
  database: { readonly url: string; readonly poolSize: number },
  { through, log, health, closers }: Bench,
): Promise<Transactor> {
  const address = { url: database.url, schema: schemaOf(definition.name) };
  for (const name of await migrate(lonelyConnection(address), address.schema, definition.migrations ?? [])) {
    log.info({ event: 'database.migrated', migration: name }, 'migration ran');
  }
  const source = dataSource(address, definition.tables ?? [], database.poolSize);
  await source.initialize();
  closers.add(() => source.destroy());
  health.add('database', async () => {
    await source.query('select 1');
    return undefined;
  });
  return new Transactor(source, definition.name, through);
}
