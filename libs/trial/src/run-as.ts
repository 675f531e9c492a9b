/** The user a server process runs as. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

// PostgreSQL refuses a user without an entry in the system's list, so it gets the one every system has. The others
// need none: numbers that no distribution gives out, one each, so that no server can read or signal another.
const USERS = { postgres: 65_534, nats: 64_101, broker: 64_102, clamd: 64_103 } as const;

/**
 * The unprivileged user for a server. Only root can choose; for anybody else the answer is `undefined`
 * and the process runs as its starter.
 */
export function runAs(part: keyof typeof USERS): RunAs | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return { uid: USERS[part], gid: USERS[part] };
}
