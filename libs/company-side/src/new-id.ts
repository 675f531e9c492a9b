import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A new identifier with 130 random bits: `prefix_` and 26 lower-case Crockford letters. */
export function newId(prefix: string): string {
  const letters = Array.from(randomBytes(26), (byte) => ALPHABET[byte & 31]);
  return `${prefix}_${letters.join('')}`;
}

/** 128 random bits as base64url, for nonces, rendezvous names and token ids. */
export const newNonce = (): string => randomBytes(16).toString('base64url');
