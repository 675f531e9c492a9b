import {
  allow,
  type Batch,
  type BatchScan,
  compileMinimise,
  type DataTerm,
  type Decision,
  type Instant,
  type LocalId,
  type MachineEvent,
  type Minimise,
  type Minimised,
  refuse,
  type VerifiedChain,
} from '@interlock/domain';
import { contentOf, digestOfBytes, type KeyRing, type KnownKey, LARGEST_CONTENT, seal } from '@interlock/proof';
import type { Provisioned } from '../provisioning.js';
import type { FlowScan } from '../scanning/flow-scan.js';
import type { HeldLot } from '../scanning/held-findings.js';
import type { PickUp } from './pick-up.js';
import { pseudonymsFor } from './pseudonyms.js';
import { type Lot, type Pushed, type PushOutcome, PushQueue, type PushRefusal } from './push-queue.js';
import { MOST_WAITING, type Spool } from './spool.js';

export interface SealedFlowOptions {
  readonly self: Provisioned;
  readonly chain: VerifiedChain & { readonly ring: KeyRing };
  readonly term: DataTerm;
  /** The region that a batch is sealed for: the one through which batches go now. */
  readonly region: () => LocalId;
  /** Starts to fetch from wherever provisioning says; where it says nothing, data comes only by push. */
  readonly fetch: (minimise: Minimise, take: (observed: Minimised) => void) => readonly PickUp[];
  readonly spool: Spool;
  readonly now: () => Instant;
  /** Asked before every batch is sealed: a right that ended seals nothing more. */
  readonly may: () => Decision<unknown>;
  readonly onSealed: () => void;
  readonly onRefused: (code: string) => void;
  readonly scan: FlowScan;
}

const EVERY = 500;
const MOST_OBSERVATIONS = 500;

/** A machine that talks faster than batches are sealed, or while the region is away, waits from here on. */
const MOST_IN_MEMORY = 20 * MOST_OBSERVATIONS;

export interface SealedFlow {
  /** Resolves when the event is in a sealed batch on the disk, or will be in none: nothing that was allowed is lost. */
  push(event: MachineEvent, from: Pushed): Promise<Decision<PushOutcome, PushRefusal>>;
  /** Seals exactly what was held back, by the releases that let it go on. */
  release(lot: HeldLot, scan: BatchScan): Promise<Decision<true>>;
  stop(): void;
}

/** Picks up one machine's telemetry, takes what is pushed, keeps only what was agreed, and seals it for exactly the agreed recipients. */
export function sealedFlow(options: SealedFlowOptions): Decision<SealedFlow> {
  const rules = options.self.document.scrub.map((text) => ({ kind: 'identifier' as const, text }));
  const minimise = compileMinimise(
    options.term.keys,
    [...rules, ...COMPUTER_RULES],
    pseudonymsFor(options.self, options.chain.grant.id),
  );
  if (!minimise.allowed) return minimise;
  const recipients = recipientsOf(options);
  if (!recipients) return refuse('subject_unknown', { clause: 'recipients' });
  return allow(new Sealing(options, recipients, minimise.value));
}

/** What was held back and waits for its turn to be sealed. */
interface Released {
  readonly lot: HeldLot;
  readonly scan: BatchScan;
  readonly done: (sealed: Decision<true>) => void;
}

class Sealing implements SealedFlow {
  private waiting: Batch['observations'][number][] = [];
  private dropped = 0;
  private sealing = false;
  private stopped = false;
  private readonly timer: NodeJS.Timeout;
  private readonly sources: readonly PickUp[];
  private readonly pushes: PushQueue;
  private readonly released: Released[] = [];

  constructor(
    private readonly options: SealedFlowOptions,
    private readonly recipients: readonly KnownKey[],
    minimise: Minimise,
  ) {
    const { spool, fetch } = options;
    this.pushes = new PushQueue(minimise, spool, options.term);
    this.sources = fetch(minimise, (observed) => this.take(observed));
    this.timer = setInterval(() => void this.flush(1), EVERY);
  }

  push(event: MachineEvent, from: Pushed): Promise<Decision<PushOutcome, PushRefusal>> {
    if (this.stopped) return Promise.resolve(refuse('no_flow'));
    const taken = this.pushes.take(event, from);
    // In a turn of its own, so that what is pushed together is sealed together.
    setImmediate(() => void this.flush(MOST_OBSERVATIONS));
    return taken;
  }

  release(lot: HeldLot, scan: BatchScan): Promise<Decision<true>> {
    const sealed = new Promise<Decision<true>>((done) => {
      this.released.push({ lot, scan, done });
    });
    void this.flush(MOST_OBSERVATIONS);
    return sealed;
  }

  /** Known by a name of its own once it is sealed: a crash before it left the quarantine does not seal it twice. */
  private async sealReleased(lot: HeldLot, scan: BatchScan): Promise<Decision<true>> {
    const name = digestOfBytes(contentOf(lot.observations)).slice('sha256:'.length).slice(0, 22);
    if (this.options.spool.seen(name)) return allow(true);
    const events = [...lot.events, name];
    return sealBatch(this.options, this.recipients, { ...lot, events, scan }, () => this.stopped);
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
    for (const source of this.sources) source.stop();
    this.waiting = [];
    this.pushes.refuseAll({ code: 'no_flow' });
  }

  private take(observed: Minimised): void {
    for (const { at, key, value } of observed.leaving) this.waiting.push({ at, key, value });
    for (const { count } of observed.dropped) this.dropped += count;
    if (this.waiting.length >= MOST_IN_MEMORY) for (const source of this.sources) source.pause();
    if (this.waiting.length >= MOST_OBSERVATIONS) void this.flush(MOST_OBSERVATIONS);
  }

  /** Seals what waits, one batch after the other: each names the one before it. `least` observations make a batch. */
  private async flush(least: number): Promise<void> {
    if (this.sealing) return;
    this.sealing = true;
    for (let next = this.released.shift(); next; next = this.released.shift())
      next.done(await this.sealReleased(next.lot, next.scan).catch(() => refuse('evidence_unavailable')));
    await this.sealPushes();
    for (let enough = least; this.waiting.length >= enough; enough = MOST_OBSERVATIONS) {
      if (this.options.spool.size >= MOST_WAITING || !(await this.sealNext())) break;
    }
    this.sealing = false;
    if (this.waiting.length < MOST_IN_MEMORY) for (const source of this.sources) source.resume();
    if (this.pushes.size > 0 && !this.stopped) setImmediate(() => void this.flush(MOST_OBSERVATIONS));
  }

  /** Until one has to come again: what its presenter pushed after it does not overtake it, and comes again too. */
  private async sealPushes(): Promise<void> {
    while (this.pushes.size > 0) {
      const lot = this.pushes.next();
      const sealed = await this.sealPushed(lot);
      if (sealed.allowed || OF_ITS_CONTENT.has(sealed.refusal.code)) continue;
      this.options.onRefused(sealed.refusal.code);
      return this.pushes.refuseAll(sealed.refusal, lot.presenter);
    }
  }

  /** Events that are too many for one batch, or of which something is not clean, are taken in halves: each that can go on does, in their order. */
  private async sealPushed(lot: Lot): Promise<Decision<true>> {
    const halves = lot.halves();
    const sealed = await this.sealLot(lot, !halves);
    if (!sealed.allowed && halves && OF_ITS_CONTENT.has(sealed.refusal.code)) {
      const first = await this.sealPushed(halves[0]);
      if (first.allowed || OF_ITS_CONTENT.has(first.refusal.code)) return this.sealPushed(halves[1]);
      halves[1].settle(first);
      return first;
    }
    lot.settle(sealed);
    return sealed;
  }

  private async sealLot(lot: HeldLot, whole: boolean): Promise<Decision<true>> {
    if (contentOf(lot.observations).length > LARGEST_CONTENT) return refuse('event_too_large');
    try {
      const scan = await this.options.scan.look(lot, whole);
      if (!scan.allowed) return scan;
      return await sealBatch(this.options, this.recipients, { ...lot, scan: scan.value }, () => this.stopped);
    } catch {
      return refuse('evidence_unavailable');
    }
  }

  private async sealNext(): Promise<boolean> {
    const { dropped } = this;
    this.dropped = 0;
    const left = await this.sealObserved(this.waiting.splice(0, MOST_OBSERVATIONS), dropped);
    // What was picked up and could not be sealed waits for the next try, and the machine with it.
    if (!this.stopped) this.waiting.unshift(...left);
    return left.length === 0;
  }

  /** Resolves with what has to be tried again: the disk took nothing, or no scanner answers. */
  private async sealObserved(observations: Batch['observations'], dropped: number): Promise<Batch['observations']> {
    const lot = { presenter: null, receivedAt: this.options.now(), observations, dropped, events: [] };
    const sealed = await this.sealLot(lot, observations.length < 2);
    if (sealed.allowed) return [];
    const { code } = sealed.refusal;
    if (OF_ITS_CONTENT.has(code) && observations.length > 1) {
      const middle = Math.ceil(observations.length / 2);
      const left = await this.sealObserved(observations.slice(0, middle), dropped);
      const rest = observations.slice(middle);
      return left.length > 0 ? [...left, ...rest] : this.sealObserved(rest, 0);
    }
    if (code !== 'scan_not_clean') this.options.onRefused(code);
    // Counted as left out in whatever batch is the next.
    if (code === 'event_too_large') this.dropped += dropped + 1;
    if (!COMES_AGAIN.has(code)) return [];
    this.dropped += dropped;
    return observations;
  }
}

/** What no other try changes, and a smaller lot may. */
const OF_ITS_CONTENT: ReadonlySet<string> = new Set(['scan_not_clean', 'event_too_large']);

/** What was fetched at the machine waits here when the disk takes nothing, or no scanner answers. */
const COMES_AGAIN: ReadonlySet<string> = new Set(['scanner_unavailable', 'edge_full', 'evidence_unavailable']);

/** What controls say about the computer they run on, whoever is logged in today. */
const COMPUTER_RULES = [
  ...['User Name', 'Machine Name', 'Domain Name', 'Serial Number'].map((name) => ({
    kind: 'named-field' as const,
    name,
  })),
  { kind: 'email' as const },
];

function recipientsOf({ chain, term, now }: SealedFlowOptions): readonly KnownKey[] | undefined {
  const at = now();
  const found = term.recipients.map((organisation) => {
    const holder = organisation === chain.subjectSide ? chain.subject.id : TAP;
    return (
      chain.ring
        .held(organisation, 'workload', holder)
        .filter((key) => key.purposes.includes('open') && key.notBefore <= at && at < key.notAfter)
        // Verified thing, used thing: the subject's batches are sealed to the very key that was judged, not to another of its keys.
        .filter((key) => organisation !== chain.subjectSide || key.kid === chain.jkt)
        .sort((a, b) => b.notBefore - a.notBefore)[0]
    );
  });
  return found.every((key) => key !== undefined) ? found : undefined;
}

/** The workload that opens the owner's own copy of what leaves. */
const TAP = 'telemetry-pipeline' as LocalId;

/** Resolves when the batch is on the disk. Throws where the disk took nothing. */
async function sealBatch(
  options: SealedFlowOptions,
  recipients: readonly KnownKey[],
  lot: Pick<Batch, 'presenter' | 'receivedAt' | 'observations' | 'dropped' | 'scan'> & Pick<HeldLot, 'events'>,
  stopped: () => boolean,
): Promise<Decision<true>> {
  const may = options.may();
  if (!may.allowed) return may;
  const { self, chain, term, region, spool } = options;
  const { sequence, previous } = spool.next;
  const batch: Batch = {
    agreement: chain.agreementDigest,
    grant: chain.grantDigest,
    flow: chain.grant.id,
    gateway: { organisation: self.organisation, id: self.gateway },
    machine: term.resource,
    product: term.product,
    region: region(),
    sequence,
    previous,
    recipients: recipients.map((key) => ({ organisation: key.organisation, kid: key.kid })),
    presenter: lot.presenter,
    observations: lot.observations,
    dropped: lot.dropped,
    receivedAt: Math.floor(lot.receivedAt),
    sealedAt: Math.floor(options.now()),
    ...(lot.scan && { scan: lot.scan }),
  };
  const sealed = await seal(batch, recipients, self.signer, options.now());
  // A cut may have come while the batch was being sealed.
  const still = options.may();
  if (stopped() || !still.allowed) return still.allowed ? refuse('flow_stopped') : still;
  spool.put(sequence, sealed, lot.events);
  options.onSealed();
  return allow(true);
}
