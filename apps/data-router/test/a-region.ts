import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RegionKeys, setUpRegion } from '@interlock/bus';
import { makeLeaf } from '@interlock/company-side';
import type { LocalId, Thumbprint } from '@interlock/domain';
import { newPrivateKey, publicJwkOf, thumbprintOf } from '@interlock/proof';
import { findNatsServer, freePort, openCacheFolder, type RunningNats, runAs, startNats } from '@interlock/trial';

/** The real bus server of one region, with TLS, as whoever operates it would start it. */
export interface TestRegion {
  readonly name: LocalId;
  readonly port: number;
  readonly endpointKey: Thumbprint;
  /** File of the certificate that its endpoint shows (PEM). */
  readonly certificate: string;
  readonly keys: RegionKeys;
  /** The member of `ROUTER_REGIONS`. */
  readonly setting: object;
  start(): Promise<void>;
  /** Ends the server; `forget` also destroys what it stored. */
  end(forget?: boolean): Promise<void>;
  dispose(): Promise<void>;
}

export async function aRegion(name: string): Promise<TestRegion> {
  const cache = openCacheFolder();
  const binary = await findNatsServer(cache, () => undefined, { configured: process.env.INTERLOCK_NATS_SERVER });
  const dir = mkdtempSync(join(tmpdir(), `interlock-test-${name}-`));
  chmodSync(dir, 0o711);
  const [endpoint, port] = await Promise.all([anEndpoint(join(dir, 'tls')), freePort()]);
  const setUp = () =>
    setUpRegion({
      dir: join(dir, 'keys'),
      storeDir: join(dir, 'store'),
      region: name,
      host: '127.0.0.1',
      port,
      tls: endpoint.tls,
      now: Date.now(),
      owners: { store: runAs('nats') },
      limits: { syncAlways: false },
    });
  let running: RunningNats | undefined;
  const start = async () => {
    const { configText } = setUp();
    const bus = join(dir, 'bus');
    running = await startNats({ binary, configText, dir: bus, binCacheDir: cache, name: `region-${name}` });
  };
  const end = async (forget = false) => {
    await running?.stop();
    for (const part of forget ? ['store', 'bus'] : []) rmSync(join(dir, part), { recursive: true, force: true });
  };
  await start();
  const { certFile } = endpoint.tls;
  return {
    ...{
      name: name as LocalId,
      port,
      endpointKey: endpoint.key,
      certificate: certFile,
      keys: setUp().keys,
      start,
      end,
    },
    setting: { region: name, host: '127.0.0.1', port, keys: join(dir, 'keys'), certificate: certFile },
    dispose: () => end().then(() => rmSync(dir, { recursive: true, force: true })),
  };
}

/** A key and certificate made for this test, readable by the server's user. */
async function anEndpoint(place: string) {
  mkdirSync(place, { mode: 0o711 });
  const key = newPrivateKey('P-256');
  const leaf = await makeLeaf(key, Date.now());
  const tls = { certFile: join(place, 'endpoint.crt'), keyFile: join(place, 'endpoint.pem') };
  writeFileSync(tls.certFile, leaf.cert);
  writeFileSync(tls.keyFile, leaf.key, { mode: 0o600 });
  const server = runAs('nats');
  if (server) chownSync(tls.keyFile, server.uid, server.gid);
  return { tls, key: thumbprintOf(publicJwkOf(key)) };
}
