import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, writeDurably } from '@interlock/company-side';
import {
  type Ceiling,
  type Floor,
  type Instant,
  type Monotonic,
  raiseFloor,
  runsAhead,
  trustedNow,
} from '@interlock/domain';
import { SIGNATURE_SKEW } from '@interlock/proof';
import { z } from 'zod';

/** Where the two raw clocks come from; a test passes its own. */
export interface RawClocks {
  wall(): Instant;
  monotonic(): Monotonic;
}

export const machineClocks: RawClocks = { wall: () => Date.now(), monotonic: () => performance.now() };

export interface GatewayClock {
  now(): Instant;
  monotonic(): Monotonic;
  /**
   * A time signed by the gateway's own organisation; a partner's never comes here. `nonceSentAt` is when the nonce that it answers was sent,
   * undefined where it answers none.
   */
  learnOwnTime(time: Instant, nonceSentAt: Monotonic | undefined): void;
  /** Whether `now` is later than the own organisation's answers allow: nothing opens then, what is open runs on. */
  runsAhead(): boolean;
  /** Writes the floor to disk, so that a restart cannot go back behind it. */
  persist(): void;
}

const stored = z.object({ floor: z.number().int().min(0) });

/** The gateway's sense of time: never behind the persisted floor, whatever the network says. */
export function gatewayClock(folder: string, provisionedAt: Instant, raw: RawClocks = machineClocks): GatewayClock {
  const file = join(folder, 'clock-floor.json');
  let floor: Floor = { time: Math.max(provisionedAt, readFloor(file)), at: raw.monotonic() };
  let ceiling: Ceiling | undefined;
  const now = () => trustedNow(floor, raw.wall(), raw.monotonic());
  return {
    now,
    monotonic: () => raw.monotonic(),
    learnOwnTime: (time, sentAt) => {
      floor = raiseFloor(floor, time, raw.monotonic());
      // A nonce that was held back on its way would raise the ceiling by as much, so only a prompt answer counts.
      if (sentAt !== undefined && raw.monotonic() - sentAt <= SIGNATURE_SKEW) ceiling = { time, sentAt };
    },
    runsAhead: () => runsAhead(ceiling, now(), raw.monotonic(), SIGNATURE_SKEW),
    // Only what our own organisation signed, and time that really passed since, is persisted: a wall clock set forward by whoever
    // controls the network would otherwise lock the plant out for good.
    persist: () => writeDurably(file, JSON.stringify({ floor: Math.floor(floor.time + (raw.monotonic() - floor.at)) })),
  };
}

function readFloor(file: string): Instant {
  try {
    return stored.parse(JSON.parse(readFileSync(file, 'utf8'))).floor;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw new Error(`${file} cannot be read; the gateway does not start with a guessed clock. Re-enrol it`, { cause });
  }
}

/** A full disk costs a restart some of its memory of time; it must not cost the live sessions their gateway. */
export function persistClock(clock: Pick<GatewayClock, 'persist'>, log: Pick<Log, 'error'>): void {
  try {
    clock.persist();
  } catch (cause) {
    log.error({ event: 'clock.fault' }, 'the floor of the clock cannot be written', cause);
  }
}
