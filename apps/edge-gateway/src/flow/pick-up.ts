import { connect, type Socket } from 'node:net';
import {
  type Minimise,
  type Minimised,
  NO_PARTIAL_LINE,
  parseShdrLine,
  SHDR_START,
  takeLines,
} from '@interlock/domain';

export interface PickUp {
  stop(): void;
}

const PING_EVERY = 10_000;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 10_000;

/**
 * Reads a machine's telemetry adapter (MTConnect SHDR, lines over TCP) and gives on only what minimisation lets leave. The raw line is
 * never kept: what the machine says about people and itself ends here. Redials with growing pauses.
 */
export function pickUp(
  target: { host: string; port: number },
  minimise: Minimise,
  take: (observed: Minimised) => void,
): PickUp {
  let stopped = false;
  let socket: Socket | undefined;
  let retry: NodeJS.Timeout | undefined;
  let pause = FIRST_PAUSE;
  const dial = (): void => {
    if (stopped) return;
    const dialled = connect(target);
    socket = dialled;
    dialled.setEncoding('utf8');
    const ping = setInterval(() => dialled.write('* PING\n'), PING_EVERY);
    const read = reader(minimise, take);
    dialled.on('connect', () => {
      pause = FIRST_PAUSE;
    });
    dialled.on('data', (chunk: string) => read(chunk));
    dialled.on('error', () => dialled.destroy());
    dialled.on('close', () => {
      clearInterval(ping);
      retry = setTimeout(dial, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    });
  };
  dial();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(retry);
      socket?.destroy();
    },
  };
}

function reader(minimise: Minimise, take: (observed: Minimised) => void): (chunk: string) => void {
  let partial = NO_PARTIAL_LINE;
  let state = SHDR_START;
  return (chunk) => {
    const taken = takeLines(partial, chunk);
    partial = taken.partial;
    for (const line of taken.lines) {
      const step = parseShdrLine(line, state);
      state = step.state;
      if (step.parsed.allowed) take(minimise(step.parsed.value));
    }
  };
}
