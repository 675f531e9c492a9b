import { join } from 'node:path';
import { type Log, writeDurably } from '@interlock/company-side';
import { agreementId, organisationId, signal, verdict } from '@interlock/contracts';
import { type AgreementId, type HeldVerdict, type OrganisationId, type Signal, signalName } from '@interlock/domain';
import { z } from 'zod';
import { readLines } from '../lines-on-disk.js';
import { spareLines } from '../spare-lines.js';

/** What the parties of one agreement said by other documents than acts, as it was verified when it came. */
export interface Words {
  /** Who called an id invalid. */
  readonly invalid: readonly { readonly id: string; readonly organisation: OrganisationId }[];
  readonly verdicts: readonly HeldVerdict[];
  readonly epochs: readonly { readonly organisation: OrganisationId; readonly epoch: number }[];
  /** Facts that did not hold when they were last denied; an older yes does not count over them. */
  readonly noes: readonly Signal[];
}

/**
 * What is said between two standings, over restarts. A standing on the disk is older than a verdict, a status list or a later epoch that came alone: by it,
 * a gateway that starts with the broker dead would take up again what it had refused already. Kept as it was judged, like the uses and the lock-out: the key that
 * signed it may have ended since, and a refusal does not end with its key.
 */
export interface KeptWords {
  invalid(agreement: AgreementId, organisation: OrganisationId, id: string): void;
  /** Of a party on one grant. A yes after a yes says nothing new; a later no does, over a yes between them that somebody kept back. */
  verdict(agreement: AgreementId, said: HeldVerdict): void;
  epoch(agreement: AgreementId, organisation: OrganisationId, epoch: number): void;
  no(agreement: AgreementId, said: Signal): void;
  of(agreement: AgreementId): Words;
  /** Writes what was said since the last call: whoever cuts by it calls this afterwards. */
  settle(): void;
}

const line = z.union([
  z.strictObject({ agreement: agreementId, organisation: organisationId, invalid: z.string().max(200) }),
  z.strictObject({ agreement: agreementId, organisation: organisationId, epoch: z.number().int().nonnegative() }),
  z.strictObject({ agreement: agreementId, verdict, blockedSince: z.number().optional() }),
  z.strictObject({ agreement: agreementId, no: signal }),
]);
type Line = z.infer<typeof line>;

/** Of one party in one agreement; what it says beyond them is held in memory alone, and nobody else loses anything. */
export const MOST_WORDS = 10_000;
/** Lines that others followed, beyond which the file is written anew. */
const MOST_STALE = 1_000;

/** Of the disk, for words alone. */
const SPARE_BYTES = 128 * 1024;

/** Opens the words in the gateway's folder. */
export const keptWords = (folder: string, log: Pick<Log, 'error'>): KeptWords => new WordsOnDisk(folder, log);

class WordsOnDisk implements KeptWords {
  private readonly file: string;
  private readonly held = new Map<string, Line>();
  private readonly counts = new Map<string, number>();
  private waiting: string[] = [];
  private stale = 0;
  /** The disk did not take what is held. */
  private missing = false;
  private readonly append: ReturnType<typeof spareLines>;

  constructor(
    folder: string,
    private readonly log: Pick<Log, 'error'>,
  ) {
    this.file = join(folder, 'words.ndjson');
    this.append = spareLines(this.file, SPARE_BYTES);
    for (const text of readLines(this.file)) {
      // A torn last line is a word that is said again, or that no restart has to know.
      const read = line.safeParse(tryParse(text));
      if (read.success) this.hold(read.data);
    }
  }

  invalid(agreement: AgreementId, organisation: OrganisationId, id: string): void {
    this.say({ agreement, organisation, invalid: id });
  }

  verdict(agreement: AgreementId, { blockedSince, ...said }: HeldVerdict): void {
    this.say({ agreement, verdict: said, ...(blockedSince !== undefined && { blockedSince }) });
  }

  epoch(agreement: AgreementId, organisation: OrganisationId, epoch: number): void {
    this.say({ agreement, organisation, epoch });
  }

  no(agreement: AgreementId, said: Signal): void {
    this.say({ agreement, no: said });
  }

  of(agreement: AgreementId): Words {
    const lines = [...this.held.values()].filter((one) => one.agreement === agreement);
    return {
      invalid: lines.flatMap((one) => ('invalid' in one ? [{ id: one.invalid, organisation: one.organisation }] : [])),
      verdicts: lines.flatMap((one) => ('verdict' in one ? [{ ...one.verdict, blockedSince: one.blockedSince }] : [])),
      epochs: lines.flatMap((one) => ('epoch' in one ? [{ organisation: one.organisation, epoch: one.epoch }] : [])),
      noes: lines.flatMap((one) => ('no' in one ? [one.no] : [])),
    };
  }

  settle(): void {
    if (this.waiting.length === 0 && !this.missing) return;
    const lines = this.waiting;
    this.waiting = [];
    const before = this.missing;
    // In memory it holds whatever the disk does, which gets all of it as soon as it takes anything.
    const anew = before || this.stale > MOST_STALE;
    const whole = anew && this.writeAnew();
    const isKept = whole || this.append(lines);
    this.missing = !isKept || (before && !whole);
    if (this.missing && !before)
      this.log.error({ event: 'words.not-kept' }, 'what a company said cannot be kept for a restart yet');
  }

  private say(one: Line): void {
    const before = this.held.get(nameOf(one));
    if (before && sameWord(before, one)) return;
    if (!before && (this.counts.get(partyOf(one)) ?? 0) >= MOST_WORDS) return;
    this.hold(one);
    this.waiting.push(JSON.stringify(one));
  }

  private hold(one: Line): void {
    const [name, party] = [nameOf(one), partyOf(one)];
    if (this.held.has(name)) this.stale += 1;
    else this.counts.set(party, (this.counts.get(party) ?? 0) + 1);
    this.held.set(name, one);
  }

  private writeAnew(): boolean {
    try {
      writeDurably(this.file, [...this.held.values()].map((one) => `${JSON.stringify(one)}\n`).join(''));
      this.stale = 0;
      return true;
    } catch {
      return false;
    }
  }
}

function partyOf(one: Line): string {
  if ('no' in one) return `${one.agreement} ${one.no.organisation}`;
  return `${one.agreement} ${'verdict' in one ? one.verdict.organisation : one.organisation}`;
}

function nameOf(one: Line): string {
  if ('invalid' in one) return `${partyOf(one)} invalid ${one.invalid}`;
  if ('no' in one) return `${partyOf(one)} no ${signalName(one.no)}`;
  return 'verdict' in one ? `${partyOf(one)} ${one.verdict.kind} ${one.verdict.grant}` : `${partyOf(one)} epoch`;
}

function sameWord(before: Line, now: Line): boolean {
  if ('verdict' in before && 'verdict' in now)
    return before.verdict.outcome === 'clear' && now.verdict.outcome === 'clear';
  return 'epoch' in before && 'epoch' in now ? before.epoch >= now.epoch : 'invalid' in before && 'invalid' in now;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
