import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { SCAN_BOUNDS, type ScanVerdict } from '@interlock/domain';
import { digestOfBytes } from '@interlock/proof';
import { findClamd, openCacheFolder, startClamd } from '@interlock/trial';
import { DatabaseDigest } from '../../apps/scanner/src/engine/database-digest.js';
import { serveScans } from '../../apps/scanner/src/serve.js';
import { eicar, eicarDatabase } from '../../apps/scanner/test/eicar.js';

const CACHE = openCacheFolder();

/** How to start a scanner again after it was closed. */
export type StartScanner = () => Promise<{ close(): Promise<unknown> }>;

/** How to start the real scanner before a real clamd; where no clamd can be had, something that answers as it does about the one file it knows. What runs beside it is added to `stops`. */
export async function aScanner(
  folder: string,
  socket: string,
  stops: (() => Promise<unknown>)[],
): Promise<StartScanner> {
  const clamd = await findClamd(CACHE, () => undefined);
  if (!clamd) return () => standIn(socket);
  const running = await startClamd({
    clamd,
    dir: join(folder, 'clamd'),
    binCacheDir: CACHE,
    database: eicarDatabase(),
  });
  stops.push(() => running.stop());
  const engine = { socket: running.socket, deadlineMs: 10_000 };
  const scanning = {
    clamd: engine,
    database: new DatabaseDigest(running.database),
    bounds: SCAN_BOUNDS,
    now: Date.now,
  };
  return () => serveScans(scanning, socket);
}

async function standIn(socket: string): Promise<{ close(): Promise<unknown> }> {
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const found = [eicar(), JSON.stringify(eicar().toString()).slice(1, -1)].some((one) => bytes.includes(one));
    const said: ScanVerdict = {
      ...{ outcome: found ? 'infected' : 'clean', reason: found ? 'signature' : null, signature: null },
      ...{
        digest: digestOfBytes(bytes),
        engine: 'stand-in',
        database: digestOfBytes(Buffer.from('db')),
        at: Date.now(),
      },
    };
    if (bytes.length > SCAN_BOUNDS.memberBytes) response.statusCode = 413;
    response.end(JSON.stringify(said));
  });
  await new Promise<void>((done) => server.listen(socket, done));
  return { close: () => new Promise((done) => server.close(done)) };
}
