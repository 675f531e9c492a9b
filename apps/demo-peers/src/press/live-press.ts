import type { Advice, StrokeReading } from '../analytics/advise.js';
import type { PressSettings } from './press-settings.js';
import { advance, COLD_PRESS, type PressState, STROKE_SECONDS, strokeBetween } from './press-state.js';

/** The machine was switched on an hour before we came: it is warm, and its last strokes are known. */
const WARM_UP_SECONDS = 3_600;
const STROKES_KEPT = 120;
/** A process that was stopped for long does not make up for hours at once. */
const LONGEST_STEP_SECONDS = 10;

export type VendorAdvice = Pick<Advice, 'remainingStrokes' | 'advice'>;

/** The one machine that its SSH console and its telemetry adapter both show. Time comes in as milliseconds since the epoch. */
export class LivePress {
  #state: PressState = COLD_PRESS;
  #strokes: StrokeReading[] = [];
  #at: number;
  /** The last answer of the vendor's analytics, shown on the console. */
  advice: VendorAdvice | undefined;

  constructor(
    readonly settings: PressSettings,
    now: number,
  ) {
    this.#at = now - WARM_UP_SECONDS * 1_000;
    while (this.#at < now) this.#advanceBy(STROKE_SECONDS / 2);
  }

  get state(): PressState {
    return this.#state;
  }

  /** The strokes measured last, oldest first; never more than STROKES_KEPT. */
  get strokes(): readonly StrokeReading[] {
    return this.#strokes;
  }

  /** Lets the machine run up to `now`. A clock set back stops it until the clock has caught up. */
  runTo(now: number): void {
    const elapsed = (now - this.#at) / 1_000;
    if (elapsed <= 0) return;
    if (elapsed > LONGEST_STEP_SECONDS) this.#at = now - LONGEST_STEP_SECONDS * 1_000;
    for (let left = Math.min(elapsed, LONGEST_STEP_SECONDS); left > 0; left -= STROKE_SECONDS / 2) {
      this.#advanceBy(Math.min(left, STROKE_SECONDS / 2));
    }
    this.#at = now;
  }

  #advanceBy(seconds: number): void {
    const before = this.#state;
    this.#state = advance(before, seconds);
    this.#at += seconds * 1_000;
    const stroke = strokeBetween(before, this.#state, new Date(this.#at).toISOString());
    if (stroke) this.#strokes = [...this.#strokes.slice(1 - STROKES_KEPT), stroke];
  }
}
