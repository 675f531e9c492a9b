import { randomInt } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const FIRST = 10_240;
const LAST = 65_535;
const BLOCK = 16;
const TRIES = 200;
/** Whoever was given a block has this long to listen on it before another start may be given it. Milliseconds. */
const KEPT = 120_000;

/**
 * TCP ports that were free on 127.0.0.1 a moment ago, side by side; no other start of this user is given them for two minutes. They lie
 * below those that the system gives to outgoing connections: one of these could be taken by any program of this machine before it is
 * listened on, or between two starts that keep the same ports.
 *
 * @param pick a whole number below the one it is given
 * @throws if no such block is free
 */
export async function freePorts(
  count: number,
  pick: (below: number) => number = randomInt,
): Promise<readonly number[]> {
  const size = Math.ceil(count / BLOCK) * BLOCK;
  const blocks = Math.floor((firstOutgoing() - FIRST) / size);
  if (blocks < 1) throw new Error(`no ${count} ports below those of outgoing connections`);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const first = FIRST + pick(blocks) * size;
    if (!isKept(first, size)) continue;
    const ports = Array.from({ length: count }, (_, at) => first + at);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return ports;
  }
  throw new Error(`no ${count} free ports side by side on 127.0.0.1`);
}

/** One of them. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('no free port on 127.0.0.1');
  return port;
}

/** Two starts at the same moment both see everything free: each block is a file that only one of them makes. */
function isKept(first: number, size: number): boolean {
  const folder = join(tmpdir(), `interlock-ports-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (let block = first; block < first + size; block += BLOCK) if (!isMade(join(folder, String(block)))) return false;
  return true;
}

function isMade(path: string): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there && Date.now() - there.mtimeMs < KEPT) return false;
  rmSync(path, { force: true });
  try {
    closeSync(openSync(path, 'wx'));
    return true;
  } catch {
    return false;
  }
}

/** Where the system does not say, it is as in RFC 6335: outgoing connections begin at 49152; Linux begins earlier and does say. */
function firstOutgoing(): number {
  try {
    const first = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/)[0]);
    return first > FIRST + 1_000 && first <= LAST ? first : LAST;
  } catch {
    return 49_152;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
