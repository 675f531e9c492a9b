import { once } from 'node:events';
import type { Writable } from 'node:stream';

/**
 * Writes lines as fast as the reader takes them and no faster. Returns when the source ends, the signal is aborted or the reader is gone;
 * a reader that goes away is no error.
 */
export async function sendLines(
  to: Writable,
  lines: AsyncIterable<string>,
  lineEnd: string,
  signal: AbortSignal,
): Promise<void> {
  for await (const line of lines) {
    if (signal.aborted || to.destroyed || !to.writable) return;
    if (to.write(line + lineEnd)) continue;
    try {
      await once(to, 'drain', { signal });
    } catch {
      return;
    }
  }
}
