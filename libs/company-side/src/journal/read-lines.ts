import { open } from 'node:fs/promises';
import { type JournalHead, type JournalLine, readLine } from './line.js';
import type { Segment } from './segments.js';

/** Between two lines of a journal: everything up to `head` stands before `offset` of the file that begins with entry `first`. */
export interface Place {
  readonly first: number;
  readonly offset: number;
  readonly head: JournalHead;
}

/** Bytes that are read and checked in one turn: a reader must not keep a cut waiting for megabytes of JSON. */
const AT_ONCE = 64 * 1024;

/** Lines that follow `from`, each with the place after it, up to the end of what is durable in the segment. */
export async function* readLines(
  segment: Segment,
  from: Place,
): AsyncGenerator<{ readonly line: JournalLine; readonly after: Place }> {
  const file = await open(segment.file, 'r');
  try {
    let place = from;
    for (let length = AT_ONCE; place.offset < segment.bytes; ) {
      const wanted = Math.min(length, segment.bytes - place.offset);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, place.offset);
      const before = place.offset;
      for (const one of linesIn(buffer.subarray(0, bytesRead), place)) {
        place = one.after;
        yield one;
      }
      // A line that is longer than what was read; where nothing more is there, the chain ends here.
      if (place.offset === before && wanted < length) return;
      length = place.offset === before ? length * 2 : AT_ONCE;
    }
  } finally {
    await file.close();
  }
}

function* linesIn(content: Buffer, from: Place): Generator<{ readonly line: JournalLine; readonly after: Place }> {
  let at = 0;
  let { head } = from;
  for (let newline = content.indexOf(0x0a); newline >= 0; newline = content.indexOf(0x0a, at)) {
    const line = readLine(content.subarray(at, newline), head);
    if (!line.allowed) return;
    head = { sequence: line.value.sequence, digest: line.value.digest };
    at = newline + 1;
    yield { line: line.value, after: { first: from.first, offset: from.offset + at, head } };
  }
}
