import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '@interlock/company-side';
import type { Instant, Refusal, SubjectRef } from '@interlock/domain';

/** A push of which something was refused, with what was said about it. It stays in the plant, readable by the gateway alone. */
export interface Quarantined {
  readonly presenter: SubjectRef;
  readonly at: Instant;
  readonly refused: readonly (Refusal & { readonly source?: string; readonly id?: string })[];
  readonly body: Uint8Array;
}

export interface Quarantine {
  keep(push: Quarantined): void;
}

const FILE = 'quarantine.ndjson';
/** Two files of this size at most; the older is given up for the newer. Bytes. */
const LONGEST_FILE = 16 * 1024 * 1024;

/**
 * What was pushed and not taken, for whoever has to find out why. It is a help, no evidence: a full disk refuses nothing more because of it.
 *
 * @param inPlant elsewhere than in the plant nothing stays of what was pushed: it was not minimised, and may be of a machine whose data is none of that place
 */
export function openQuarantine(folder: string, log: Log, inPlant: boolean): Quarantine {
  const file = join(folder, FILE);
  let size = existsSync(file) ? statSync(file).size : 0;
  return {
    keep: (push) => {
      const line = `${JSON.stringify(inPlant ? whole(push) : codesOf(push))}\n`;
      try {
        if (size + line.length > LONGEST_FILE) {
          renameSync(file, `${file}.older`);
          size = 0;
        }
        appendFileSync(file, line, { mode: 0o600 });
        size += line.length;
      } catch (cause) {
        log.error({ event: 'quarantine.fault' }, 'a refused push cannot be kept', cause);
      }
    },
  };
}

const whole = ({ body, ...said }: Quarantined): object => ({ ...said, body: Buffer.from(body).toString('base64') });

const codesOf = ({ presenter, at, refused }: Quarantined): object => ({
  presenter,
  at,
  refused: refused.map(({ code }) => ({ code })),
});
