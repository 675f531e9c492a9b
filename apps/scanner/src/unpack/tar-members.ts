import { Readable } from 'node:stream';
import type { ScanReason, Unfolded } from '@interlock/domain';
import { extract } from 'tar-stream';

export interface Member {
  /** Bytes that it took inside the archive. */
  readonly from: number;
  readonly bytes: Uint8Array;
}

/** Which bound a member of this size would break, after those that were only declared so far. */
export type AskBound = (from: number, to: number, declared?: Unfolded) => ScanReason | undefined;

/** The files of a tar archive, each asked about before it is read; a reason ends them. */
export async function* tarMembers(bytes: Uint8Array, ask: AskBound): AsyncGenerator<Member | ScanReason> {
  const archive = extract();
  Readable.from([bytes]).pipe(archive);
  try {
    for await (const entry of archive) {
      const size = entry.header.size ?? 0;
      const broken = ask(size, size);
      if (broken) return yield broken;
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry) chunks.push(chunk as Uint8Array);
      if (size > 0) yield { from: size, bytes: Buffer.concat(chunks) };
    }
  } catch {
    yield 'damaged';
  }
}
