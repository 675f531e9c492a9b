import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOfFile } from '@interlock/client';
import {
  type DataPackage,
  eraseData,
  erasedBy,
  exportAll,
  holdData,
} from '../../../apps/cli/src/commands/data/store-verbs.js';
import { agreementOf } from '../../../apps/cli/src/story/remembered.js';
import { comesTrue } from '../comes-true.js';
import type { Outside } from './from-outside.js';

/** The vendor writes a package of what it keeps, holds it, asks for what is over to go, signs that, and lifts the hold; the buyer reads what was signed. */
export async function takenAway({ context, vendor, buyer }: Outside, store: string, folder: string) {
  const agreement = agreementOf(context.memory).document.id;
  const [company, out, sign] = [vendor.dir, join(folder, 'package'), join(folder, 'erased.json')];
  await exportAll(store, { company, agreement, out, format: 'parquet' });
  const { files } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as DataPackage;
  const whole = files.every(({ name, digest }) => digestOfFile(readFileSync(join(out, name))) === digest);
  const held = await holdData(store, { company, agreement, reason: 'a dispute' });
  const whileHeld = await eraseData(store, { company, agreement, sign });
  const lifted = await holdData(store, { company, agreement, reason: 'settled', lift: true });
  const reads = () => erasedBy(sign, { company: buyer.dir, agreement });
  // What the vendor said comes to the buyer when both have cosigned it.
  await comesTrue(async () => {
    const said = await reads();
    return said.allowed && (said.value.json as { inLog?: boolean }).inLog === true;
  }, 45_000);
  const read = await reads();
  return { package: { whole, names: files.map(({ name }) => name) }, held, whileHeld, lifted, read };
}
