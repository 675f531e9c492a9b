import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { setUpRegion } from '@interlock/bus';
import { z } from 'zod';

const OPTIONS = {
  region: { type: 'string' },
  dir: { type: 'string' },
  store: { type: 'string' },
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'operator-dir': { type: 'string' },
} as const;

const asked = z.strictObject({
  region: z.string(),
  dir: z.string(),
  store: z.string(),
  host: z.string(),
  port: z.coerce.number(),
  'tls-cert': z.string(),
  'tls-key': z.string(),
  'operator-dir': z.string().optional(),
});

export const REGION_CONFIG_USAGE =
  'region-config --region NAME --dir KEYS --store FOLDER --port N --tls-cert FILE --tls-key FILE [--host IP] [--operator-dir FOLDER]';

/**
 * The configuration of a region's bus server, for whoever starts it; its keys are made where they are missing.
 * @throws with the usage for anything but that, and with what to do where a folder cannot be used
 */
export function regionConfig(args: readonly string[], now: number): string {
  const read = asked.safeParse(values(args));
  if (!read.success) {
    const faults = read.error.issues.map((issue) => `--${String(issue.path[0])}: ${issue.message}`);
    throw new Error([...faults, `usage: ${REGION_CONFIG_USAGE}`].join('\n'));
  }
  const { region, dir, store, host, port, 'tls-cert': cert, 'tls-key': key, 'operator-dir': operator } = read.data;
  const { configText } = setUpRegion({
    region,
    dir: resolve(dir),
    storeDir: resolve(store),
    host,
    port,
    tls: { certFile: resolve(cert), keyFile: resolve(key) },
    now,
    ...(operator === undefined ? {} : { operatorDir: resolve(operator) }),
  });
  return configText;
}

function values(args: readonly string[]): object {
  try {
    return { ...parseArgs({ args: [...args], options: OPTIONS, strict: true }).values };
  } catch (thrown) {
    throw new Error(`${(thrown as Error).message}\nusage: ${REGION_CONFIG_USAGE}`);
  }
}

/** Prints the configuration, or on stderr what to change. */
export function tellRegionConfig(host: Pick<NodeJS.Process, 'argv' | 'stdout' | 'stderr' | 'exit'>, now: number): void {
  try {
    host.stdout.write(regionConfig(host.argv.slice(3), now));
  } catch (thrown) {
    host.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    host.exit(1);
  }
}
