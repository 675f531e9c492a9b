import type { Log } from '@interlock/company-side';
import type { GatewayFrame, Standing } from '@interlock/contracts';
import type {
  Act,
  AgreementId,
  Decision,
  Digest,
  EntityDocument,
  HeldAct,
  HeldAnnex,
  OrganisationId,
  Signal,
  Signed,
} from '@interlock/domain';
import { refuse, revokesAll } from '@interlock/domain';
import { digestOf, trust, verifyEntity, verifyLockout } from '@interlock/proof';
import type { CosignWatch } from '../evidence/cosign-watch.js';
import type { GatewayClock } from '../gateway-clock.js';
import type { Provisioned } from '../provisioning.js';
import type { FirstHeld } from './first-held.js';
import { type ActChain, type HeldAgreement, hold, takeAct, takeHandedAct, takeVerdict } from './held-agreement.js';
import type { KeptWords } from './kept-words.js';
import type { RevokedOrganisations } from './revoked-organisations.js';
import type { Bounds } from './room.js';
import { SentNonces } from './sent-nonces.js';
import { takeBeat } from './take-beat.js';
import { takeSignal } from './take-signal.js';

export interface KeeperOptions {
  readonly self: Provisioned;
  readonly clock: GatewayClock;
  readonly log: Log;
  readonly newNonce: () => string;
  readonly firstHeld: FirstHeld;
  /** What is said between two standings, over restarts. */
  readonly words: KeptWords;
  /** Sends a frame to the broker; false while the channel is down. */
  readonly send: (frame: unknown) => boolean;
  /** Something changed that may end a use or make one possible. Called before anything is written anywhere. */
  readonly onChange: (agreement: AgreementId, act?: HeldAct) => void;
  /** An act that was not held before: on rights it has taken effect already, now it may lock out and be written down. */
  readonly onNewAct: (act: Signed<Act>, chain?: ActChain) => void;
  /** A standing that was verified and holds: it may be written down. */
  readonly onStanding: (standing: Standing) => void;
  /** Which organisations' roots have revoked everything, over restarts. */
  readonly revoked: RevokedOrganisations;
  readonly watch: CosignWatch;
  /** How much one other party can make this point hold; a test sets its own. */
  readonly bounds?: Bounds;
}

type BeatFrame = Extract<GatewayFrame, { t: 'beat' }>;

export interface StandingKeeper {
  readonly agreements: ReadonlyMap<AgreementId, HeldAgreement>;
  onFrame(frame: Exclude<GatewayFrame, { t: 'offer' }>): Promise<void>;
  /** An act from any path: broker, local port, file. By hand it may bring its own chain, in case the broker withholds it. */
  takeAct(act: Signed<Act>, chain?: ActChain): Promise<Decision<unknown>>;
  takeStanding(standing: Standing): Promise<Decision<unknown>>;
  /** What a root signed to revoke everything of its organisation, from any path. No other entity document is taken this way. */
  takeRevokeAll(entity: Signed<EntityDocument>): Promise<Decision<unknown>>;
  /** A signal from any path, for every agreement to which its organisation is party; with its own chain where it is brought by hand. */
  takeSignal(signal: Signed<Signal>, chain?: ActChain): Promise<Decision<unknown>>;
  /** Asks every party of every agreement for a fresh beat. */
  askBeats(): void;
  /** The nonce a beat by another path has to answer. */
  nonceFor(agreement: AgreementId): string | undefined;
  takeBeat(frame: BeatFrame): Promise<Decision<OrganisationId>>;
}

/** Milliseconds between two questions for everything that stands in one agreement. */
const ASK_AGAIN_AFTER = 1_000;

/** Holds what stands in every agreement of this gateway's company, and asks both sides to keep saying so. */
export const keepStanding = (options: KeeperOptions): StandingKeeper => new Keeper(options);

class Keeper implements StandingKeeper {
  readonly agreements = new Map<AgreementId, HeldAgreement>();
  private readonly nonces: SentNonces;
  /** When everything was last asked for, by agreement. Monotonic milliseconds. */
  private readonly asked = new Map<AgreementId, number>();
  private queue: Promise<unknown> = Promise.resolve();
  private readonly revokedSince = new Map<OrganisationId, number>();
  private readonly ends = new Map<Digest, HeldAnnex>();

  constructor(private readonly options: KeeperOptions) {
    this.nonces = new SentNonces(options.newNonce);
    for (const organisation of options.revoked.all) this.countRevoked(organisation);
  }

  takeStanding(standing: Standing): Promise<Decision<unknown>> {
    // One after the other: two that were verified at once would each replace what the other had just held.
    const next = this.queue.then(() => this.replaceStanding(standing));
    this.queue = next.catch(() => undefined);
    return next;
  }

  async takeRevokeAll(entity: Signed<EntityDocument>): Promise<Decision<unknown>> {
    const { self, clock, revoked, onChange } = this.options;
    const verified = await verifyEntity(entity, self.pins, clock.now());
    if (!verified.allowed) return verified;
    if (!revokesAll(verified.value.document)) return refuse('wrong_type', { clause: 'entity' });
    const { organisation } = verified.value.document;
    if (revoked.all.has(organisation)) return verified;
    revoked.keep(entity);
    this.countRevoked(organisation);
    for (const [id, { agreement }] of this.agreements)
      if (agreement.parties.some((party) => party.organisation === organisation)) onChange(id);
    return verified;
  }

  private countRevoked(organisation: OrganisationId): void {
    const { firstHeld, clock } = this.options;
    this.revokedSince.set(organisation, firstHeld(digestOf({ revoked: organisation }), clock.now()));
  }

  private async replaceStanding(standing: Standing): Promise<Decision<unknown>> {
    // First of all, and whatever else is in it: a broker that spoils the rest must not keep this from being obeyed.
    for (const entity of standing.entities) if (revokesAll(entity.document)) await this.takeRevokeAll(entity);
    const { self, clock, firstHeld, words, onChange, onNewAct } = this.options;
    const { agreementId } = standing;
    const before = this.agreements.get(agreementId);
    const [known, ended] = [new Set(before?.acts.keys()), this.ends.size];
    const held = await hold(standing, before, self, clock.now(), {
      ...{ firstHeld, words },
      revoked: this.options.revoked.all,
      revokedSince: this.revokedSince,
      ends: this.ends,
      bounds: this.options.bounds,
    });
    if (!held.allowed) {
      const { code, clause } = held.refusal;
      this.options.log.warn({ event: 'standing.refused', code, clause, agreementId }, 'standing refused');
      return held;
    }
    this.agreements.set(agreementId, held.value);
    onChange(agreementId);
    if (this.ends.size > ended) for (const other of this.agreements.keys()) if (other !== agreementId) onChange(other);
    for (const act of standing.acts) {
      const digest = digestOf(act.document);
      if (!known.has(digest) && held.value.acts.has(digest)) onNewAct(act);
    }
    this.options.onStanding(standing);
    words.settle();
    this.askBeat(agreementId);
    return held;
  }

  async takeAct(act: Signed<Act>, chain?: ActChain): Promise<Decision<unknown>> {
    const { agreementId } = act.document;
    const held = this.agreements.get(agreementId);
    if (!held) return chain ? this.takeLockout(act, chain) : refuse('not_a_party');
    const { self, clock } = this.options;
    const known = await takeAct(held, act, clock.now());
    const withChain = !known.allowed && chain !== undefined && chain.entities.length > 0;
    const taken = withChain ? await takeHandedAct(held, act, chain, self.pins, clock.now()) : known;
    // What does not fit ends everything under the agreement, as a cut of the whole would.
    if (codeOf(taken) === 'beyond_bounds') this.options.onChange(agreementId);
    if (taken.allowed && taken.value.isNew) {
      // Close first, record next: a cut never waits for the disk.
      this.options.onChange(agreementId, taken.value.act);
      if (withChain) this.options.onNewAct(act, chain);
      else this.options.onNewAct(act);
    }
    return taken;
  }

  /** The plant's order to stop needs no agreement that is held: a gateway that was just started has none. */
  private async takeLockout(act: Signed<Act>, chain: ActChain): Promise<Decision<unknown>> {
    const { self, clock, onNewAct } = this.options;
    const ring = await trust(chain.entities, chain.certificates, self.pins, clock.now());
    if (!ring.allowed) return ring;
    const gateway = { organisation: self.organisation, id: self.gateway };
    const taken = await verifyLockout(act, ring.value, gateway, clock.now());
    if (taken.allowed) onNewAct(act, chain);
    return taken;
  }

  async takeSignal(signal: Signed<Signal>, chain?: ActChain): Promise<Decision<unknown>> {
    const { self, clock, words, onChange } = this.options;
    const handed = chain && chain.entities.length > 0;
    const ring = handed ? await trust(chain.entities, chain.certificates, self.pins, clock.now()) : undefined;
    if (ring && !ring.allowed) return ring;
    const taken: Decision<boolean>[] = [];
    for (const [id, held] of this.agreements) {
      const one = await takeSignal(held, signal, clock.now(), ring?.value);
      if (one.allowed && one.value) onChange(id);
      taken.push(one);
    }
    words.settle();
    const said = taken.find((one) => one.allowed) ?? taken.find((one) => codeOf(one) !== 'not_a_party');
    return said ?? refuse('not_a_party');
  }

  async takeBeat(frame: BeatFrame): Promise<Decision<OrganisationId>> {
    const { self, clock, words, watch, onChange } = this.options;
    const { agreementId, nonce, issuedAt, checkpoint } = frame.beat.document;
    const held = this.agreements.get(agreementId);
    if (!held) return refuse('not_a_party');
    const nonceSentAt = this.nonces.sentAt(agreementId, nonce);
    const receiver = { organisation: self.organisation, id: self.gateway };
    const context = { receiver, nonceSentAt, arrivedAt: clock.monotonic(), now: clock.now() };
    const before = heardMore(held);
    const taken = await takeBeat(held, frame, context);
    if (taken.allowed) watch.heard(agreementId, taken.value, checkpoint?.size ?? 0);
    if (taken.allowed && taken.value === self.organisation) clock.learnOwnTime(issuedAt, nonceSentAt);
    // The list that came with a beat counts, whatever is wrong with the beat.
    if (taken.allowed || heardMore(held) > before) onChange(agreementId);
    words.settle();
    if (!taken.allowed) this.reportBeat(frame, taken.refusal);
    return taken;
  }

  private reportBeat({ beat }: BeatFrame, { code, clause }: { code: string; clause?: string }): void {
    const { organisation, agreementId } = beat.document;
    this.options.log.warn({ event: 'beat.refused', code, clause, organisation }, 'beat refused');
    // Somebody holds back a document: ask for all of them; until they come, this side's lease runs down.
    if (code === 'not_what_is_held') this.askStanding(agreementId);
  }

  private askStanding(agreementId: AgreementId): void {
    const now = this.options.clock.monotonic();
    // Its answer brings a nonce, that one a beat, and a withheld document the next refusal: unbounded, the broker would keep us busy.
    if (now - (this.asked.get(agreementId) ?? Number.NEGATIVE_INFINITY) < ASK_AGAIN_AFTER) return;
    this.asked.set(agreementId, now);
    this.options.send({ t: 'ask-standing', agreementId });
  }

  askBeats(): void {
    for (const agreement of this.agreements.keys()) this.askBeat(agreement);
  }

  private askBeat(agreementId: AgreementId): void {
    const nonce = this.nonces.next(agreementId, this.options.clock.monotonic());
    this.options.send({ t: 'nonce', agreementId, nonce });
  }

  nonceFor(agreement: AgreementId): string | undefined {
    return this.nonces.latest(agreement);
  }

  async onFrame(frame: Exclude<GatewayFrame, { t: 'offer' }>): Promise<void> {
    switch (frame.t) {
      case 'standing':
        await this.takeStanding(frame.standing);
        return;
      case 'act':
        await this.takeAct(frame.act);
        return;
      case 'beat':
        await this.takeBeat(frame);
        return;
      case 'signal':
        await this.takeSignal(frame.signal);
        return;
      default:
        for (const [id, held] of this.agreements) {
          const taken = await takeVerdict(held, frame.verdict, this.options.clock.now());
          if (taken.allowed) this.options.onChange(id);
        }
        this.options.words.settle();
    }
  }
}

const codeOf = (decision: Decision<unknown>): string | undefined =>
  decision.allowed ? undefined : decision.refusal.code;

/** Grows with every id that was called invalid, and with whoever called more so than are held. */
const heardMore = ({ invalid, room }: HeldAgreement): number => invalid.size + room.beyond.size;
