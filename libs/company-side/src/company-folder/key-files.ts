import { createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { allow, type Decision, type OrganisationId, refuse } from '@interlock/domain';
import { keySigner, newPrivateKey, privateKeyFromPem, privateKeyToPem, type Signer } from '@interlock/proof';
import { writeDurably } from '../durable-file.js';
import { isInToken, readTokenSigner } from './token-key.js';

/** A passphrase shorter than this many characters does not keep a stolen key file closed. */
export const SHORTEST_PASSPHRASE = 12;

/** A new private key in a file that only its owner can read. Throws where the file exists: a key is never overwritten. */
export function makeKeyFile(dir: string, name: string, curve: 'Ed25519' | 'X25519' | 'P-256' = 'Ed25519'): KeyObject {
  const file = join(dir, `${name}.pem`);
  if (existsSync(file)) throw new Error(`${file} exists; a key is never overwritten`);
  const key = newPrivateKey(curve);
  writeDurably(file, privateKeyToPem(key));
  return key;
}

/** Puts another private key where one lies; the one before is gone for good. */
export const replaceKeyFile = (dir: string, name: string, key: KeyObject): void =>
  writeDurably(join(dir, `${name}.pem`), privateKeyToPem(key));

/** Throws where a key is in a token, before anything was changed: what a token holds is replaced there. */
export function mustBeInFile(dir: string, name: string): void {
  if (isInToken(dir, name)) throw new Error(`${join(dir, name)} is in a PKCS#11 token; no verb replaces it there yet`);
}

/** Reads a private key, and refuses one that others on this machine can read. */
export function readKeyFile(dir: string, name: string): KeyObject {
  const file = join(dir, `${name}.pem`);
  const mode = statSync(file).mode & 0o077;
  if (mode !== 0) throw new Error(`${file} can be read by others on this machine; run "chmod 600 ${file}"`);
  return privateKeyFromPem(readFileSync(file, 'utf8'));
}

/** Signs with a key of a folder, whether it lies there in a file or in a token that the folder names. */
export const readSigner = (dir: string, name: string, organisation: OrganisationId): Signer =>
  isInToken(dir, name) ? readTokenSigner(dir, name, organisation) : keySigner(organisation, readKeyFile(dir, name));

/** A person's key: encrypted PKCS#8, so that whoever runs the agent or copies its disk cannot sign for the person. */
export function makePersonKeyFile(dir: string, passphrase: string): KeyObject {
  const file = join(dir, 'key.pem');
  if (existsSync(file)) throw new Error(`${file} exists; a key is never overwritten`);
  const key = newPrivateKey();
  writePersonKeyFile(dir, key, passphrase);
  return key;
}

/** Writes a person's key, over the one before where there is one. */
export function writePersonKeyFile(dir: string, key: KeyObject, passphrase: string): void {
  if (passphrase.length < SHORTEST_PASSPHRASE) {
    throw new Error(`the passphrase needs at least ${SHORTEST_PASSPHRASE} characters`);
  }
  const pem = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase });
  writeDurably(join(dir, 'key.pem'), pem);
}

/** Opens a person's key for one use. The caller lets go of it at once; it is kept nowhere. */
export function openPersonKey(
  dir: string,
  organisation: OrganisationId,
  passphrase: string,
): Decision<Signer, 'wrong_passphrase'> {
  const pem = readFileSync(join(dir, 'key.pem'), 'utf8');
  // A key file that lost its encryption would open for any passphrase, and so for the agent alone.
  if (!pem.startsWith('-----BEGIN ENCRYPTED PRIVATE KEY-----')) throw new Error(`${dir}: the key is not encrypted`);
  try {
    return allow(keySigner(organisation, createPrivateKey({ key: pem, passphrase })));
  } catch {
    return refuse('wrong_passphrase');
  }
}
