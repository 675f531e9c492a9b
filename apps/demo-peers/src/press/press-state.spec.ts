import { describe, expect, it } from '@jest/globals';
import { LivePress } from './live-press.js';
import { advance, COLD_PRESS, type PressState, STROKE_SECONDS } from './press-state.js';

const NOW = Date.parse('2026-01-01T08:00:00Z');
const settings = {
  machine: 'press-7',
  user: 'service',
  authorizedKeys: [],
  operator: 'operator-17',
  windowsMachine: 'LINE3-PRESS7',
  windowsDomain: 'LINE3',
  program: 'BRACKET-4711.MIN',
};
const run = (seconds: number, step: number): PressState[] => {
  const states = [COLD_PRESS];
  for (let t = 0; t < seconds; t += step) states.push(advance(states.at(-1) ?? COLD_PRESS, step));
  return states;
};

describe('the simulated press', () => {
  it('counts one cycle per stroke, rests for the coil, and never counts backwards', () => {
    const states = run(60 * STROKE_SECONDS, 0.5);
    expect(states.at(-1)?.cycles).toBe(58);
    expect(states.every((state, i) => i === 0 || state.cycles >= (states[i - 1]?.cycles ?? 0))).toBe(true);
    expect(states.some(({ execution }) => execution === 'READY')).toBe(true);
  });

  it('has force only where the tool touches the sheet, and a force a press has', () => {
    for (const { force, ramPosition } of run(120, 0.05)) {
      expect(force > 0).toBe(ramPosition < 25);
      expect(force).toBeLessThan(2_500);
    }
  });

  it('warms, uses energy, and stays below what its oil bears', () => {
    const [, first, ...rest] = run(8 * 3_600, 3);
    const last = rest.at(-1);
    expect(last?.oilTemperature).toBeGreaterThan((first?.oilTemperature ?? 0) + 20);
    expect(last?.oilTemperature).toBeLessThan(75);
    expect(last?.energy).toBeGreaterThan(300);
  });

  it('is warm and knows its last strokes from the first moment', () => {
    const press = new LivePress(settings, NOW);
    expect(press.state.seconds).toBeGreaterThanOrEqual(3_600);
    expect(press.strokes).toHaveLength(120);
    expect(press.strokes.every(({ force, temperature }) => force > 2_000 && temperature > 22)).toBe(true);
  });

  it('keeps no more strokes however long it runs, and survives a clock set back or far ahead', () => {
    const press = new LivePress(settings, NOW);
    for (let t = 0; t < 3_600_000; t += 5_000) press.runTo(NOW + t);
    expect(press.strokes).toHaveLength(120);
    const { seconds } = press.state;
    press.runTo(NOW - 3_600_000);
    expect(press.state.seconds).toBe(seconds);
    press.runTo(NOW + 1e12);
    expect(press.state.seconds).toBeCloseTo(seconds + 10, 6);
  });
});
