import { allow, type Decision, refuse } from '../decision.js';
import type { ModbusFormat, ModbusValue } from '../documents/telemetry-source.js';
import { type EventRefusal, isObject, LARGEST_EVENT, type Reading, readingsOf } from './machine-event.js';

/** What a machine does not know, in the word of MTConnect that minimisation lets pass. */
export const UNKNOWN_VALUE = 'UNAVAILABLE';

/** Registers (or bits) that one value takes. */
export const modbusWidth = (format: ModbusFormat): 1 | 2 =>
  format === 'uint32' || format === 'int32' || format === 'float32' ? 2 : 1;

/**
 * A value as text, from the registers at its address in the order in which the controller sent them. Too few registers, or a number that is
 * none, is a value that the machine does not know.
 */
export function modbusReading({ format, lowWordFirst, factor }: ModbusValue, registers: readonly number[]): string {
  const words = registers.slice(0, modbusWidth(format));
  if (words.length < modbusWidth(format)) return UNKNOWN_VALUE;
  if (format === 'bit') return String(words[0] !== 0);
  const [high = 0, low = 0] = lowWordFirst ? words.toReversed() : words;
  const number = numberIn(format, high, low);
  if (!Number.isFinite(number)) return UNKNOWN_VALUE;
  // A factor of 0.1 must not turn 3 tenths to 0.30000000000000004.
  return factor === undefined ? String(number) : String(Number((number * factor).toPrecision(12)));
}

function numberIn(format: Exclude<ModbusFormat, 'bit'>, high: number, low: number): number {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint16(0, high);
  bytes.setUint16(2, low);
  if (format === 'uint16') return bytes.getUint16(0);
  if (format === 'int16') return bytes.getInt16(0);
  if (format === 'uint32') return bytes.getUint32(0);
  if (format === 'int32') return bytes.getInt32(0);
  // As many digits as a single has: 21.3, not 21.299999237060547.
  return Number(bytes.getFloat32(0).toPrecision(7));
}

/**
 * What one message of a plant's broker says under its key: text as it is, or the members of a JSON object (`{"force":812}` under `press` is
 * `press.force`). `at` is RFC 3339, or empty where nobody knows when it occurred, as with a message that the broker had kept.
 */
export function messageReadings(key: string, text: string, at: string): Decision<readonly Reading[], EventRefusal> {
  if (text.length > LARGEST_EVENT) return refuse('event_too_large');
  const said = jsonIn(text);
  const value = isObject(said) || Array.isArray(said) || typeof said === 'string' ? said : text.trim();
  if (value === '' || said === null) return allow([{ at, key, value: UNKNOWN_VALUE }]);
  return readingsOf({ [key]: value }, at);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
