import { chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setUpRegion } from '@interlock/bus';
import { makeLeaf, writeDurably } from '@interlock/company-side';
import type { Thumbprint } from '@interlock/domain';
import { newPrivateKey, privateKeyFromPem, privateKeyToPem, publicJwkOf, thumbprintOf } from '@interlock/proof';
import { findNatsServer, runAs, startNats } from '@interlock/trial';
import { REGION } from './demo-companies.js';
import type { BrokerPlace } from './start-broker.js';

/** The folder of the trial's one region: its bus server's keys and what it stores. */
export const regionFolder = (dir: string): string => join(dir, 'regions', REGION);

/** The key whose thumbprint both companies name in their agreement; made before they agree. */
export function regionKey(dir: string): Thumbprint {
  return thumbprintOf(publicJwkOf(privateKeyFromPem(readFileSync(join(regionFolder(dir), 'endpoint.pem'), 'utf8'))));
}

/** Starts the region's own bus server, which partners reach; it is another server than the broker's internal bus. */
export async function startRegion(
  place: Pick<BrokerPlace, 'dir' | 'cacheDir' | 'supervisor' | 'state' | 'progress' | 'natsServer'>,
): Promise<void> {
  const folder = regionFolder(place.dir);
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const keyFile = join(folder, 'endpoint.pem');
  const key = existsSync(keyFile) ? privateKeyFromPem(readFileSync(keyFile, 'utf8')) : newPrivateKey('P-256');
  writeDurably(keyFile, privateKeyToPem(key));
  const leaf = await makeLeaf(key, Date.now());
  writeDurably(join(folder, 'endpoint.crt'), leaf.cert, 0o644);
  const server = runAs('nats');
  if (server) chownSync(keyFile, server.uid, server.gid);
  const binary = await findNatsServer(place.cacheDir, place.progress, { configured: place.natsServer });
  const { configText } = await setUpRegion({
    dir: join(folder, 'keys'),
    storeDir: join(folder, 'store'),
    region: REGION,
    host: '127.0.0.1',
    port: place.state.port('region'),
    tls: { certFile: join(folder, 'endpoint.crt'), keyFile },
    now: Date.now(),
  });
  await startNats({
    binary,
    configText,
    dir: join(folder, 'bus'),
    binCacheDir: place.cacheDir,
    name: `region-${REGION}`,
    start: place.supervisor.start,
  });
}
