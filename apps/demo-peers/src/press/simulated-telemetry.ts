import { setTimeout as delay } from 'node:timers/promises';
import type { LivePress } from './live-press.js';
import type { TelemetrySource } from './telemetry-source.js';

/** Degrees Celsius; the hall is quiet below, the operator looks at the press above. */
const WARM_OIL = 65;

/**
 * What the press knows now, as adapter keys. Force, positions and temperatures are the agreed part; `MachineOperator`,
 * `OperatingSystemAll` and `pprogram` carry people and know-how, as real controls send them.
 */
export function observationsOf(press: LivePress): ReadonlyMap<string, string> {
  const { state, settings } = press;
  return new Map([
    ['avail', 'AVAILABLE'],
    ['fmode', 'PRODUCTION'],
    ['estop', 'ARMED'],
    ['pmode', 'AUTOMATIC'],
    ['pexecution', state.execution],
    ['pprogram', settings.program],
    ['MachineOperator', settings.operator],
    ['OperatingSystem', 'Windows 10'],
    [
      'OperatingSystemAll',
      `Name = Windows 10;Language = en-US;Machine Name = ${settings.windowsMachine};User Name = ${settings.operator};` +
        `User Permissions = User;Domain Name = ${settings.windowsDomain};`,
    ],
    ['ram_position', state.ramPosition.toFixed(1)],
    ['press_force', state.force.toFixed(0)],
    ['oil_temperature', state.oilTemperature.toFixed(2)],
    ['cycle_count', String(state.cycles)],
    ['energy', state.energy.toFixed(3)],
  ]);
}

const conditionsOf = (press: LivePress): ReadonlyMap<string, string> => {
  const warm = press.state.oilTemperature > WARM_OIL;
  return new Map([
    ['system', 'NORMAL||||'],
    ['oil_cond', warm ? `WARNING|OIL-1|1|HIGH|oil warm, ${press.settings.operator} told` : 'NORMAL||||'],
  ]);
};

/** Telemetry of the live press: first everything, then whatever changed, at most once per interval. A slow reader misses steps, never the newest. */
export const simulatedTelemetry = (press: LivePress, intervalMs: number, now: () => number): TelemetrySource => ({
  async *lines(signal) {
    const sent = new Map<string, string>();
    while (!signal.aborted) {
      press.runTo(now());
      const at = new Date(now()).toISOString();
      const changed = changedSince(sent, observationsOf(press));
      if (changed.length > 0) yield `${at}|${changed.flat().join('|')}`;
      for (const [key, condition] of changedSince(sent, conditionsOf(press))) yield `${at}|${key}|${condition}`;
      await delay(intervalMs, undefined, { signal }).catch(() => {});
    }
  },
});

function changedSince(sent: Map<string, string>, values: ReadonlyMap<string, string>): (readonly [string, string])[] {
  const changed = [...values].filter(([key, value]) => sent.get(key) !== value);
  for (const [key, value] of changed) sent.set(key, value);
  return changed;
}
