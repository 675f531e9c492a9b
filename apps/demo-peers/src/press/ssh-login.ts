import { createHash, timingSafeEqual } from 'node:crypto';
import { ConfigurationError } from '@interlock/contracts';
import ssh2, { type AuthContext, type ParsedKey } from 'ssh2';
import type { PressSettings } from './press-settings.js';

/** Failures after which a connection is ended; OpenSSH's default. */
export const MOST_LOGIN_ATTEMPTS = 6;

/** True only for the one user of the settings file, with its password or a signature of one of its keys. */
export type MayLogIn = (attempt: AuthContext) => boolean;

/** Prepares the check. A key line that cannot be read is a configuration error: it would lock its owner out without a word. */
export function loginCheck({ user, password, authorizedKeys }: PressSettings): MayLogIn {
  const keys = authorizedKeys.map((line, i) => {
    const key = ssh2.utils.parseKey(line);
    if (key instanceof Error)
      throw new ConfigurationError([`PRESS_SETTINGS_FILE: authorizedKeys.${i}: ${key.message}`]);
    return key;
  });
  return (attempt) => {
    const known = sameText(attempt.username, user);
    if (attempt.method === 'password') return password !== undefined && sameText(attempt.password, password) && known;
    if (attempt.method !== 'publickey') return false;
    const key = keys.find((candidate) => sameKey(candidate, attempt.key));
    if (!key || !known) return false;
    // Without a signature the peer only asks whether the key would do; ssh2 opens nothing on that answer.
    if (!attempt.signature || !attempt.blob) return true;
    return key.verify(attempt.blob, attempt.signature, attempt.hashAlgo) === true;
  };
}

const sameKey = (known: ParsedKey, offered: { algo: string; data: Buffer }): boolean => {
  const bytes = known.getPublicSSH();
  return known.type === offered.algo && bytes.length === offered.data.length && timingSafeEqual(bytes, offered.data);
};

/** Compares digests, so that neither the length nor the first wrong character shows in the time. */
const sameText = (given: string, expected: string): boolean =>
  timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(expected).digest());
