import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, writeDurably } from '@interlock/company-side';
import { type Standing, standing } from '@interlock/contracts';

/** What stood in each agreement when it was last heard of. Verified again when it is used, and it gives nobody a lease. */
export interface KeptStandings {
  keep(standing: Standing): void;
  all(): readonly Standing[];
}

/**
 * Keeps the last standing of every agreement in the gateway's folder, so that a gateway that starts with the broker dead knows what was agreed and
 * taken away. A disk that does not take one costs that memory alone; the one before it stays whole.
 */
export function keptStandings(folder: string, log: Log): KeptStandings {
  const place = join(folder, 'standings');
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const written = new Map<string, string>();
  return {
    keep(one) {
      const text = JSON.stringify(one);
      // It comes with every act and every reconnect, mostly as it was.
      if (written.get(one.agreementId) === text) return;
      try {
        writeDurably(join(place, `${one.agreementId}.json`), text);
        written.set(one.agreementId, text);
      } catch (cause) {
        log.error({ event: 'standing.not-kept', agreementId: one.agreementId }, 'a standing could not be kept', cause);
      }
    },
    all: () => readdirSync(place).flatMap((name) => (name.endsWith('.json') ? wholeIn(join(place, name)) : [])),
  };
}

/** One that was damaged is one that is asked for again. */
function wholeIn(file: string): Standing[] {
  if (!existsSync(file)) return [];
  try {
    const read = standing.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return read.success ? [read.data] : [];
  } catch {
    return [];
  }
}
