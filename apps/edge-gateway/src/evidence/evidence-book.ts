import { type BrokerClient, BrokerUnavailable, type Journal, type Log, newId } from '@interlock/company-side';
import { evidenceAccepted, evidenceRecord } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type EvidenceRecord,
  type Receipt,
  type Refusal,
  refuse,
  type Signed,
  type VerifiedChain,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import type { GatewayClock } from '../gateway-clock.js';
import type { Provisioned } from '../provisioning.js';
import type { Admitted, Offer } from '../session/admit-session.js';
import { recordOf, type Said } from './gateway-record.js';

export interface BookOptions {
  readonly self: Provisioned;
  readonly clock: GatewayClock;
  readonly log: Log;
  readonly journal: Journal;
  readonly broker: BrokerClient;
}

/** The gateway's evidence: on its own disk first, hash-chained, and delivered to the agreement's log later, in order, never dropped. */
export interface EvidenceBook {
  /** Must be on disk before the first byte; a refusal means that nothing opens. */
  opened(admitted: Admitted, receipt: Signed<Receipt>): Promise<Decision<true, 'evidence_unavailable'>>;
  /** After a cut; takes reserved space and never delays one. */
  closed(admitted: Admitted, code: string, bytes: number, receipt: Signed<Receipt>): Promise<void>;
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
const ORDINARY_ENDS = new Set(['ended_by_subject', 'window_over']);
const BATCH = 100;

export function evidenceBook({ self, clock, log, journal, broker }: BookOptions): EvidenceBook {
  const write = async (
    record: EvidenceRecord,
    more: object,
    urgent: boolean,
  ): Promise<Decision<true, 'evidence_unavailable'>> => {
    const entry = { record, ...more };
    const appended = await (urgent ? journal.appendUrgent(entry) : journal.append(entry));
    if (!appended.allowed) {
      log.error(
        { event: 'evidence.lost', kind: record.kind, session: record.session ?? undefined },
        'evidence cannot be written',
      );
      return refuse('evidence_unavailable');
    }
    void deliver();
    return allow(true);
  };

  let delivering: Promise<void> | undefined;
  const deliver = (): Promise<void> => {
    delivering ??= deliverAll(journal, broker, log).finally(() => {
      delivering = undefined;
    });
    return delivering;
  };

  const note = (logId: EvidenceRecord['log'], chain: VerifiedChain | undefined, said: Said, urgent: boolean) =>
    write(recordOf(self, newId('evd'), logId, chain, said), {}, urgent);

  return {
    note,
    deliver,
    opened: ({ chain, ask, offer }, receipt) =>
      write(
        recordOf(self, newId('evd'), chain.agreement.id, chain, {
          kind: 'session.opened',
          outcome: 'allow',
          at: clock.now(),
          session: offer.session,
          resource: ask.resource,
          clause: chain.grant.kind,
          documents: [digestOf(receipt.document)],
        }),
        { receipt },
        false,
      ),
    closed: async ({ chain, ask, offer }, code, bytes, receipt) => {
      const cut = !ORDINARY_ENDS.has(code);
      const said: Said = {
        kind: cut ? 'session.cut' : 'session.closed',
        outcome: cut ? 'cut' : 'change',
        at: clock.now(),
        session: offer.session,
        resource: ask.resource,
        code,
        count: bytes,
        documents: [digestOf(receipt.document)],
      };
      await write(recordOf(self, newId('evd'), chain.agreement.id, chain, said), { receipt }, true);
    },
    refused: async (offer, refusal) => {
      const said: Said = {
        kind: 'session.refused',
        outcome: 'deny',
        at: clock.now(),
        session: offer.session,
        code: refusal.code,
        ...(refusal.clause !== undefined && { clause: refusal.clause }),
      };
      // The agreement of a refused offer is a stranger's claim; the broker's audit parks what it cannot place.
      await note(offer.chain.agreement.document.id, undefined, said, false);
    },
    keepReceipt: async ({ offer }, receipt) => {
      await journal.append({ kept: 'receipt', session: offer.session, receipt });
    },
  };
}

async function deliverAll(journal: Journal, broker: BrokerClient, log: Log): Promise<void> {
  for (;;) {
    const batch: EvidenceRecord[] = [];
    let last = journal.delivered;
    for await (const line of journal.readFrom(journal.delivered + 1)) {
      last = line.sequence;
      const parsed = evidenceRecord.safeParse((line.entry as { record?: unknown }).record);
      if (parsed.success) batch.push(parsed.data);
      if (batch.length === BATCH) break;
    }
    if (last === journal.delivered) return;
    if (batch.length > 0 && !(await handOver(batch, broker, log))) return;
    // Marked after the broker has it in its own durable store: a crash between the two delivers it again, and its id drops the repeat.
    journal.markDelivered(last);
    journal.dropDelivered();
  }
}

async function handOver(records: readonly EvidenceRecord[], broker: BrokerClient, log: Log): Promise<boolean> {
  try {
    const answer = await broker.post('/v1/evidence', { records }, evidenceAccepted);
    if (!answer.allowed)
      log.warn({ event: 'evidence.refused', code: answer.refusal.code }, 'evidence refused by the broker');
    return answer.allowed;
  } catch (cause) {
    if (cause instanceof BrokerUnavailable) return false;
    throw cause;
  }
}
