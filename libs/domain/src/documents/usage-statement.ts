import type { Instant } from '../instant.js';
import type { AgreementId, LocalId, OrganisationId, ResourceRef } from '../names.js';
import type { DocumentHead } from './key.js';

/** Sessions on one machine under one clause. Nobody is named: who it was stands in the log, as long as it may. */
export interface SessionUsage {
  readonly resource: ResourceRef | null;
  readonly clause: string | null;
  /** Sessions that were opened in the period. */
  readonly visits: number;
  /** How long sessions were open in the period, each by itself, by the gateway's clock. */
  readonly milliseconds: number;
  /** Bytes in both directions of the sessions that ended in the period. */
  readonly bytes: number;
  /** Sessions opened in the period of which no record says how they ended; their time is not counted. */
  readonly withoutEnd: number;
  /** Sessions ended in the period of which no record says when they were opened; their time is not counted. */
  readonly withoutOpening: number;
}

/** Sealed batches of one machine that took one way. */
export interface FlowUsage {
  readonly resource: ResourceRef | null;
  readonly region: LocalId | null;
  readonly recipients: readonly OrganisationId[];
  readonly batches: number;
  /** Bytes of the batches as they were handed to the region, sealed. */
  readonly bytes: number;
  /** Batches whose record does not say how large they were; their bytes are not counted. */
  readonly withoutSize: number;
}

/** How much an agreement was used. */
export interface Usage {
  readonly sessions: readonly SessionUsage[];
  readonly flows: readonly FlowUsage[];
}

/** What one party counted of an agreement and a period `[from, to)`, from the whole of a log of `treeSize` records. Signed by its `agreement` key. */
export interface UsageStatement extends DocumentHead<'usage-statement'>, Usage {
  readonly organisation: OrganisationId;
  readonly agreementId: AgreementId;
  readonly from: Instant;
  readonly to: Instant;
  readonly treeSize: number;
  readonly issuedAt: Instant;
}
