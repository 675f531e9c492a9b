import { createHash } from 'node:crypto';
import { type Digest, FILE_KEY, type FilePart, PART_BYTES, type ResourceRef } from '@interlock/domain';
import type { Numbered } from '../batched.js';

/** Parts in one event: what CloudEvents carries everywhere (64 KiB) holds six. */
const PARTS = 6;

/**
 * A file as CloudEvents, in the order of its bytes. Each is named by the file's digest and its place, so the same file pushed again, after whatever broke
 * off, goes on where it ended: what was taken has no second effect.
 *
 * @param source the resource from which the file is, under a product with the key `file`
 */
export async function* fileEvents(bytes: Buffer, name: string, source: ResourceRef): AsyncGenerator<Numbered> {
  const file = `sha256:${createHash('sha256').update(bytes).digest('base64url')}` as Digest;
  for (let from = 0; from < bytes.length; from += PARTS * PART_BYTES) {
    const observations = [];
    for (let at = from; at < Math.min(bytes.length, from + PARTS * PART_BYTES); at += PART_BYTES) {
      const hex = bytes.subarray(at, at + PART_BYTES).toString('hex');
      const part: FilePart = { file, name, size: bytes.length, at, hex };
      observations.push({ key: FILE_KEY, value: JSON.stringify(part) });
    }
    yield {
      at: from,
      event: {
        ...{ specversion: '1.0', id: `${file}.${name}.${from}`, source: `//${source.owner}/${source.id}` },
        ...{ type: 'interlock.file.part', data: { observations } },
      },
    };
  }
}
