import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '@interlock/company-side';
import { gatewayFrame } from '@interlock/contracts';
import type { Offer } from './admit-session.js';

/** The sessions on which safety rests: what each was offered by, over restarts, until its window is over or its subject ends it. */
export interface KeptOffers {
  /** False where the disk did not take it: then nothing opens. */
  keep(offer: Offer): boolean;
  forget(session: string): void;
  readonly all: ReadonlyMap<string, Offer>;
}

/** Opens them in a folder of the gateway. What lies there is judged anew before anything opens by it. */
export function keptOffers(folder: string): KeptOffers {
  const place = join(folder, 'safety-sessions');
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const all = new Map<string, Offer>();
  for (const name of readdirSync(place).filter((one) => one.endsWith('.json'))) {
    const read = readOffer(join(place, name));
    if (read) all.set(read.session, read);
  }
  const fileOf = (session: string) => join(place, `${session}.json`);
  const forget = (session: string): void => {
    if (all.delete(session)) rmSync(fileOf(session), { force: true });
  };
  return {
    all,
    keep(offer) {
      if (all.has(offer.session)) return true;
      try {
        writeDurably(fileOf(offer.session), JSON.stringify(offer));
      } catch {
        return false;
      }
      // One of each right: who comes and goes a thousand times leaves one behind.
      for (const [session, other] of all) if (nameOf(other) === nameOf(offer)) forget(session);
      all.set(offer.session, offer);
      return true;
    },
    forget,
  };
}

const nameOf = ({ grant, resource, action, leaf }: Offer): string =>
  `${grant} ${resource.owner}/${resource.id} ${action} ${leaf}`;

/** Undefined for what a power cut left torn: it was not kept, so nothing was opened by it. */
function readOffer(file: string): Offer | undefined {
  try {
    const read = gatewayFrame.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return read.success && read.data.t === 'offer' ? read.data : undefined;
  } catch {
    return undefined;
  }
}
