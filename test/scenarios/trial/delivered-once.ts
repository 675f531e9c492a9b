import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KeptBatch, type ObjectManifest, openKeptBatches } from '@interlock/client';
import { deliverData } from '../../../apps/cli/src/commands/data/deliver-data.js';
import { agreementOf } from '../../../apps/cli/src/story/remembered.js';
import { REGION } from '../../../apps/cli/src/up/demo-companies.js';
import { comesTrue } from '../comes-true.js';
import type { Outside } from './from-outside.js';

interface Objects {
  readonly dir: string;
  readonly format: 'parquet';
  readonly everySeconds: number;
}

/** The vendor receives from the region until a program that asks was answered: what was answered, how it ended, what is kept, and what the first object says of itself. */
export async function deliveredOnce(outside: Outside, store: string, objects: Objects) {
  const stop = new AbortController();
  const place = { region: REGION, host: '127.0.0.1', port: outside.port('region') };
  const delivering = deliverData({
    ...{ company: outside.vendor.dir, agreement: agreementOf(outside.context.memory).document.id, from: [place] },
    ...{ store, http: 0, objects, once: false, stop: stop.signal },
  });
  const read = (name: string) => readFileSync(join(store, name), 'utf8');
  await comesTrue(() => existsSync(join(store, 'port')), 30_000);
  const asked = async (path: string) => {
    const headers = { authorization: `Bearer ${read('token')}` };
    return (await fetch(`http://127.0.0.1:${read('port')}${path}`, { headers })).text();
  };
  await comesTrue(async () => (await asked('/v1/batches?wait=1')) !== '', 60_000);
  const first = JSON.parse((await asked('/v1/batches?most=1')).trim()) as KeptBatch;
  stop.abort();
  const outcome = await delivering;
  const kept = openKeptBatches(join(store, 'batches')).read(0, 1_000);
  const [manifest = ''] = readdirSync(objects.dir).filter((name) => name.endsWith('.manifest.json'));
  const said = JSON.parse(readFileSync(join(objects.dir, manifest), 'utf8')) as ObjectManifest;
  return { first, outcome, kept, said };
}
