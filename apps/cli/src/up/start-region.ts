import { chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setUpRegion } from '@interlock/bus';
import { makeLeaf, writeDurably } from '@interlock/company-side';
import type { Thumbprint } from '@interlock/domain';
import { newPrivateKey, privateKeyFromPem, privateKeyToPem, publicJwkOf, thumbprintOf } from '@interlock/proof';
import { dataPlace, findNatsServer, type RunningNats, runAs, startNats } from '@interlock/trial';
import type { BrokerPlace } from './broker-place.js';
import { REGION } from './demo-companies.js';
import type { TrialState } from './trial-state.js';

/** The region as the data router is told of it: its own keys, and the certificate its endpoint shows. */
export const regionOf = (brokerKeys: string, state: TrialState) => ({
  region: REGION,
  host: '127.0.0.1',
  port: state.port('region'),
  keys: join(brokerKeys, `region-${REGION}`),
  certificate: join(brokerKeys, `region-${REGION}.crt`),
});

/** The key of the region's endpoint: its thumbprint stands in the agreement that both companies sign. */
export function regionKey(dir: string): Thumbprint {
  return thumbprintOf(publicJwkOf(privateKeyFromPem(readFileSync(endpointKey(dir), 'utf8'))));
}

const endpointKey = (dir: string): string => join(dir, 'regions', `${REGION}.pem`);

/** Starts the region's own bus server, which partners reach; it is another server than the broker's internal bus. */
export async function startRegion(place: BrokerPlace): Promise<RunningNats> {
  const server = runAs('nats');
  const store = dataPlace(join(place.dir, 'regions', REGION), server, place.cacheDir);
  const tls = await endpointFiles(place, store);
  const binary = await findNatsServer(place.cacheDir, place.progress, { configured: place.natsServer });
  const region = regionOf(place.keys, place.state);
  const { configText } = setUpRegion({
    dir: region.keys,
    storeDir: join(store, 'store'),
    region: REGION,
    host: region.host,
    port: region.port,
    tls,
    now: Date.now(),
    owners: { keys: runAs('broker'), store: server },
  });
  const dir = join(place.dir, 'regions', REGION);
  const { cacheDir, supervisor } = place;
  return startNats({
    binary,
    configText,
    dir,
    binCacheDir: cacheDir,
    name: `region-${REGION}`,
    start: supervisor.start,
  });
}

/** The endpoint's key is kept, its certificate is only a wrapper and is made anew: the agreement names the key. */
async function endpointFiles(place: BrokerPlace, store: string): Promise<{ certFile: string; keyFile: string }> {
  mkdirSync(join(place.dir, 'regions'), { recursive: true, mode: 0o711 });
  const kept = endpointKey(place.dir);
  if (!existsSync(kept)) writeDurably(kept, privateKeyToPem(newPrivateKey('P-256')));
  const leaf = await makeLeaf(privateKeyFromPem(readFileSync(kept, 'utf8')), Date.now());
  const files = { certFile: join(store, 'endpoint.crt'), keyFile: join(store, 'endpoint.key') };
  writeDurably(files.keyFile, leaf.key);
  writeDurably(files.certFile, leaf.cert, 0o644);
  const [server, broker] = [runAs('nats'), runAs('broker')];
  if (server) for (const file of Object.values(files)) chownSync(file, server.uid, server.gid);
  const shown = regionOf(place.keys, place.state).certificate;
  writeDurably(shown, leaf.cert, 0o644);
  if (broker) chownSync(shown, broker.uid, broker.gid);
  return files;
}
