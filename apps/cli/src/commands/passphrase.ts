import { readFileSync, statSync } from 'node:fs';
import { SHORTEST_PASSPHRASE } from '@interlock/company-side';
import { askHidden } from './ask-person.js';
import { WrongUsage } from './perform.js';

/** A passphrase is typed, or lies in a file of its owner; never an argument, which every process of the machine can read. */
export const PASSPHRASE_FILE = [
  '--passphrase-file <file>',
  'read the passphrase from this file, which only you may be able to read, in place of asking for it',
] as const;

/** Asks for a passphrase that exists. */
export const knownPassphrase = async (file: string | undefined): Promise<string> =>
  file === undefined ? askHidden('Passphrase of your key', '--passphrase-file FILE') : privateLine(file);

/** Asks twice for a new passphrase. */
export async function newPassphrase(file: string | undefined, person: string): Promise<string> {
  const passphrase = file === undefined ? await typedTwice(person) : privateLine(file);
  if (passphrase.length < SHORTEST_PASSPHRASE) {
    throw new WrongUsage(
      `the passphrase has ${passphrase.length} characters; it needs at least ${SHORTEST_PASSPHRASE}`,
    );
  }
  return passphrase;
}

async function typedTwice(person: string): Promise<string> {
  const first = await askHidden(`New passphrase for the key of ${person}`, '--passphrase-file FILE');
  if (first === (await askHidden('The same again', '--passphrase-file FILE'))) return first;
  throw new WrongUsage('the two were not the same; nothing was done');
}

/** A secret in a file that only its owner can read, without the line feed at its end. */
export function privateLine(file: string): string {
  let content: string;
  try {
    if ((statSync(file).mode & 0o077) !== 0) {
      throw new WrongUsage(`${file} can be read by others on this machine; run "chmod 600 ${file}"`);
    }
    content = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof WrongUsage) throw cause;
    throw new WrongUsage(`${file} cannot be read; check the path`, { cause });
  }
  return content.replace(/\r?\n$/, '');
}
