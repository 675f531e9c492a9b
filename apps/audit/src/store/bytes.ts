import { HASH_BYTES, type Hash } from '@interlock/proof';

/** Hashes side by side, as tiles and right edges are stored. */
export const joinHashes = (hashes: readonly Hash[]): Buffer => Buffer.concat(hashes);

/** Stored hashes taken apart. */
export function splitHashes(bytes: Buffer): Hash[] {
  const hashes: Hash[] = [];
  for (let at = 0; at < bytes.length; at += HASH_BYTES) hashes.push(bytes.subarray(at, at + HASH_BYTES));
  return hashes;
}
