import type { Socket } from 'node:net';

export type TakenLine =
  | { readonly line: string; readonly rest: Buffer }
  | { readonly fault: 'too_long' | 'late' | 'ended' };

/**
 * Takes one line off the start of a socket and stops reading: at most `maxBytes` with its newline, within `deadlineMs`. What came behind
 * the line is in `rest`. Listens to nothing afterwards; the socket is paused.
 */
export function takeLine(socket: Socket, maxBytes: number, deadlineMs: number): Promise<TakenLine> {
  return new Promise((resolve) => {
    let held: Buffer = Buffer.alloc(0);
    const done = (taken: TakenLine) => {
      clearTimeout(timer);
      socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onEnd).pause();
      resolve(taken);
    };
    const onEnd = () => done({ fault: 'ended' });
    const onData = (chunk: Buffer) => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const end = held.subarray(0, maxBytes).indexOf(10);
      if (end >= 0) done({ line: held.toString('utf8', 0, end), rest: held.subarray(end + 1) });
      else if (held.length >= maxBytes) done({ fault: 'too_long' });
    };
    const timer = setTimeout(() => done({ fault: 'late' }), deadlineMs);
    socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onEnd);
  });
}
