// The clocks of a zone by the compiled zone database of the operating system (TZif, RFC 9636). It shares neither data nor code with the platform's Intl.
import { existsSync, readFileSync } from 'node:fs';

const ROOT = '/usr/share/zoneinfo';

/** Offsets from UTC in milliseconds, each from an instant on. */
interface Zone {
  readonly changes: readonly { readonly at: number; readonly offset: number }[];
  readonly first: number;
}

const zones = new Map<string, Zone | undefined>();

/** The release of the system's database, such as 2026b; undefined where there is none that says so. */
export function systemRelease(): string | undefined {
  const file = `${ROOT}/tzdata.zi`;
  return existsSync(file) ? /^# version (\d{4}[a-z]+)/.exec(readFileSync(file, 'latin1'))?.[1] : undefined;
}

/** What is added to UTC in the zone at an instant, in milliseconds; undefined where the system has no such zone, or says nothing of so late a time. */
export function systemOffset(zone: string, at: number): number | undefined {
  if (!zones.has(zone)) zones.set(zone, read(`${ROOT}/${zone}`));
  const known = zones.get(zone);
  if (!known) return undefined;
  const { changes, first } = known;
  const last = changes.at(-1);
  // Past the last change there is a rule in words, which is not read here, unless the zone settled long ago.
  if (last && at >= last.at && last.at > SETTLED) return undefined;
  return changes.findLast((change) => change.at <= at)?.offset ?? first;
}

/** Where nothing changed since, nothing is expected to. */
const SETTLED = Date.UTC(2015, 0, 1);

function read(file: string): Zone | undefined {
  if (!existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  if (bytes.toString('latin1', 0, 4) !== 'TZif' || (bytes[4] ?? 0) < 0x32) return undefined;
  const counts = (from: number) => [20, 24, 28, 32, 36, 40].map((at) => bytes.readUInt32BE(from + at));
  const [utc = 0, std = 0, leap = 0, times = 0, types = 0, letters = 0] = counts(0);
  const second = 44 + times * 5 + types * 6 + letters + leap * 8 + std + utc;
  const [, , , count = 0, kinds = 0] = counts(second);
  const table = second + 44;
  const offsetOf = (kind: number) => bytes.readInt32BE(table + count * 9 + kind * 6) * 1000;
  const changes = Array.from({ length: count }, (_, n) => ({
    at: Number(bytes.readBigInt64BE(table + n * 8)) * 1000,
    offset: offsetOf(bytes[table + count * 8 + n] ?? 0),
  }));
  return kinds === 0 ? undefined : { changes, first: offsetOf(0) };
}
