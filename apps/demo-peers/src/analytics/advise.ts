/** One stroke as the press measured it: peak force in kN, oil temperature in degrees Celsius. */
export interface StrokeReading {
  readonly at: string;
  readonly force: number;
  readonly temperature: number;
}

export interface Advice {
  /** Strokes until the temperature is forecast to reach the limit; null where the values allow no forecast. */
  readonly remainingStrokes: number | null;
  readonly advice: string;
  readonly method: 'holt-linear';
  /** Smoothed temperature after the last stroke, and its change per stroke. */
  readonly level: number;
  readonly trendPerStroke: number;
  readonly limit: number;
}

/** Degrees Celsius at which the oil of the demonstration press loses its film. */
export const TEMPERATURE_LIMIT = 75;
export const FEWEST_STROKES = 8;
export const MOST_STROKES = 2_000;

const LEVEL_WEIGHT = 0.3;
/** Low, so that a swing of a dozen strokes is not read as a trend. */
const TREND_WEIGHT = 0.02;
const FURTHEST_FORECAST = 100_000;
/** Kilonewtons above which the press is said to be overloaded. */
const FORCE_LIMIT = 3_000;

/**
 * Holt's linear trend (double exponential smoothing) over the temperatures, one step per stroke, extended to the limit.
 * Says "no forecast" where the rise over all strokes is not larger than twice the error of its own one-step forecasts.
 * Needs at least FEWEST_STROKES readings, oldest first.
 */
export function adviseOn(readings: readonly StrokeReading[], limit: number = TEMPERATURE_LIMIT): Advice {
  const { level, trend, error } = holt(readings.map(({ temperature }) => temperature));
  const remainingStrokes = strokesLeft(level, trend, error, readings.length, limit);
  const overloaded = readings.filter(({ force }) => force > FORCE_LIMIT).length;
  return {
    remainingStrokes,
    advice: [words(remainingStrokes), overloaded > 0 ? `${overloaded} stroke(s) above ${FORCE_LIMIT} kN` : '']
      .filter(Boolean)
      .join('; '),
    method: 'holt-linear',
    level: rounded(level),
    trendPerStroke: rounded(trend),
    limit,
  };
}

function holt(values: readonly number[]): { level: number; trend: number; error: number } {
  // Started on the line through the means of both halves: from the first two values alone, noise would set the trend.
  const half = Math.floor(values.length / 2);
  const early = mean(values.slice(0, half));
  let trend = (mean(values.slice(-half)) - early) / (values.length - half);
  let level = early - (trend * (half + 1)) / 2;
  let squares = 0;
  for (const value of values) {
    const forecast = level + trend;
    squares += (value - forecast) ** 2;
    const next = LEVEL_WEIGHT * value + (1 - LEVEL_WEIGHT) * forecast;
    trend = TREND_WEIGHT * (next - level) + (1 - TREND_WEIGHT) * trend;
    level = next;
  }
  return { level, trend, error: Math.sqrt(squares / values.length) };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function strokesLeft(level: number, trend: number, error: number, count: number, limit: number): number | null {
  if (level >= limit) return 0;
  if (trend <= 0 || trend * count <= 2 * error) return null;
  const strokes = Math.floor((limit - level) / trend);
  return strokes > FURTHEST_FORECAST ? null : strokes;
}

function words(remainingStrokes: number | null): string {
  if (remainingStrokes === null) return 'no rise to be told from noise: go on';
  if (remainingStrokes === 0) return 'limit reached: let the oil cool before the next stroke';
  return remainingStrokes < 500 ? 'plan a pause to cool the oil' : 'the oil warms slowly: go on';
}

const rounded = (value: number): number => Number(value.toPrecision(6));
