import { createServer, type Socket } from 'node:net';
import { NO_PARTIAL_LINE, takeLines } from '@interlock/domain';
import { type Listening, listen } from '../listen.js';
import type { Log } from '../running-role.js';
import { sendLines } from './send-lines.js';
import type { TelemetrySource } from './telemetry-source.js';

/** MTConnect adapter protocol: the reader pings at least this often once it has pinged, else it is taken for dead after two periods. */
export const HEARTBEAT_MS = 10_000;
const MOST_READERS = 16;
/** An adapter reads nothing but short commands. */
const LONGEST_COMMAND = 1_024;
/** A reader that takes nothing for this long is cut; its agent comes back and gets everything from the start. */
const LONGEST_SILENCE_MS = 60_000;

/**
 * The telemetry adapter on TCP: sends SHDR lines to each reader, answers `* PING` with `* PONG 10000`, ignores other lines, and closes a
 * connection that sends something that is not lines.
 */
export function serveTelemetry(
  source: TelemetrySource,
  at: { readonly host: string; readonly port: number },
  log: Log,
): Promise<Listening> {
  const server = createServer((socket) => {
    serveReader(socket, source, log).catch((error: unknown) => {
      log('telemetry reader lost', { reason: error instanceof Error ? error.message : 'unknown' });
      socket.destroy();
    });
  });
  return listen(server, { ...at, connections: MOST_READERS });
}

async function serveReader(socket: Socket, source: TelemetrySource, log: Log): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  socket.on('error', (error) => log('telemetry socket failed', { reason: error.message }));
  socket.setNoDelay(true);
  socket.setTimeout(LONGEST_SILENCE_MS, () => socket.destroy());
  answerPings(socket);
  await sendLines(socket, source.lines(gone.signal), '\n', gone.signal);
  socket.destroy();
}

function answerPings(socket: Socket): void {
  let partial = NO_PARTIAL_LINE;
  let heartbeat: NodeJS.Timeout | undefined;
  socket.once('close', () => clearTimeout(heartbeat));
  socket.on('data', (chunk) => {
    const taken = takeLines(partial, chunk.toString('latin1'), LONGEST_COMMAND);
    partial = taken.partial;
    if (taken.overlong > 0 || partial.skipping) return void socket.destroy();
    const pings = taken.lines.filter((line) => line.trim() === '* PING').length;
    if (pings === 0) return;
    clearTimeout(heartbeat);
    heartbeat = setTimeout(() => socket.destroy(), 2 * HEARTBEAT_MS).unref();
    // One answer per chunk and none to a reader that takes nothing: a flood of pings must not become pongs that wait in memory.
    if (!socket.writableNeedDrain) socket.write(`* PONG ${HEARTBEAT_MS}\n`);
  });
}
