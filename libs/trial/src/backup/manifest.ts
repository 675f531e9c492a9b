import { SERVICES } from '@interlock/contracts';
import { z } from 'zod';

/** Schemas of the broker's services, and the one in which only the function `evidence.append()` lives. */
export const SCHEMAS: readonly string[] = [...SERVICES.map((service) => service.replaceAll('-', '_')), 'evidence'];

const name = z.string().regex(/^[a-z_][a-z0-9_]*$/, 'is no name of a table');
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256 in hexadecimal');
/** Stays inside the folder it is read from or written to, whoever made the backup. */
const inside = z
  .string()
  .regex(/^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/)
  .refine((path) => !path.split('/').some((part) => part === '.' || part === '..'), 'leaves the folder');

/** `backup.json`: what is in a backup, with the digest of every file. It is written last: a folder without it is no backup. */
export const manifest = z.strictObject({
  v: z.literal(1),
  /** When the snapshot was taken, by the clock of the database. ISO 8601. */
  takenAt: z.iso.datetime(),
  /** Steps that each service's schema had run, in their order, with the digest of their SQL. */
  migrations: z.record(name, z.array(z.strictObject({ name: z.string(), sqlDigest: z.string() }))),
  tables: z.array(
    z.strictObject({
      schema: name,
      table: name,
      columns: z.array(name).min(1),
      rows: z.number().int().nonnegative(),
      sha256: digest,
    }),
  ),
  sequences: z.array(
    z.strictObject({ schema: name, sequence: name, last: z.string().regex(/^-?\d+$/), used: z.boolean() }),
  ),
  /** Files of the broker's own keys: `<set>/<path>`. */
  keys: z.array(z.strictObject({ path: inside, sha256: digest })),
});
export type BackupManifest = z.infer<typeof manifest>;
export type BackedUpTable = BackupManifest['tables'][number];

export const MANIFEST = 'backup.json';
export const tableFile = ({ schema, table }: Pick<BackedUpTable, 'schema' | 'table'>): string =>
  `tables/${schema}.${table}.copy`;
