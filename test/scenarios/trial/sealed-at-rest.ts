import { readFileSync } from 'node:fs';
import { layout, readCertificates, readEntities, readKeyFile, readPins } from '@interlock/company-side';
import type { Batch, LocalId } from '@interlock/domain';
import { trust, unseal } from '@interlock/proof';
import { VENDOR } from '../../../apps/cli/src/up/demo-companies.js';
import type { Outside } from './from-outside.js';
import { filesUnder } from './private-keys.js';

const START = '{"ciphertext":"';
const PIPELINE = 'telemetry-pipeline' as LocalId;

/** Every sealed batch that lies in the files of a region's streams, whether it was pulled already or not. */
export function sealedIn(store: string): unknown[] {
  const blocks = filesUnder(store).filter((file) => file.endsWith('.blk'));
  return blocks.flatMap((file) => sealedInText(readFileSync(file, 'latin1')));
}

/** The batches are JSON whose strings hold no braces, so each ends where its braces close; what is cut off at the end is not one yet. */
function sealedInText(text: string): unknown[] {
  const found: unknown[] = [];
  for (let at = text.indexOf(START); at >= 0; at = text.indexOf(START, at + 1)) {
    const end = closingBrace(text, at);
    if (end > at) found.push(JSON.parse(text.slice(at, end)));
  }
  return found;
}

function closingBrace(text: string, from: number): number {
  let open = 0;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '{') open += 1;
    if (text[at] === '}') open -= 1;
    if (open === 0) return at + 1;
  }
  return -1;
}

/** Opens sealed batches as the vendor: with its own key, and whatever verifies under its own pins. Throws where one does not open. */
export async function openedByVendor({ vendor, buyer }: Outside, sealed: readonly unknown[]): Promise<Batch[]> {
  const folder = layout(vendor.dir).workload(PIPELINE);
  const places = [vendor.dir, buyer.dir];
  const now = Date.now();
  const ring = await trust(places.flatMap(readEntities), places.flatMap(readCertificates), readPins(vendor.dir), now);
  if (!ring.allowed) throw new Error(`the keys of both companies do not verify: ${ring.refusal.code}`);
  const open = ring.value.held(VENDOR.organisation, 'workload', PIPELINE).find((key) => key.purposes.includes('open'));
  if (!open) throw new Error('the vendor has no key for opening');
  const opener = { organisation: VENDOR.organisation, kid: open.kid, key: readKeyFile(folder, 'open') };
  return Promise.all(
    sealed.map(async (one) => {
      const opened = await unseal(one, opener, ring.value, now);
      if (!opened.allowed) throw new Error(`a batch does not open: ${opened.refusal.code}`);
      return opened.value.batch;
    }),
  );
}
