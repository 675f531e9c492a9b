import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { internalBusConfig, SERVICES, type ServiceName } from '@interlock/contracts';
import { findNatsServer, freePorts, openCacheFolder, type RunningNats, startNats } from '@interlock/trial';

/** The internal bus as three servers of one cluster, on the loopback address. */
export interface ThreeBuses {
  /** `NATS_URL` of a service: all three. */
  urlFor(service: ServiceName): string;
  /** Ends one at once, or as an operator ends it, and starts it again with its streams. */
  again(node: number, how: 'killed' | 'stopped'): Promise<void>;
  stop(): Promise<void>;
}

export async function threeBuses(): Promise<ThreeBuses> {
  const cache = openCacheFolder();
  const binary = await findNatsServer(cache, () => undefined, { configured: process.env.INTERLOCK_NATS_SERVER });
  const dir = mkdtempSync(join(tmpdir(), 'interlock-three-buses-'));
  chmodSync(dir, 0o711);
  const secret = () => randomBytes(18).toString('base64url');
  const passwords = Object.fromEntries(SERVICES.map((name) => [name, secret()])) as Record<ServiceName, string>;
  const ports = await freePorts(6);
  const [clients, routes] = [ports.slice(0, 3), ports.slice(3)];
  const configOf = (node: number): string => `${internalBusConfig(passwords)}
server_name: bus-${node}
cluster { name: interlock, listen: "127.0.0.1:${routes[node]}", no_advertise: true,
  routes: [${routes.map((port) => `"nats://127.0.0.1:${port}"`).join(', ')}] }
`;
  const start = (node: number): Promise<RunningNats> =>
    startNats({
      ...{ binary, binCacheDir: cache, configText: configOf(node), dir: join(dir, `bus-${node}`) },
      ...{ port: clients[node], name: `bus-${node}` },
    });
  const servers = await Promise.all([0, 1, 2].map(start));
  return {
    urlFor: (service) => clients.map((port) => `nats://${service}:${passwords[service]}@127.0.0.1:${port}`).join(','),
    async again(node, how) {
      const server = servers[node];
      if (!server) return;
      if (how === 'killed') process.kill(server.pid, 'SIGKILL');
      else await server.stop();
      await server.exited;
      servers[node] = await start(node);
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
