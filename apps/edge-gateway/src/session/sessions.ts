import type { GatewaySession } from '@interlock/company-side';
import {
  allow,
  type Circumstances,
  type Decision,
  type GrantId,
  type HeldAct,
  type Refusal,
  refuse,
  type SessionId,
  takenAwayBy,
} from '@interlock/domain';
import { circumstancesOf, type HeldAgreement } from '../standing/held-agreement.js';
import { type Admitted, admitSession, type Offer, stillAllowed } from './admit-session.js';
import { InTurns } from './in-turns.js';
import { judgeAgain } from './judge-again.js';
import { type LiveSession, type MeetingOptions, meetConnector, openSessions } from './meet-connector.js';

export interface Sessions {
  /** Judges an offer and, where everything holds, meets the connector. Resolves when the meeting has begun or was refused. */
  take(offer: Offer): Promise<Decision<true>>;
  /** Meets the connector of a use that an approver activated here. Refused where there are too many of everything. */
  meet(admitted: Admitted): Decision<true>;
  /** Looks first at the sessions that this new act names: a cut of one does not wait for a look at a thousand others. */
  cut(act: HeldAct): void;
  /** Meets again what safety rests on and was lost, as far as it still holds; by the disk alone. Safe to call at any time. */
  takeUp(): Promise<void>;
  /** Closes every live session that may no longer go on, at once, and says when to look again (monotonic milliseconds). */
  review(): number;
  closeAll(code: string): number;
  /** Resolves when the end of everything that was closed is on disk, or could not be written. */
  settled(): Promise<void>;
  readonly live: ReadonlyMap<string, { readonly admitted: Admitted }>;
}

/** More live sessions than this are refused: a small industrial computer has bounded memory. */
const MOST_SESSIONS = 1_000;
/** Offers that are judged or met at one time: each holds a chain and a socket, and the broker can send as many as it likes. */
const MOST_MEETINGS = 100;

/** Offers judged per second, with as many saved up: each costs dozens of signatures, and a flood must leave room for cuts. */
export const JUDGED_PER_SECOND = 100;

/** The sessions of this gateway: judged one by one, looked at again at every change, closed without waiting for anything. */
export const sessions = (options: Omit<MeetingOptions, 'ends'>): Sessions =>
  new LiveSessions({ ...options, ends: new InTurns() });

class LiveSessions implements Sessions {
  readonly live = new Map<string, LiveSession>();
  /** Offers that are being judged (undefined) or whose connector is being met. */
  private readonly meeting = new Map<string, GatewaySession | undefined>();
  private readonly ticketsSeen = new Map<string, number>();
  private readonly ending = new Set<Promise<void>>();
  /** Lost sessions on which safety rests, while their subject is waited for: they have places of their own. */
  private readonly awaited = new Map<string, GatewaySession>();
  private crowded = false;
  private budget = { left: JUDGED_PER_SECOND, at: 0 };

  constructor(private readonly options: MeetingOptions) {}

  async take(offer: Offer): Promise<Decision<true>> {
    // Two sessions of one name: the second would take the place of the first, and nobody could cut that one any more.
    if (this.live.has(offer.session) || this.meeting.has(offer.session) || this.awaited.has(offer.session))
      return refuse('ticket_used', { clause: 'session' });
    const shared = [...this.live.values()].some(({ admitted }) => admitted.offer.rendezvous === offer.rendezvous);
    if (shared) return refuse('ticket_used', { clause: 'rendezvous' });
    if (this.live.size >= MOST_SESSIONS || this.meeting.size >= MOST_MEETINGS || !this.mayJudge())
      return this.refuseCrowd(offer);
    this.crowded = false;
    this.meeting.set(offer.session, undefined);
    return this.judge(offer).catch((cause: unknown) => {
      this.meeting.delete(offer.session);
      throw cause;
    });
  }

  private mayJudge(): boolean {
    const at = this.options.clock.monotonic();
    const saved = this.budget.left + ((at - this.budget.at) * JUDGED_PER_SECOND) / 1000;
    const left = Math.min(JUDGED_PER_SECOND, saved);
    this.budget = { left: left >= 1 ? left - 1 : left, at };
    return left >= 1;
  }

  private refuseCrowd(offer: Offer): Decision<never> {
    const refused = refuse('rate_limited');
    // One record for a crowd, not one for each in it: a flood must not fill the disk that allows need.
    if (!this.crowded) void this.options.book.refused(offer, refused.refusal);
    this.crowded = true;
    return refused;
  }

  private async judge(offer: Offer): Promise<Decision<true>> {
    const admitted = await this.admit(offer);
    if (admitted.allowed) return this.await(admitted.value);
    this.meeting.delete(offer.session);
    await this.options.book.refused(offer, admitted.refusal);
    return admitted;
  }

  private async admit(offer: Offer): Promise<Decision<Admitted>> {
    const { self, clock, lockout, working, watch, point } = this.options;
    const held = this.options.held(offer.chain.agreement.document.id);
    const openUnder = (grant: GrantId) => openSessions(this.live, grant);
    const at = { self, clock, held, ticketsSeen: this.ticketsSeen, locked: lockout.isSet(), working, openUnder, watch };
    const admitted: Decision<Admitted> = await admitSession(offer, at);
    if (!admitted.allowed) return admitted;
    // Waited for while nothing is open yet: a cut that comes meanwhile counts when the connector is met.
    const word = await point.ask(admitted.value.chain, admitted.value.ask);
    return word.allowed ? admitted : word;
  }

  meet(admitted: Admitted): Decision<true> {
    if (this.live.size >= MOST_SESSIONS || this.meeting.size >= MOST_MEETINGS) return refuse('rate_limited');
    return this.await(admitted);
  }

  private await(admitted: Admitted): Decision<true> {
    const { session } = admitted.offer;
    const { tunnel, met, ended } = meetConnector(this.options, admitted, this.live);
    this.meeting.set(session, tunnel);
    void met.then(() => this.meeting.delete(session));
    const ending = ended.finally(() => this.ending.delete(ending));
    this.ending.add(ending);
    return allow(true);
  }

  async takeUp(): Promise<void> {
    const { self, clock, lockout, working, kept, held } = this.options;
    for (const offer of [...kept.all.values()]) {
      const { session } = offer;
      const isThere = () => this.live.has(session) || this.awaited.has(session) || this.meeting.has(session);
      if (isThere() || this.awaited.size >= MOST_MEETINGS) continue;
      const { document } = offer.chain.grant;
      if (document.windows.every(({ to }) => to <= clock.now())) kept.forget(session);
      const at = { self, clock, held: held(document.agreementId), locked: lockout.isSet(), working };
      const judged = await judgeAgain(offer, at);
      if (!judged.allowed || isThere()) continue;
      const { tunnel, ended } = meetConnector(this.options, judged.value, this.live);
      this.awaited.set(session, tunnel);
      const gone = ended.finally(() => {
        this.awaited.delete(session);
        this.ending.delete(gone);
      });
      this.ending.add(gone);
    }
  }

  cut(act: HeldAct): void {
    const now = this.options.clock.now();
    const { verb, agreementId } = act.act;
    const named = [...this.live].filter(([session, { admitted }]) =>
      verb === 'narrow'
        ? admitted.use.agreement.id === agreementId
        : takenAwayBy(
            [act],
            { ...admitted.chain, session: session as SessionId, resource: admitted.ask.resource },
            now,
          ) !== undefined,
    );
    // What the act names is only looked at first: whether it ends is decided by the same rule as ever.
    this.look(named);
  }

  review(): number {
    return this.look(this.live);
  }

  private look(sessions: Iterable<readonly [string, LiveSession]>): number {
    const { held, clock, online } = this.options;
    const facts = new Map<HeldAgreement, Circumstances>();
    const isOnline = online();
    let next = Number.POSITIVE_INFINITY;
    for (const [session, { admitted }] of sessions) {
      const standing = held(admitted.use.agreement.id);
      const known = standing && (facts.get(standing) ?? circumstancesOf(standing, !isOnline));
      if (standing && known) facts.set(standing, known);
      const still = standing ? stillAllowed(admitted, standing, clock, isOnline, known) : refuse('lease_over');
      if (!still.allowed) this.end(session, still.refusal);
      else next = Math.min(next, still.value.until);
    }
    return next;
  }

  closeAll(code: string): number {
    const all = [...this.live.keys()];
    for (const session of all) this.end(session, { code });
    for (const tunnel of [...this.meeting.values(), ...this.awaited.values()]) tunnel?.close(code);
    return all.length;
  }

  async settled(): Promise<void> {
    await Promise.all(this.ending);
  }

  private end(session: string, why: Refusal): void {
    const one = this.live.get(session);
    this.live.delete(session);
    // Close first: not a byte passes after this line, whatever happens to disk, database or broker. The record follows.
    one?.cut(why);
  }
}
