import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signedAct } from '@interlock/contracts';
import type { Act, AgreementId, Signed } from '@interlock/domain';
import { digestOf } from '@interlock/proof';

export interface HeldActs {
  keep(act: Signed<Act>): void;
  of(agreement: AgreementId): readonly Signed<Act>[];
}

/**
 * The acts this gateway has taken, kept so that a restart does not forget a cut that came by the plant's own hand while the broker was
 * silent. They are verified again when they are used; a torn last line is an act that is asked for again.
 */
export function heldActs(folder: string): HeldActs {
  const file = join(folder, 'acts.ndjson');
  const acts: Signed<Act>[] = read(file).flatMap((line) => {
    const parsed = signedAct.safeParse(tryParse(line));
    return parsed.success ? [parsed.data] : [];
  });
  return {
    keep: (act) => {
      const digest = digestOf(act.document);
      if (acts.some((one) => digestOf(one.document) === digest)) return;
      acts.push(act);
      // A full disk must not undo a cut that has already happened in memory.
      try {
        appendFileSync(file, `${JSON.stringify(act)}\n`, { mode: 0o600 });
      } catch {
        return;
      }
    },
    of: (agreement) => acts.filter((act) => act.document.agreementId === agreement),
  };
}

function read(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cause;
  }
}

function tryParse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
