import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const FIRST = 10_240;
const LAST = 65_535;
const BLOCK = 16;
const TRIES = 200;

/**
 * TCP ports that were free on 127.0.0.1 a moment ago, side by side. They lie below those that the system gives to outgoing connections:
 * one of these could be taken by any program of this machine before it is listened on, or between two starts that keep the same ports.
 *
 * @throws if no such block is free
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const size = Math.ceil(count / BLOCK) * BLOCK;
  const blocks = Math.floor((firstOutgoing() - FIRST) / size);
  if (blocks < 1) throw new Error(`no ${count} ports below those of outgoing connections`);
  for (let tries = 0; tries < TRIES; tries += 1) {
    // Two starts at the same moment both see everything free: whole blocks seldom meet, and then by chance alone.
    const first = FIRST + randomInt(blocks) * size;
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
