import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';

export type Compression = 'gzip' | 'zlib' | 'deflate-raw' | 'br';

const DECODERS = {
  gzip: promisify(gunzip),
  zlib: promisify(inflate),
  'deflate-raw': promisify(inflateRaw),
  br: promisify(brotliDecompress),
} as const satisfies Record<Compression, unknown>;

/** Nothing larger than `room` bytes is ever made: a bomb costs what is allowed to come out, and no more. */
export async function decompress(
  compression: Compression,
  bytes: Uint8Array,
  room: number,
): Promise<Uint8Array | 'over' | 'damaged'> {
  try {
    return await DECODERS[compression](bytes, { maxOutputLength: Math.max(1, room) });
  } catch (fault) {
    return (fault as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'over' : 'damaged';
  }
}
