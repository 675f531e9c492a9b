import type { Duplex } from 'node:stream';
import { fallTogether, type SpliceEnds } from './splice.js';

/** What a filter makes of bytes of one side: what goes on to the other, and what is answered instead of it. */
export interface Filtered {
  readonly onward: Buffer;
  readonly answer: Buffer;
}

/**
 * Understands one protocol well enough to let some of it pass. One filter belongs to one stream. Undefined means that the bytes are not
 * that protocol: the stream ends.
 */
export interface StreamFilter {
  /** Bytes of the connector; `answer` goes back to it, and never into the middle of one of the machine's answers. */
  request(chunk: Buffer): Filtered | undefined;
  /** Bytes of the machine; only whole answers go on. */
  response(chunk: Buffer): Buffer | undefined;
}

/**
 * Joins a connector's stream and a machine's through a filter, at the pace of the slower one. Ends and faults pass as they do without
 * a filter; what the filter still holds when a side ends was no whole message and goes nowhere.
 */
export function filteredSplice(tunnel: Duplex, machine: Duplex, filter: StreamFilter, ends: SpliceEnds = {}): void {
  const paced = (from: Duplex) => {
    const go = () => {
      if (!tunnel.writableNeedDrain && !machine.writableNeedDrain) from.resume();
    };
    tunnel.on('drain', go);
    machine.on('drain', go);
    return () => {
      // A client that asks and never reads the answers must not fill this process with them.
      if (tunnel.writableNeedDrain || machine.writableNeedDrain) from.pause();
    };
  };
  const [paceTunnel, paceMachine] = [paced(tunnel), paced(machine)];
  tunnel.on('data', (chunk: Buffer) => {
    ends.onBytes?.(chunk.length);
    const passed = filter.request(chunk);
    if (!passed) return void tunnel.destroy();
    if (passed.onward.length > 0) machine.write(passed.onward);
    if (passed.answer.length > 0) tunnel.write(passed.answer);
    return paceTunnel();
  });
  machine.on('data', (chunk: Buffer) => {
    ends.onBytes?.(chunk.length);
    const passed = filter.response(chunk);
    if (!passed) return void machine.destroy();
    if (passed.length > 0) tunnel.write(passed);
    return paceMachine();
  });
  tunnel.on('end', () => machine.end());
  machine.on('end', () => tunnel.end());
  fallTogether(tunnel, machine);
  fallTogether(machine, tunnel);
}
