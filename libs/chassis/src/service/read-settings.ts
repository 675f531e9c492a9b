import { readConfig } from '@interlock/contracts';
import type { z } from 'zod';
import { StartError } from '../fault.js';
import { chassisSettings, databaseSettings } from './chassis-settings.js';
import type { ServiceDefinition } from './define-service.js';

type Output<S extends z.ZodRawShape> = z.output<z.ZodObject<S>>;

/** Everything a service is set to: the settings of every service and its own. */
export type ServiceSettings<S extends z.ZodRawShape> = Output<typeof chassisSettings> &
  Partial<Output<typeof databaseSettings>> &
  Output<S>;

/** Whether a service keeps anything: then it has a schema, a role and a pool. */
export const keepsTables = (definition: Pick<ServiceDefinition, 'migrations' | 'tables'>): boolean =>
  definition.migrations !== undefined || definition.tables !== undefined;

/**
 * Reads all settings in one go, so that one error names every fault.
 * Throws `ConfigurationError`; `StartError` if a service gives a name of the chassis a second meaning.
 */
export function readSettings<S extends z.ZodRawShape>(
  definition: ServiceDefinition<S>,
  env: Readonly<Record<string, string | undefined>>,
): ServiceSettings<S> {
  const common: z.ZodRawShape = { ...chassisSettings, ...(keepsTables(definition) ? databaseSettings : {}) };
  const twice = Object.keys(definition.settings).find((name) => Object.hasOwn(common, name));
  if (twice)
    throw new StartError(`the setting ${twice} belongs to every service; give ${definition.name}'s another name`);
  return readConfig({ ...common, ...definition.settings }, env) as ServiceSettings<S>;
}
