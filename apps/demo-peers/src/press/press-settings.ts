import { readFile } from 'node:fs/promises';
import { ConfigurationError } from '@interlock/contracts';
import { z } from 'zod';

const word = (longest: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
    .max(longest);

/**
 * Who may log in to the machine, and the names it carries. The file is written by whoever starts the press, with a password or key made for
 * that run. The names are what a control really sends about its operator and its computer; they are there to be removed.
 */
const PressSettingsFile = z
  .strictObject({
    machine: word(64).default('press-7'),
    user: word(32),
    password: z.string().min(12).max(256).optional(),
    /** Lines of an OpenSSH authorized_keys file, without options. */
    authorizedKeys: z.array(z.string().max(2_048)).max(32).default([]),
    operator: word(64).default('operator-17'),
    windowsMachine: word(64).default('LINE3-PRESS7'),
    windowsDomain: word(64).default('LINE3'),
    program: word(64).default('BRACKET-4711.MIN'),
  })
  .refine(({ password, authorizedKeys }) => password !== undefined || authorizedKeys.length > 0, {
    error: 'password or authorizedKeys is needed: nobody could log in',
  });

export type PressSettings = z.output<typeof PressSettingsFile>;

/** Reads the settings file. Every fault is named at once; a value is never printed, since one of them is a password. */
export async function readPressSettings(path: string): Promise<PressSettings> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    throw new ConfigurationError([`PRESS_SETTINGS_FILE cannot be read: ${path}`]);
  }
  const read = PressSettingsFile.safeParse(parseJson(text));
  if (read.success) return read.data;
  throw new ConfigurationError(
    read.error.issues.map((issue) => `PRESS_SETTINGS_FILE: ${issue.path.join('.') || 'file'}: ${issue.message}`),
  );
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
