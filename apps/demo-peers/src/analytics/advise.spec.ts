import { describe, expect, it } from '@jest/globals';
import { adviseOn, TEMPERATURE_LIMIT } from './advise.js';

const strokes = (temperatures: readonly number[], force = 2_000) =>
  temperatures.map((temperature, i) => ({ at: new Date(i * 6_000).toISOString(), force, temperature }));
const series = (count: number, of: (i: number) => number) => strokes(Array.from({ length: count }, (_, i) => of(i)));

describe('advice', () => {
  it('of a steady rise is the distance to the limit divided by the rise', () => {
    const { remainingStrokes, trendPerStroke, level } = adviseOn(series(60, (i) => 50 + 0.1 * i));
    expect(trendPerStroke).toBeCloseTo(0.1, 6);
    expect(level).toBeCloseTo(55.9, 6);
    // 191 exactly; binary fractions may take one.
    expect([190, 191]).toContain(remainingStrokes);
  });

  it('follows a rise under noise within a tenth', () => {
    const noisy = series(400, (i) => 40 + 0.05 * i + 0.3 * Math.sin(i * 12.9898));
    const truth = (TEMPERATURE_LIMIT - (40 + 0.05 * 399)) / 0.05;
    expect(Math.abs((adviseOn(noisy).remainingStrokes ?? 0) - truth)).toBeLessThan(truth / 10 + 10);
  });

  it.each([
    ['constant values', series(50, () => 45)],
    ['falling values', series(50, (i) => 60 - 0.1 * i)],
    ['noise alone', series(50, (i) => 45 + 2 * Math.sin(i * 78.233))],
    ['a rise so slow that nobody can know', series(50, (i) => 20 + 1e-6 * i)],
  ])('is no forecast for %s', (_what, readings) => {
    expect(adviseOn(readings)).toMatchObject({ remainingStrokes: null, advice: expect.stringContaining('go on') });
  });

  it('is to stop at the limit, and not a hundredth below it', () => {
    expect(adviseOn(series(20, () => TEMPERATURE_LIMIT)).remainingStrokes).toBe(0);
    expect(adviseOn(series(20, () => TEMPERATURE_LIMIT - 0.01)).remainingStrokes).toBeNull();
  });

  it('names strokes above the force limit', () => {
    expect(adviseOn(strokes([40, 40, 40, 40, 40, 40, 40, 40], 3_001)).advice).toContain('8 stroke(s) above 3000 kN');
    expect(adviseOn(strokes([40, 40, 40, 40, 40, 40, 40, 40], 3_000)).advice).not.toContain('above');
  });
});
