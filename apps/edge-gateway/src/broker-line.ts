import { type Channel, type Log, newNonce, openChannel } from '@interlock/company-side';
import { type GatewayFrame, gatewayFrame } from '@interlock/contracts';
import type { GatewayClock } from './gateway-clock.js';
import type { Provisioned } from './provisioning.js';

export interface LineEnds {
  onFrame(frame: GatewayFrame): Promise<void>;
  onUp(): void;
  onDown(): void;
}

/** The gateway's one connection to its broker, dialled from here. Whatever comes over it is a stranger's word. */
export class BrokerLine {
  private channel: Channel | undefined;
  private up = false;

  constructor(
    private readonly self: Provisioned,
    private readonly clock: GatewayClock,
    private readonly log: Log,
  ) {}

  /** Whether the broker can be reached; uses whose agreement says `closed` end when it cannot. */
  readonly online = (): boolean => this.up;

  /** False while the connection is down. */
  readonly send = (frame: unknown): boolean => this.channel?.send(frame) ?? false;

  open(ends: LineEnds): void {
    this.channel = openChannel({
      origin: this.self.document.broker.origin,
      signer: this.self.signer,
      now: () => this.clock.now(),
      newId: newNonce,
      random: Math.random,
      frames: gatewayFrame,
      // A frame that makes a fault of ours must not end the gateway: a broker could send it again and again.
      onFrame: (frame) =>
        ends
          .onFrame(frame)
          .catch((cause: unknown) => this.log.error({ event: 'frame.fault' }, 'frame could not be handled', cause)),
      onGarbage: (detail) => this.log.warn({ event: 'frame.garbage', detail }, 'a frame was not one'),
      onUp: () => {
        this.up = true;
        ends.onUp();
      },
      onDown: () => {
        this.up = false;
        ends.onDown();
      },
    });
  }

  close(): void {
    this.channel?.close();
  }
}
