import type {
  Digest,
  HeldAct,
  HeldAnnex,
  HeldVerdict,
  Instant,
  Lease,
  OrganisationId,
  Signal,
  TakenSince,
  TokenStatuses,
} from '@interlock/domain';
import type { FirstHeld } from './first-held.js';
import type { KeptWords } from './kept-words.js';
import { type Bounds, Room, type RoomOwner } from './room.js';

/** What this gateway remembers over restarts. */
export interface Remembered {
  readonly firstHeld: FirstHeld;
  readonly words: KeptWords;
  readonly revoked: ReadonlySet<OrganisationId>;
  /** Since when this point knows that of each of them. */
  readonly revokedSince: ReadonlyMap<OrganisationId, Instant>;
  /** What ended the life of a machine, under whatever agreement it came: a machine has one life, not one for each partner. */
  readonly ends: Map<Digest, HeldAnnex>;
  /** Of one other party, in one agreement; a test sets its own. */
  readonly bounds?: Bounds | undefined;
}

interface HeldList {
  readonly digest: Digest;
  readonly sequence: number;
  readonly issuedAt: Instant;
}

/** What was heard of one agreement, all of it verified. It stays when the agreement's documents are taken in anew. */
export interface Heard {
  readonly acts: Map<Digest, HeldAct>;
  readonly verdicts: Map<string, HeldVerdict>;
  /** The signal that counts, by its name. A yes is kept in memory alone: after a restart it is unknown until it is said again. A no stays. */
  readonly signals: Map<string, Signal>;
  /** What hangs on the agreement beside its text. It only grows: an attestation ends by its date or an act, a transfer never. */
  readonly annexes: Map<Digest, HeldAnnex>;
  readonly statusLists: Map<OrganisationId, HeldList>;
  /** The logins of those lists. */
  readonly statuses: Map<OrganisationId, TokenStatuses>;
  /** Ids a status list has ever called invalid. It only grows: INVALID never becomes VALID again. */
  readonly invalid: Set<string>;
  /** Who called each of them so, and since when: kept where safety rests on an agreement, and the other side's word waits for its notice. */
  readonly invalidSince: Map<string, TakenSince[]>;
  readonly leases: Map<OrganisationId, Lease>;
  /** The latest writer epoch each organisation has beaten under; an earlier one is over, even where its successor is kept from us. */
  readonly epochs: Map<OrganisationId, number>;
  /** What the other parties may still make this point hold. */
  readonly room: Room;
}

/** The very same collections: an act that arrives by another path while these documents are verified must not be lost. */
export const heardSoFar = (before: Heard | undefined, owner: RoomOwner): Heard => ({
  acts: before?.acts ?? new Map<Digest, HeldAct>(),
  verdicts: before?.verdicts ?? new Map<string, HeldVerdict>(),
  signals: before?.signals ?? new Map<string, Signal>(),
  annexes: before?.annexes ?? new Map<Digest, HeldAnnex>(),
  statusLists: before?.statusLists ?? new Map<OrganisationId, HeldList>(),
  statuses: before?.statuses ?? new Map<OrganisationId, TokenStatuses>(),
  invalid: before?.invalid ?? new Set<string>(),
  invalidSince: before?.invalidSince ?? new Map<string, TakenSince[]>(),
  leases: before?.leases ?? new Map<OrganisationId, Lease>(),
  epochs: before?.epochs ?? new Map<OrganisationId, number>(),
  room: before?.room ?? new Room(owner),
});
