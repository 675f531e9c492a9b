import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEPLOYS_STREAMS, internalBusConfig, SERVICES, type ServiceName } from '@interlock/contracts';
import { findNatsServer, openCacheFolder, startNats } from '@interlock/trial';

/** A real internal bus of its own, with the users and permissions of the product. */
export interface TestNats {
  readonly port: number;
  /** `NATS_URL` of a service. */
  urlFor(service: ServiceName): string;
  /** Ends the server and starts it again on the same port with the same streams. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a test wants of its bus. */
export interface WantedNats {
  /** False: the streams are left to the test. */
  readonly deployed?: boolean;
  /** Only TLS is spoken, with this certificate. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
}

/** Starts a nats-server with JetStream on disk in a folder of its own, with the streams deployed. */
export async function testNats(options: WantedNats = {}): Promise<TestNats> {
  const cache = openCacheFolder();
  const binary = await findNatsServer(cache, () => undefined, { configured: process.env.INTERLOCK_NATS_SERVER });
  const dir = mkdtempSync(join(tmpdir(), 'interlock-test-nats-'));
  // The server's user walks through it to its own closed folder.
  chmodSync(dir, 0o711);
  const passwords = Object.fromEntries(SERVICES.map((name) => [name, randomBytes(18).toString('base64url')])) as Record<
    ServiceName,
    string
  >;
  const { tls } = options;
  const secured = tls ? `tls { cert_file: "${tls.certFile}", key_file: "${tls.keyFile}" }\n` : '';
  const configText = `${internalBusConfig(passwords)}${secured}`;
  const start = (port?: number) =>
    startNats({ binary, configText, dir: join(dir, 'data'), binCacheDir: cache, port, name: 'test-nats' });
  let server = await start();
  const { port } = server;
  const urlFor = (service: ServiceName) =>
    `${tls ? 'tls' : 'nats'}://${service}:${passwords[service]}@127.0.0.1:${port}`;
  const stop = async () => {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  if (options.deployed !== false) {
    // Loaded here, so that a test of a pure rule that takes a builder from this library does not load a framework.
    const { connectToBus, deployStreams } = await import('@interlock/chassis');
    const bus = await connectToBus({ url: urlFor(DEPLOYS_STREAMS), service: DEPLOYS_STREAMS });
    await deployStreams(bus);
    await bus.close();
  }
  return {
    port,
    urlFor,
    async restart() {
      await server.stop();
      server = await start(port);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
