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
  const server = runAs('nats');
  const place = join(dir, 'tls');
  mkdirSync(place, { mode: 0o711 });
  const key = newPrivateKey('P-256');
  const leaf = await makeLeaf(key, Date.now());
  const [certFile, keyFile] = [join(place, 'endpoint.crt'), join(place, 'endpoint.pem')];
  writeFileSync(certFile, leaf.cert);
  writeFileSync(keyFile, leaf.key, { mode: 0o600 });
  if (server) chownSync(keyFile, server.uid, server.gid);
  const port = await freePort();
  const storeDir = join(dir, 'store');
  const setup = () =>
    setUpRegion({
      dir: join(dir, 'keys'),
      storeDir,
      region: name,
      host: '127.0.0.1',
      port,
      tls: { certFile, keyFile },
      now: Date.now(),
      owners: { store: server },
      limits: { syncAlways: false },
    });
  let running: RunningNats | undefined;
  const start = async () => {
    const { configText } = setup();
    running = await startNats({
      binary,
      configText,
      dir: join(dir, 'bus'),
      binCacheDir: cache,
      name: `region-${name}`,
    });
  };
  const end = async (forget = false) => {
    await running?.stop();
    if (!forget) return;
    for (const part of ['store', 'bus']) rmSync(join(dir, part), { recursive: true, force: true });
  };
  await start();
  return {
    name: name as LocalId,
    port,
    endpointKey: thumbprintOf(publicJwkOf(key)),
    keys: setup().keys,
    setting: { region: name, host: '127.0.0.1', port, keys: join(dir, 'keys'), certificate: certFile },
    start,
    end,
    async dispose() {
      await end();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
