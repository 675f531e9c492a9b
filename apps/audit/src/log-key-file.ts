import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { StartError } from '@interlock/chassis';

/** The code of a file system error. */
const codeOf = (thrown: unknown): unknown =>
  typeof thrown === 'object' && thrown && 'code' in thrown ? thrown.code : undefined;

/**
 * The log key of this file, made if the file is missing. Two replicas that start at once end with one key: the file is
 * created exclusively and the loser reads the winner's. Throws `StartError` for what is no Ed25519 key.
 */
export function openLogKey(file: string): KeyObject {
  try {
    return readLogKey(file);
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT') throw thrown;
  }
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  try {
    writeFileSync(file, pem, { mode: 0o600, flag: 'wx' });
  } catch (thrown) {
    if (codeOf(thrown) !== 'EEXIST')
      throw new StartError('the folder of LOG_KEY_FILE cannot be written; create it first', { cause: thrown });
  }
  return readLogKey(file);
}

function readLogKey(file: string): KeyObject {
  const pem = readFileSync(file);
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw new StartError('LOG_KEY_FILE is not a private key; it must be Ed25519 in PEM (PKCS#8)', { cause });
  }
  throw new StartError('LOG_KEY_FILE is not an Ed25519 key');
}
