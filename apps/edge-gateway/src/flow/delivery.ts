import type { Log } from '@interlock/company-side';
import { LARGEST_REGION_MESSAGE } from '@interlock/contracts';
import type { LocalId } from '@interlock/domain';
import type { EvidenceBook } from '../evidence/evidence-book.js';
import type { GatewayClock } from '../gateway-clock.js';
import { type AgreedLink, type LinkOptions, linkAgreed, type RegionEndpoint } from './link-agreed.js';
import { asideOf, type Spool, type Spooled } from './spool.js';

export interface DeliveryOptions extends Omit<LinkOptions, 'endpoint'> {
  /** Of the regions through which this flow may go, in the order in which they are tried; at least one. */
  readonly endpoints: readonly [RegionEndpoint, ...RegionEndpoint[]];
  readonly clock: GatewayClock;
  readonly book: EvidenceBook;
  readonly log: Log;
  readonly spool: Spool;
}

export interface Delivery {
  /** Through which region batches go now, or are tried first. */
  readonly region: LocalId;
  /** Something waits in the spool. */
  kick(): void;
  stop(): Promise<void>;
}

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 10_000;
/** Batches on their way at once; one record of evidence names them all, and names at most 64. */
const IN_FLIGHT = 32;
/** Room for what is sent with a batch, in bytes. */
const HEADERS = 1_024;

/**
 * Carries sealed batches from the spool to an agreed region, in order. A batch leaves the spool when a region has it on disk; what is sent
 * twice carries the same message id and is dropped there. A region that fails gives way to the next of those agreed, and to no other: where
 * none of them can be reached, batches wait here. What a lost answer made to lie in two regions the recipient drops by its sequence.
 */
export const startDelivery = (options: DeliveryOptions): Delivery => new SpoolDelivery(options);

class SpoolDelivery implements Delivery {
  private stopped = false;
  private running = false;
  private again = false;
  private pause = FIRST_PAUSE;
  private retry: NodeJS.Timeout | undefined;
  private linked: AgreedLink | undefined;
  private endpoint: RegionEndpoint;
  private readonly refusedBefore = new Map<LocalId, string>();

  constructor(private readonly options: DeliveryOptions) {
    [this.endpoint] = options.endpoints;
  }

  get region(): LocalId {
    return this.endpoint.region;
  }

  kick(): void {
    void this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    await this.unlink();
  }

  private async run(): Promise<void> {
    if (this.stopped || this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    this.again = false;
    try {
      await this.carry();
      this.pause = FIRST_PAUSE;
    } catch (cause) {
      await this.wait(cause);
    } finally {
      this.running = false;
    }
    clearTimeout(this.retry);
    if (this.again && !this.stopped) this.retry = setTimeout(() => void this.run(), this.pause);
  }

  private async wait(cause: unknown): Promise<void> {
    if (!this.stopped)
      this.options.log.warn(
        { event: 'delivery.waits', region: this.region },
        'no region takes it, batches wait',
        cause,
      );
    // A region that took the connection and not the batch is tried last.
    if (this.linked) this.endpoint = this.after(this.endpoint);
    await this.unlink();
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    this.again = true;
  }

  private async carry(): Promise<void> {
    const { spool, clock } = this.options;
    for (let batch = spool.waiting(); batch.length > 0 && !this.stopped; batch = spool.waiting()) {
      if (this.linked && this.linked.until <= clock.now()) {
        await this.unlink();
        [this.endpoint] = this.options.endpoints;
      }
      const tooLarge = batch.find(({ sealed }) => sealed.length > LARGEST_REGION_MESSAGE - HEADERS);
      if (tooLarge) {
        await this.setAside(tooLarge);
        continue;
      }
      const linked = this.linked ?? (await this.link());
      if (!linked) return;
      for (let at = 0; at < batch.length; at += IN_FLIGHT) {
        // Also what was sealed before a cut stays here after it.
        if (this.stopped) return;
        await this.hand(linked, batch.slice(at, at + IN_FLIGHT));
      }
    }
  }

  /** Undefined when the flow was cut meanwhile. Throws where there is no agreed way to any region now: batches wait here. */
  private async link(): Promise<AgreedLink | undefined> {
    let last: unknown;
    for (let tried = 0; tried < this.options.endpoints.length && !this.stopped; tried += 1) {
      try {
        this.linked = await this.linkTo(this.endpoint);
        if (this.stopped) await this.unlink();
        return this.linked;
      } catch (cause) {
        last = cause;
        this.endpoint = this.after(this.endpoint);
      }
    }
    if (this.stopped) return undefined;
    throw last;
  }

  private async linkTo(endpoint: RegionEndpoint): Promise<AgreedLink> {
    const linked = await linkAgreed({ ...this.options, endpoint });
    if (linked.allowed) {
      this.refusedBefore.delete(endpoint.region);
      return linked.value;
    }
    await this.noteRefused(endpoint.region, linked.refusal.code);
    throw new Error(linked.refusal.code);
  }

  private after(endpoint: RegionEndpoint): RegionEndpoint {
    const { endpoints } = this.options;
    return endpoints[(endpoints.indexOf(endpoint) + 1) % endpoints.length] ?? endpoints[0];
  }

  /** Throws when one of them did not arrive; what did arrive is done all the same. */
  private async hand({ link, subject }: AgreedLink, batches: readonly Spooled[]): Promise<void> {
    const sent = await Promise.allSettled(
      batches.map(({ sealed, digest }) => link.stream.publish(subject, sealed, { msgID: digest })),
    );
    const stored = batches.filter((_, at) => sent[at]?.status === 'fulfilled');
    if (stored.length > 0) {
      // After a crash here they are sent again under the same ids; the region drops them, and the recipient does by their sequence.
      this.options.spool.done(stored);
      await this.noteDelivered(stored);
    }
    const lost = sent.find((one) => one.status === 'rejected');
    if (lost) throw lost.reason;
  }

  /** Sealed by a gateway that knew no bound. The record is on the disk first; after a crash between the two there are two records. */
  private async setAside(batch: Spooled): Promise<void> {
    const { book, chain, clock, flow, term, spool, log } = this.options;
    const said = {
      kind: 'finding',
      outcome: 'finding',
      at: clock.now(),
      session: flow,
      code: 'batch_set_aside',
    } as const;
    const of = {
      resource: term.resource,
      clause: asideOf(batch.name),
      documents: [batch.digest],
      bytes: batch.sealed.length,
    };
    const written = await book.note(chain.agreement.id, chain, { ...said, ...of }, false);
    if (!written.allowed) throw new Error(written.refusal.code);
    spool.setAside(batch);
    log.warn({ event: 'delivery.aside', session: flow, detail: asideOf(batch.name) }, 'larger than a region takes');
  }

  private async noteRefused(region: LocalId, code: string): Promise<void> {
    // One record for each reason, not one for each try.
    if (this.refusedBefore.get(region) === code) return;
    this.refusedBefore.set(region, code);
    const { book, chain, clock, flow, term } = this.options;
    const said = { kind: 'flow.refused', outcome: 'deny', at: clock.now(), session: flow, code } as const;
    await book.note(chain.agreement.id, chain, { ...said, resource: term.resource, region }, false);
  }

  private async noteDelivered(stored: readonly Spooled[]): Promise<void> {
    const { book, chain, clock, flow, term } = this.options;
    const said = {
      kind: 'flow.delivered',
      outcome: 'delivery',
      at: clock.now(),
      session: flow,
      resource: term.resource,
      region: this.region,
      recipients: term.recipients,
      documents: stored.map(({ digest }) => digest),
      count: stored.length,
      bytes: stored.reduce((sum, { sealed }) => sum + sealed.length, 0),
      clause: term.type,
      // What the term lets leave, whether or not this batch held some of each.
      categories: [...new Set(term.keys.filter(({ action }) => action !== 'drop').map(({ category }) => category))],
    } as const;
    await book.note(chain.agreement.id, chain, said, false);
  }

  private async unlink(): Promise<void> {
    const old = this.linked;
    this.linked = undefined;
    await old?.link.close().catch(() => undefined);
  }
}
