import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { freePort, freePorts } from './free-port.js';

describe('free ports', () => {
  it('are not among those that the system gives to outgoing connections', async () => {
    const [first] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/);
    for (let times = 0; times < 20; times += 1) expect(await freePort()).toBeLessThan(Number(first));
  });

  it('are given to nobody else while nobody listens on them yet', async () => {
    const picked: number[] = [];
    const [first] = await freePorts(1, (below) => picked[picked.push(randomInt(below)) - 1] ?? 0);
    const again = picked.slice(-1);
    expect(await freePorts(1, (below) => again.shift() ?? randomInt(below))).not.toEqual([first]);
    expect(again).toEqual([]);
  });

  it('can all be listened on', async () => {
    const ports = await freePorts(12);
    expect(new Set(ports).size).toBe(12);
    const servers = await Promise.all(
      ports.map(
        (port) =>
          new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
            const server = createServer();
            server.once('error', reject);
            server.listen(port, '127.0.0.1', () => resolve(server));
          }),
      ),
    );
    for (const server of servers) server.close();
  });
});
