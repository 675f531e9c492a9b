import type { StrokeReading } from '../analytics/advise.js';

/** What the simulated press is doing at one instant. Units: seconds, millimetres, kilonewtons, degrees Celsius, kilowatt-hours. */
export interface PressState {
  readonly seconds: number;
  readonly execution: 'ACTIVE' | 'READY';
  readonly ramPosition: number;
  readonly force: number;
  readonly oilTemperature: number;
  readonly cycles: number;
  readonly energy: number;
}

export const STROKE_SECONDS = 6;
const OPEN_HEIGHT = 400;
/** The tool touches the sheet this far above the lower dead centre. */
const CONTACT_HEIGHT = 25;
const NOMINAL_FORCE = 2_400;
const AMBIENT = 22;
/** Kelvin per second of work, and the share of the difference to the hall lost per second: about 60 degrees after a shift. */
const HEATING = 0.02;
const COOLING = 0.0005;
const POWER_KW = 45;
const IDLE_KW = 6;
/** The operator changes the coil after this many strokes, for as long as two strokes take. */
const STROKES_PER_COIL = 50;
const CHANGE_STROKES = 2;

export const COLD_PRESS: PressState = {
  seconds: 0,
  execution: 'READY',
  ramPosition: OPEN_HEIGHT,
  force: 0,
  oilTemperature: AMBIENT,
  cycles: 0,
  energy: 0,
};

/** The state `elapsed` seconds later. Depends on nothing else, so that a run can be repeated. */
export function advance(state: PressState, elapsed: number): PressState {
  const seconds = state.seconds + elapsed;
  const stroke = Math.floor(seconds / STROKE_SECONDS);
  const round = STROKES_PER_COIL + CHANGE_STROKES;
  const working = stroke % round < STROKES_PER_COIL;
  const phase = (seconds % STROKE_SECONDS) / STROKE_SECONDS;
  const ramPosition = working ? (OPEN_HEIGHT * (1 + Math.cos(2 * Math.PI * phase))) / 2 : OPEN_HEIGHT;
  const heat = (working ? HEATING : 0) - (state.oilTemperature - AMBIENT) * COOLING;
  return {
    seconds,
    execution: working ? 'ACTIVE' : 'READY',
    ramPosition,
    force: Math.max(0, 1 - ramPosition / CONTACT_HEIGHT) * peakForce(stroke),
    oilTemperature: state.oilTemperature + heat * elapsed,
    cycles: Math.floor(stroke / round) * STROKES_PER_COIL + Math.min(stroke % round, STROKES_PER_COIL),
    energy: state.energy + ((working ? POWER_KW : IDLE_KW) * elapsed) / 3_600,
  };
}

/** Sheet thickness varies by a few per cent from stroke to stroke. */
const peakForce = (stroke: number): number => NOMINAL_FORCE * (1 + 0.03 * Math.sin(stroke * 12.9898));

/** The reading of the stroke that ended between two states, if one did. */
export function strokeBetween(before: PressState, after: PressState, at: string): StrokeReading | undefined {
  if (after.cycles === before.cycles) return undefined;
  const force = Math.round(peakForce(Math.floor(before.seconds / STROKE_SECONDS)));
  return { at, force, temperature: Number(after.oilTemperature.toFixed(2)) };
}
