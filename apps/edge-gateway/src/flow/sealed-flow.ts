import { createHmac } from 'node:crypto';
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
  type Pseudonyms,
  refuse,
  type VerifiedChain,
} from '@interlock/domain';
import { contentOf, digestOfBytes, type KeyRing, type KnownKey, seal } from '@interlock/proof';
import type { Provisioned } from '../provisioning.js';
import type { FlowScan } from '../scanning/flow-scan.js';
import type { HeldLot } from '../scanning/held-findings.js';
import type { PickUp } from './pick-up.js';
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
  const minimise = compileMinimise(options.term.keys, [...rules, ...COMPUTER_RULES], pseudonymsFor(options));
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
    this.pushes.refuseAll('no_flow');
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
    while (this.pushes.size > 0 && (await this.sealPushed(this.pushes.next())));
    for (let enough = least; this.waiting.length >= enough; enough = MOST_OBSERVATIONS) {
      if (this.options.spool.size >= MOST_WAITING || !(await this.sealNext())) break;
    }
    this.sealing = false;
    if (this.waiting.length < MOST_IN_MEMORY) for (const source of this.sources) source.resume();
    if (this.pushes.size > 0 && !this.stopped) setImmediate(() => void this.flush(MOST_OBSERVATIONS));
  }

  /** Of several events of which something is not clean each is looked at by itself: the others go on. */
  private async sealPushed(lot: Lot): Promise<boolean> {
    const halves = lot.halves();
    try {
      const scan = await this.options.scan.look(lot, !halves);
      if (!scan.allowed && scan.refusal.code === 'scan_not_clean' && halves) {
        const first = await this.sealPushed(halves[0]);
        return (await this.sealPushed(halves[1])) && first;
      }
      const sealed = scan.allowed
        ? await sealBatch(this.options, this.recipients, { ...lot, scan: scan.value }, () => this.stopped)
        : scan;
      lot.settle(sealed);
      return sealed.allowed;
    } catch {
      lot.settle(refuse('evidence_unavailable'));
      this.options.onRefused('evidence_unavailable');
      return false;
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
    const again = (code: string) => {
      this.dropped += dropped;
      this.options.onRefused(code);
      return observations;
    };
    try {
      const scan = await this.options.scan.look(lot, observations.length < 2);
      if (!scan.allowed && scan.refusal.code !== 'scan_not_clean') return again(scan.refusal.code);
      if (!scan.allowed && observations.length < 2) return [];
      if (!scan.allowed) {
        const middle = Math.ceil(observations.length / 2);
        const first = await this.sealObserved(observations.slice(0, middle), dropped);
        return [...first, ...(await this.sealObserved(observations.slice(middle), 0))];
      }
      const sealed = await sealBatch(this.options, this.recipients, { ...lot, scan: scan.value }, () => this.stopped);
      if (!sealed.allowed) this.options.onRefused(sealed.refusal.code);
      return [];
    } catch {
      return again('evidence_unavailable');
    }
  }
}

/** What controls say about the computer they run on, whoever is logged in today. */
const COMPUTER_RULES = [
  ...['User Name', 'Machine Name', 'Domain Name', 'Serial Number'].map((name) => ({
    kind: 'named-field' as const,
    name,
  })),
  { kind: 'email' as const },
];

/**
 * Keyed, because a plain hash of `operator-17` is found by trying all operators. A hash holds inside its flow: two recipients cannot compare what they
 * got. A pseudonym is made with the company's own key, so that the company finds the same name in every flow and at every gateway.
 */
function pseudonymsFor({ self, chain }: SealedFlowOptions): Pseudonyms {
  const own = self.key.export({ format: 'der', type: 'pkcs8' });
  const { pseudonymKey } = self;
  return {
    hash: (key, value) => named(own, `${chain.grant.id}\0${key}\0${value}`),
    pseudonymise: pseudonymKey && ((key, value) => named(pseudonymKey, `${key}\0${value}`)),
  };
}

const named = (secret: Uint8Array, text: string): string =>
  createHmac('sha256', secret).update(text).digest('base64url').slice(0, 22);

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
