import { z } from 'zod';

/** Start-up was refused: some settings are missing, ambiguous or malformed. The message names all of them and prints no value. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  constructor(readonly faults: readonly string[]) {
    super(
      `refusing to start, ${faults.length} setting(s) need attention:\n${faults.map((f) => `  - ${f}`).join('\n')}`,
    );
  }
}

/**
 * Reads one process's settings once, from the environment passed in.
 * Every fault is named in one ConfigurationError; no value is ever printed, since a mistyped secret is still a secret.
 * An empty string counts as missing.
 */
export function readConfig<S extends z.ZodRawShape>(
  shape: S,
  env: Readonly<Record<string, string | undefined>>,
): z.output<z.ZodObject<S>> {
  const given = Object.fromEntries(Object.keys(shape).map((name) => [name, env[name] === '' ? undefined : env[name]]));
  const read = z.object(shape).safeParse(given);
  if (read.success) return read.data;
  throw new ConfigurationError(
    read.error.issues.map((issue) => {
      const name = String(issue.path[0] ?? 'settings');
      return given[name] === undefined
        ? `${name} is missing`
        : `${name} is not acceptable: ${faultWithoutValue(issue)}`;
    }),
  );
}

const faultWithoutValue = (issue: z.core.$ZodIssue): string =>
  issue.code === 'custom' || issue.code === 'too_small' || issue.code === 'too_big' ? issue.message : issue.code;
