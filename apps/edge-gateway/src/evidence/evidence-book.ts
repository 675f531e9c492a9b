import { type BrokerClient, BrokerUnavailable, type Journal, type Log, newId } from '@interlock/company-side';
import { evidenceAccepted, evidenceRecord, ownDisclosures, personalDisclosures } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type EvidenceRecord,
  loggedReason,
  type Receipt,
  type Refusal,
  refuse,
  type Signed,
  type VerifiedChain,
} from '@interlock/domain';
import { digestOf, newSalt, traceOfTicket, withhold } from '@interlock/proof';
import type { GatewayClock } from '../gateway-clock.js';
import type { Provisioned } from '../provisioning.js';
import type { Admitted, Offer } from '../session/admit-session.js';
import type { CosignWatch } from './cosign-watch.js';
import { recordOf, type Said } from './gateway-record.js';
import { placed, readHeads } from './places.js';

export interface BookOptions {
  readonly self: Provisioned;
  readonly clock: GatewayClock;
  readonly log: Log;
  readonly journal: Journal;
  readonly broker: BrokerClient;
  readonly watch: CosignWatch;
}

/** The gateway's evidence: on its own disk first, hash-chained, and delivered to the agreement's log later, in order, never dropped. */
export interface EvidenceBook {
  /** Must be on disk before the first byte; a refusal means that nothing opens. */
  opened(admitted: Admitted, receipt: Signed<Receipt>): Promise<Decision<true, 'evidence_unavailable'>>;
  /** After a cut; takes reserved space and never delays one. */
  closed(admitted: Admitted, why: Refusal, bytes: number, receipt: Signed<Receipt>): Promise<void>;
  refused(offer: Offer, refusal: Refusal): Promise<void>;
  keepReceipt(admitted: Admitted, receipt: unknown): Promise<void>;
  /** A record of a flow, a lock-out or the gateway itself. */
  note(
    log: EvidenceRecord['log'],
    chain: VerifiedChain | undefined,
    said: Said,
    urgent: boolean,
  ): Promise<Decision<true, 'evidence_unavailable'>>;
  /** Hands over what is not delivered yet. Safe to call at any time; one delivery runs at once. */
  deliver(): Promise<void>;
}

/** Codes by which a session ends in the ordinary way; every other end is a cut. */
const ORDINARY_ENDS = new Set(['ended_by_subject', 'window_over', 'working_time_over', 'login_over']);
const BATCH = 100;
/** How long a record waits for others before it is handed over, in milliseconds. */
const TOGETHER = 50;

type Written = Decision<true, 'evidence_unavailable'>;

export const evidenceBook = (options: BookOptions): EvidenceBook => new DiskBook(options);

class DiskBook implements EvidenceBook {
  private delivering: Promise<void> | undefined;
  private soon: NodeJS.Timeout | undefined;

  constructor(private readonly options: BookOptions) {}

  opened({ chain, ask, offer, use, activatedBy }: Admitted, receipt: Signed<Receipt>): Promise<Written> {
    const said: Said = {
      // Loud: whoever reads the log sees at once what no login and no broker admitted.
      kind: activatedBy ? 'session.activated' : 'session.opened',
      ...(activatedBy && { reason: `${activatedBy.approver}: ${activatedBy.reason}` }),
      outcome: 'allow',
      at: this.options.clock.now(),
      session: offer.session,
      resource: ask.resource,
      clause: chain.grant.kind,
      correlation: traceOfTicket(offer.ticket),
      documents: [digestOf(receipt.document), ...(activatedBy ? [activatedBy.digest] : [])],
    };
    // What safety rests on is taken up again from the space that is kept for cuts.
    return this.write(this.record(chain.agreement.id, chain, said), { receipt }, use.resumed === true);
  }

  async closed({ chain, ask, offer }: Admitted, why: Refusal, bytes: number, receipt: Signed<Receipt>): Promise<void> {
    const cut = !ORDINARY_ENDS.has(why.code);
    const { clause: _, ...reason } = loggedReason(why);
    const said: Said = {
      kind: cut ? 'session.cut' : 'session.closed',
      outcome: cut ? 'cut' : 'change',
      at: this.options.clock.now(),
      session: offer.session,
      resource: ask.resource,
      ...reason,
      count: bytes,
      correlation: traceOfTicket(offer.ticket),
      documents: [digestOf(receipt.document)],
    };
    await this.write(this.record(chain.agreement.id, chain, said), { receipt }, true);
  }

  async refused(offer: Offer, refusal: Refusal): Promise<void> {
    const said: Said = {
      kind: 'session.refused',
      outcome: 'deny',
      at: this.options.clock.now(),
      session: offer.session,
      correlation: traceOfTicket(offer.ticket),
      ...loggedReason(refusal),
    };
    // The agreement of a refused offer is a stranger's claim; the broker's audit parks what it cannot place.
    await this.note(offer.chain.agreement.document.id, undefined, said, false);
  }

  async keepReceipt({ offer }: Admitted, receipt: unknown): Promise<void> {
    await this.options.journal.append({ kept: 'receipt', session: offer.session, receipt });
  }

  note(log: EvidenceRecord['log'], chain: VerifiedChain | undefined, said: Said, urgent: boolean): Promise<Written> {
    return this.write(this.record(log, chain, said), {}, urgent);
  }

  deliver(): Promise<void> {
    const { journal, broker, log } = this.options;
    this.delivering ??= deliverAll(journal, broker, log)
      // Nothing is lost by it: what is not marked as delivered is handed over again.
      .catch((cause) => log.error({ event: 'evidence.waits' }, 'evidence cannot be delivered now', cause))
      .finally(() => {
        this.delivering = undefined;
      });
    return this.delivering;
  }

  /** Records of one moment travel together: each hand-over costs a request and a mark on the disk. */
  private deliverSoon(): void {
    this.soon ??= setTimeout(() => {
      this.soon = undefined;
      void this.deliver();
    }, TOGETHER);
    this.soon.unref();
  }

  private record(log: EvidenceRecord['log'], chain: VerifiedChain | undefined, said: Said): EvidenceRecord {
    return recordOf(this.options.self, newId('evd'), log, chain, said);
  }

  private async write(record: EvidenceRecord, more: object, urgent: boolean): Promise<Written> {
    const { journal, log } = this.options;
    // The salts lie on the disk with the record: handed over again, it commits to the same.
    const entry = { ...withhold(record, newSalt), ...more };
    const appended = await (urgent ? journal.appendUrgent(entry) : journal.append(entry));
    if (!appended.allowed) {
      const session = record.session ?? undefined;
      log.error({ event: 'evidence.lost', kind: record.kind, session }, 'evidence cannot be written');
      return refuse('evidence_unavailable');
    }
    this.options.watch.wrote(record.log);
    this.deliverSoon();
    return allow(true);
  }
}

async function deliverAll(journal: Journal, broker: BrokerClient, log: Log): Promise<void> {
  for (;;) {
    const batch: EvidenceRecord[] = [];
    const opened: Record<string, readonly string[]> = {};
    const own: Record<string, readonly string[]> = {};
    // Kept with the mark of what was delivered: a batch that is handed over again has the same places, and so the same bytes.
    const heads = readHeads(journal.beside);
    let last = journal.delivered;
    for await (const line of journal.readFrom(journal.delivered + 1)) {
      last = line.sequence;
      const entry = line.entry as { record?: unknown; opened?: unknown; own?: unknown };
      const parsed = evidenceRecord.safeParse(entry.record);
      const open = personalDisclosures.safeParse(entry.opened);
      const kept = ownDisclosures.safeParse(entry.own);
      if (parsed.success) batch.push(placed(parsed.data, heads));
      if (parsed.success && open.success) opened[parsed.data.id] = open.data;
      if (parsed.success && kept.success) own[parsed.data.id] = kept.data;
      if (batch.length === BATCH) break;
    }
    if (last === journal.delivered) return;
    if (batch.length > 0 && !(await handOver({ records: batch, opened, own }, broker, log))) return;
    // Marked after the broker has it in its own durable store: a crash between the two delivers it again, and its id drops the repeat.
    journal.markDelivered(last, Object.fromEntries(heads));
    journal.dropDelivered();
  }
}

interface HandedOver {
  readonly records: readonly EvidenceRecord[];
  readonly opened: Readonly<Record<string, readonly string[]>>;
  readonly own: Readonly<Record<string, readonly string[]>>;
}

async function handOver(batch: HandedOver, broker: BrokerClient, log: Log): Promise<boolean> {
  try {
    const answer = await broker.post('/v1/evidence', batch, evidenceAccepted);
    if (!answer.allowed)
      log.warn({ event: 'evidence.refused', code: answer.refusal.code }, 'evidence refused by the broker');
    return answer.allowed;
  } catch (cause) {
    if (cause instanceof BrokerUnavailable) return false;
    throw cause;
  }
}
