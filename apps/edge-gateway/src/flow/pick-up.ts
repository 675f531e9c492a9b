import { connect, type Socket } from 'node:net';
import {
  type Instant,
  type Minimise,
  type Minimised,
  NO_PARTIAL_LINE,
  observedIn,
  parseShdrLine,
  SHDR_START,
  takeLines,
} from '@interlock/domain';

/** What every pick-up is given: only what minimisation lets leave goes on, and the raw value is kept nowhere. */
export interface Fetching {
  readonly minimise: Minimise;
  readonly take: (observed: Minimised) => void;
  readonly now: () => Instant;
}

export interface PickUp {
  /** Reads nothing more from the machine until `resume`; what it says meanwhile waits in its adapter. */
  pause(): void;
  resume(): void;
  stop(): void;
}

const PING_EVERY = 10_000;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 10_000;

/**
 * Reads a machine's telemetry adapter (MTConnect SHDR, lines over TCP) and gives on only what minimisation lets leave. The raw line is
 * never kept: what the machine says about people and itself ends here. Redials with growing pauses.
 */
export const pickUp = (
  target: { readonly host: string; readonly port: number },
  minimise: Minimise,
  take: (observed: Minimised) => void,
): PickUp => new AdapterPickUp(target, minimise, take);

class AdapterPickUp implements PickUp {
  private stopped = false;
  private paused = false;
  private socket: Socket | undefined;
  private retry: NodeJS.Timeout | undefined;
  private wait = FIRST_PAUSE;

  constructor(
    private readonly target: { readonly host: string; readonly port: number },
    private readonly minimise: Minimise,
    private readonly take: (observed: Minimised) => void,
  ) {
    this.dial();
  }

  pause(): void {
    this.paused = true;
    this.socket?.pause();
  }

  resume(): void {
    this.paused = false;
    this.socket?.resume();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.retry);
    this.socket?.destroy();
  }

  private dial(): void {
    const dialled = connect(this.target);
    this.socket = dialled;
    dialled.setEncoding('utf8');
    const ping = setInterval(() => dialled.write('* PING\n'), PING_EVERY);
    const read = reader(this.minimise, this.take);
    dialled.on('connect', () => {
      this.wait = FIRST_PAUSE;
    });
    dialled.on('data', (chunk: string) => {
      // What was read before the cut and not looked at yet goes nowhere.
      if (!this.stopped) read(chunk);
    });
    if (this.paused) dialled.pause();
    dialled.on('error', () => dialled.destroy());
    dialled.on('close', () => {
      clearInterval(ping);
      if (this.stopped) return;
      this.retry = setTimeout(() => this.dial(), this.wait);
      this.wait = Math.min(this.wait * 2, LONGEST_PAUSE);
    });
  }
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
      if (step.parsed.allowed) take(minimise(observedIn(step.parsed.value)));
    }
  };
}
