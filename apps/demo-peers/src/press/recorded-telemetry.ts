import { createReadStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigurationError } from '@interlock/contracts';
import { NO_PARTIAL_LINE, takeLines } from '@interlock/domain';
import type { TelemetrySource } from './telemetry-source.js';

/** A recorded pause longer than this is cut to it: nobody wants to watch a lunch break. */
const LONGEST_PAUSE_MS = 10_000;
/** A step back of more than this is the start of another recording; less is jitter between two keys. */
const NEW_RECORDING_MS = 1_000;
/** Further behind than this, a slow reader is not flooded with what it missed. */
const MOST_BEHIND_MS = 5_000;
/** Timers shorter than this cost more than they keep time. */
const SHORTEST_WAIT_MS = 2;
const OBSERVED_AT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?)\d*Z?\|(?!@)/;

/**
 * Plays a recording over and over, each reader from its first line. Lines are sent as they are: old timestamps, several assets'
 * XML between its marks, time running backwards. `speed` 1 is the recorded rate, 60 is a minute per second. A file that cannot be read
 * or holds no line is a configuration error.
 */
export async function recordedTelemetry(file: string, speed: number): Promise<TelemetrySource> {
  if (!(await holdsALine(file)))
    throw new ConfigurationError([`--telemetry ${file}: not a readable file with lines in it`]);
  return {
    async *lines(signal) {
      while (!signal.aborted) {
        const pace = pacer(speed);
        let played = 0;
        for await (const line of fileLines(file)) {
          played += 1;
          const waitMs = pace(line, performance.now());
          if (waitMs > SHORTEST_WAIT_MS) await delay(waitMs, undefined, { signal }).catch(() => {});
          if (signal.aborted) return;
          yield line;
        }
        if (played === 0) throw new Error('the recording has become empty');
      }
    },
  };
}

/**
 * Says how long to wait before a line, from the recorded times of observation lines alone: an asset carries the time it was
 * measured, which may be hours ago.
 */
export function pacer(speed: number): (line: string, nowMs: number) => number {
  let recorded: number | undefined;
  let due: number | undefined;
  return (line, nowMs) => {
    due = due === undefined || nowMs - due > MOST_BEHIND_MS ? nowMs : due;
    const at = Date.parse(`${OBSERVED_AT.exec(line)?.[1]}Z`);
    if (Number.isNaN(at)) return due - nowMs;
    if (recorded !== undefined && at > recorded) due += Math.min(at - recorded, LONGEST_PAUSE_MS) / speed;
    if (recorded === undefined || at > recorded || recorded - at > NEW_RECORDING_MS) recorded = at;
    return due - nowMs;
  };
}

/** Reads in pieces: a recording may be larger than the memory. */
async function* fileLines(file: string): AsyncGenerator<string> {
  let partial = NO_PARTIAL_LINE;
  for await (const chunk of createReadStream(file, { encoding: 'utf8' })) {
    const taken = takeLines(partial, String(chunk));
    partial = taken.partial;
    yield* taken.lines.filter((line) => line !== '');
  }
  if (partial.text !== '') yield partial.text;
}

async function holdsALine(file: string): Promise<boolean> {
  try {
    for await (const line of fileLines(file)) return line !== '';
    return false;
  } catch {
    return false;
  }
}
