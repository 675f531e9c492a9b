import type { Agreement, Digest, Instant, OrganisationId, TakenSince } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import type { FirstHeld } from './first-held.js';

/** How much of one agreement a single other party can make this point hold. An honest company stays far below for decades. */
export interface Bounds {
  /** Bytes of signed acts, each as it came. */
  readonly actBytes: number;
  /** Ids that its status lists have ever called invalid. */
  readonly invalidIds: number;
  /** Grants and delegations over which it says something; those of the flows in the agreement are not counted. */
  readonly verdicts: number;
  /** Times at which it began to say no, kept on the disk where safety rests on the agreement. */
  readonly noes: number;
  readonly signals: number;
}

export const BOUNDS: Bounds = {
  actBytes: 8 * 1024 * 1024,
  invalidIds: 100_000,
  verdicts: 10_000,
  noes: 1_000,
  signals: 5_000,
};

/** Whose point this is, and what it remembers over restarts. */
export interface RoomOwner {
  readonly self: OrganisationId;
  readonly agreement: Pick<Agreement, 'id' | 'parties'>;
  readonly firstHeld: FirstHeld;
  readonly bounds?: Bounds | undefined;
}

/**
 * The room that the other parties of one agreement have at this point. Each has its own, so nobody uses up what another may say. What takes rights away is
 * never dropped to make room: whoever signs more of it than fits is `beyond`, over restarts too, and nothing goes on under the agreement. The own company
 * has no bound; it could as well provision this gateway anew.
 */
export class Room {
  /** Who signed more that takes away than is held here, and since when. */
  readonly beyond = new Map<OrganisationId, TakenSince>();
  private readonly used = new Map<string, number>();

  constructor(private readonly owner: RoomOwner) {
    for (const { organisation } of owner.agreement.parties) {
      const since = owner.firstHeld.before(this.named(organisation));
      if (since !== undefined) this.beyond.set(organisation, { organisation, since });
    }
  }

  /** Takes room of one party; false, and nothing is taken, where it has none left. */
  take(organisation: OrganisationId, what: keyof Bounds, amount = 1): boolean {
    const { self, bounds = BOUNDS } = this.owner;
    if (organisation === self) return true;
    const name = `${what} ${organisation}`;
    const used = (this.used.get(name) ?? 0) + amount;
    if (used > bounds[what]) return false;
    this.used.set(name, used);
    return true;
  }

  /** Takes room for something that may take rights away. Where there is none everything ends: what does not fit might have been a cut. */
  fits(organisation: OrganisationId, what: 'actBytes' | 'invalidIds', amount: number, now: Instant): boolean {
    if (this.take(organisation, what, amount)) return true;
    const since = this.owner.firstHeld(this.named(organisation), now);
    if (!this.beyond.has(organisation)) this.beyond.set(organisation, { organisation, since });
    return false;
  }

  private readonly named = (organisation: OrganisationId): Digest =>
    digestOf({ beyond: organisation, agreement: this.owner.agreement.id });
}
