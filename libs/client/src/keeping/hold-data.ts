import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder, readJsonIfThere, writeDurably } from '@interlock/company-side';
import type { Agreement, Digest, ErasureCause, HeldAct, Instant } from '@interlock/domain';

/** Why nothing in a store is erased, whatever the rule says, and since when. */
export interface DataHold {
  readonly reason: string;
  readonly since: Instant;
}

/** One line of what happened to what is kept: a hold, its end, or that these batches went. */
export type KeepingLine =
  | { readonly kind: 'held' | 'lifted'; readonly at: Instant; readonly reason: string }
  | {
      readonly kind: 'erased';
      readonly at: Instant;
      readonly cause: ErasureCause;
      readonly batches: readonly Digest[];
    };

/** The hold of a store and the record of what was done to it; both outlive what was erased. */
export interface KeepingJournal {
  readonly hold: DataHold | undefined;
  set(hold: DataHold): void;
  lift(at: Instant, reason: string): void;
  /** Written before anything goes: after a crash between, the batches are named as gone and go with the next erasure. */
  erased(cause: ErasureCause, batches: readonly Digest[], at: Instant): void;
  lines(): readonly KeepingLine[];
  /** Since when an act is known here: an end counts from its coming, whatever its signer dated it. */
  knownSince(act: Digest, now: Instant): Instant;
  /**
   * The newest version, and every end, that was verified here so far, with these among them. Whoever brings an older version, or leaves an end out, lengthens and shortens
   * nothing that was promised.
   */
  newest(agreement: Agreement, ends: readonly HeldAct[]): Promised;
}

/** By what a store is kept. */
export interface Promised {
  readonly agreement: Agreement;
  readonly ends: readonly HeldAct[];
}

const HOLD = 'hold.json';
const LINES = 'keeping.ndjson';
const ENDS = 'ends.json';
const PROMISED = 'promised.json';

/** Of the folder of one store. It is read anew each time: whoever sets a hold is another process. */
export function keepingJournal(store: string): KeepingJournal {
  makePrivateFolder(store);
  const read = () => (readJsonIfThere(join(store, HOLD)) as { hold: DataHold | null } | undefined)?.hold ?? undefined;
  const write = (line: KeepingLine) => appendDurably(join(store, LINES), `${JSON.stringify(line)}\n`);
  return {
    get hold() {
      return read();
    },
    set: (hold) => {
      writeDurably(join(store, HOLD), JSON.stringify({ hold }));
      write({ kind: 'held', at: hold.since, reason: hold.reason });
    },
    lift: (at, reason) => {
      write({ kind: 'lifted', at, reason });
      writeDurably(join(store, HOLD), JSON.stringify({ hold: null }));
    },
    erased: (cause, batches, at) => write({ kind: 'erased', at, cause, batches }),
    lines: () => linesIn(join(store, LINES)),
    knownSince: (act, now) => {
      const known = (readJsonIfThere(join(store, ENDS)) ?? {}) as Readonly<Record<Digest, Instant>>;
      const since = known[act];
      if (since !== undefined) return since;
      writeDurably(join(store, ENDS), JSON.stringify({ ...known, [act]: now }));
      return now;
    },
    newest: (agreement, ends) => {
      const known = readJsonIfThere(join(store, PROMISED)) as Promised | undefined;
      const of = known?.agreement.id === agreement.id ? known : undefined;
      const fresh = ends.filter(({ digest }) => !of?.ends.some((one) => one.digest === digest));
      if (of && of.agreement.version >= agreement.version && fresh.length === 0) return of;
      const newer = of && of.agreement.version >= agreement.version ? of.agreement : agreement;
      const promised = { agreement: newer, ends: [...(of?.ends ?? []), ...fresh] };
      writeDurably(join(store, PROMISED), JSON.stringify(promised));
      return promised;
    },
  };
}

/** Every batch that was erased, whenever. */
export const erasedIn = (lines: readonly KeepingLine[]): readonly Digest[] => [
  ...new Set(lines.flatMap((line) => (line.kind === 'erased' ? line.batches : []))),
];

function appendDurably(file: string, line: string): void {
  // A line that a crash tore is ended first, so that it takes no other with it.
  const isTorn = existsSync(file) && !['', '\n'].includes(readFileSync(file, 'utf8').slice(-1));
  const opened = openSync(file, 'a', 0o600);
  try {
    writeSync(opened, isTorn ? `\n${line}` : line);
    fdatasyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

/** What a crash tore at the end was not written, and what it would have told did not happen. */
function linesIn(file: string): readonly KeepingLine[] {
  try {
    const text = readFileSync(file, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter((line) => line !== '')
      .flatMap((line) => read(line));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cause;
  }
}

function read(line: string): readonly KeepingLine[] {
  try {
    return [JSON.parse(line) as KeepingLine];
  } catch {
    return [];
  }
}
