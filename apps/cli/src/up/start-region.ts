import { chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setUpRegion } from '@interlock/bus';
import { makeLeaf, writeDurably } from '@interlock/company-side';
import type { LocalId, Thumbprint } from '@interlock/domain';
import { newPrivateKey, privateKeyFromPem, privateKeyToPem, publicJwkOf, thumbprintOf } from '@interlock/proof';
import { dataPlace, findNatsServer, type RunningNats, runAs, startNats } from '@interlock/trial';
import type { BrokerPlace } from './broker-place.js';
import { type DemoRegion, REGIONS } from './demo-companies.js';
import type { TrialState } from './trial-state.js';

/** The region as the data router is told of it: its own keys, and the certificate its endpoint shows. */
export const regionOf = ({ id, port }: DemoRegion, brokerKeys: string, state: TrialState) => ({
  region: id,
  host: '127.0.0.1',
  port: state.port(port),
  keys: join(brokerKeys, `region-${id}`),
  certificate: join(brokerKeys, `region-${id}.crt`),
});

/** The key of a region's endpoint: its thumbprint stands in the agreement that both companies sign. */
export function regionKey(dir: string, region: LocalId): Thumbprint {
  return thumbprintOf(publicJwkOf(privateKeyFromPem(readFileSync(endpointKey(dir, region), 'utf8'))));
}

const endpointKey = (dir: string, region: LocalId): string => join(dir, 'regions', `${region}.pem`);

/** Starts every region's own bus server, which partners reach; each is another server than the others and than the broker's internal bus, on a disk of its own. */
export const startRegions = (place: BrokerPlace): Promise<readonly RunningNats[]> =>
  Promise.all(REGIONS.map((region) => startRegion(place, region)));

async function startRegion(place: BrokerPlace, demo: DemoRegion): Promise<RunningNats> {
  const server = runAs('nats');
  const store = dataPlace(join(place.dir, 'regions', demo.id), server, place.cacheDir);
  const tls = await endpointFiles(place, demo, store);
  const binary = await findNatsServer(place.cacheDir, place.progress, { configured: place.natsServer });
  const region = regionOf(demo, place.keys, place.state);
  const { configText } = setUpRegion({
    dir: region.keys,
    storeDir: join(store, 'store'),
    region: demo.id,
    host: region.host,
    port: region.port,
    tls,
    now: Date.now(),
    owners: { keys: runAs('broker'), store: server },
  });
  const dir = join(place.dir, 'regions', demo.id);
  const { cacheDir, supervisor } = place;
  return startNats({
    binary,
    configText,
    dir,
    binCacheDir: cacheDir,
    name: `region-${demo.id}`,
    start: supervisor.start,
  });
}

/** The endpoint's key is kept, its certificate is only a wrapper and is made anew: the agreement names the key. */
async function endpointFiles(
  place: BrokerPlace,
  demo: DemoRegion,
  store: string,
): Promise<{ certFile: string; keyFile: string }> {
  mkdirSync(join(place.dir, 'regions'), { recursive: true, mode: 0o711 });
  const kept = endpointKey(place.dir, demo.id);
  if (!existsSync(kept)) writeDurably(kept, privateKeyToPem(newPrivateKey('P-256')));
  const leaf = await makeLeaf(privateKeyFromPem(readFileSync(kept, 'utf8')), Date.now());
  const files = { certFile: join(store, 'endpoint.crt'), keyFile: join(store, 'endpoint.key') };
  writeDurably(files.keyFile, leaf.key);
  writeDurably(files.certFile, leaf.cert, 0o644);
  const [server, broker] = [runAs('nats'), runAs('broker')];
  if (server) for (const file of Object.values(files)) chownSync(file, server.uid, server.gid);
  const shown = regionOf(demo, place.keys, place.state).certificate;
  writeDurably(shown, leaf.cert, 0o644);
  if (broker) chownSync(shown, broker.uid, broker.gid);
  return files;
}
