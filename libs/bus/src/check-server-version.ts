import { allow, type Decision, refuse } from '@interlock/domain';

export type BusServerRefusal = 'bus_server_too_old' | 'bus_server_unknown';

/** The lines that are maintained, and the first version of each without a known hole between accounts. */
const FIRST_SAFE: readonly (readonly [line: string, patch: number])[] = [
  ['2.12', 12],
  ['2.14', 3],
];

/**
 * Whether a server may hold what partners must not see of each other, from what it says about itself (`varz`).
 * Older ones leak denied messages and can be crashed by strangers. Unknown text and pre-releases are no.
 */
export function checkServerVersion(varz: unknown): Decision<string, BusServerRefusal> {
  const version: unknown = typeof varz === 'object' && varz !== null ? Reflect.get(varz, 'version') : undefined;
  const match = typeof version === 'string' ? /^(\d+)\.(\d+)\.(\d+)$/.exec(version) : null;
  if (typeof version !== 'string' || match === null) return refuse('bus_server_unknown', { detail: String(version) });
  const [major = 0, minor = 0, patch = 0] = match.slice(1).map(Number);
  const line = FIRST_SAFE.find(([name]) => name === `${major}.${minor}`);
  const safe = line === undefined ? major > 2 || (major === 2 && minor > 14) : patch >= line[1];
  return safe ? allow(version) : refuse('bus_server_too_old', { detail: `${version}; use 2.14.3 or later` });
}
