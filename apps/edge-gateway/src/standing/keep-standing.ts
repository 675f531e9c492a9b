import type { Log } from '@interlock/company-side';
import type { GatewayFrame, Standing } from '@interlock/contracts';
import type { Act, AgreementId, Decision, Monotonic, OrganisationId, Signed } from '@interlock/domain';
import { refuse } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import type { GatewayClock } from '../gateway-clock.js';
import type { Provisioned } from '../provisioning.js';
import {
  type ActChain,
  type HeldAgreement,
  hold,
  takeAct,
  takeBeat,
  takeHandedAct,
  takeVerdict,
} from './held-agreement.js';

export interface KeeperOptions {
  readonly self: Provisioned;
  readonly clock: GatewayClock;
  readonly log: Log;
  readonly newNonce: () => string;
  /** Sends a frame to the broker; false while the channel is down. */
  readonly send: (frame: unknown) => boolean;
  /** Something changed that may end a use or make one possible. Called before anything is written anywhere. */
  readonly onChange: (agreement: AgreementId) => void;
  /** An act that was not held before: it has taken effect already, now it may be written down. */
  readonly onNewAct: (act: Signed<Act>) => void;
}

export interface StandingKeeper {
  readonly agreements: ReadonlyMap<AgreementId, HeldAgreement>;
  onFrame(frame: Exclude<GatewayFrame, { t: 'offer' }>): Promise<void>;
  /** An act from any path: broker, local port, file. By hand it may bring its own chain, in case the broker withholds it. */
  takeAct(act: Signed<Act>, chain?: ActChain): Promise<Decision<unknown>>;
  takeStanding(standing: Standing): Promise<Decision<unknown>>;
  /** Asks every party of every agreement for a fresh beat. */
  askBeats(): void;
  /** The nonce a beat by another path has to answer. */
  nonceFor(agreement: AgreementId): string | undefined;
  takeBeat(frame: Extract<GatewayFrame, { t: 'beat' }>): Promise<Decision<OrganisationId>>;
}

/** Nonces remembered per agreement: more than one can be on its way, a hoard cannot be. */
const NONCES_KEPT = 16;

/** Holds what stands in every agreement of this gateway's company, and asks both sides to keep saying so. */
export function keepStanding(options: KeeperOptions): StandingKeeper {
  const agreements = new Map<AgreementId, HeldAgreement>();
  const nonces = new Map<AgreementId, Map<string, Monotonic>>();
  const { self, clock, log } = options;

  const askBeat = (agreement: AgreementId): void => {
    const nonce = options.newNonce();
    const sent = nonces.get(agreement) ?? new Map<string, Monotonic>();
    sent.set(nonce, clock.monotonic());
    for (const old of [...sent.keys()].slice(0, Math.max(0, sent.size - NONCES_KEPT))) sent.delete(old);
    nonces.set(agreement, sent);
    options.send({ t: 'nonce', agreementId: agreement, nonce });
  };

  let queue: Promise<unknown> = Promise.resolve();
  // One after the other: two that were verified at once would each replace what the other had just held.
  const takeStanding = (standing: Standing): Promise<Decision<unknown>> => {
    const next = queue.then(() => replaceStanding(standing));
    queue = next.catch(() => undefined);
    return next;
  };
  const replaceStanding = async (standing: Standing): Promise<Decision<unknown>> => {
    const before = agreements.get(standing.agreementId);
    const known = new Set(before?.acts.keys());
    const held = await hold(standing, before, self.pins, self.organisation, clock.now());
    if (!held.allowed) {
      log.warn(
        {
          event: 'standing.refused',
          code: held.refusal.code,
          clause: held.refusal.clause,
          agreementId: standing.agreementId,
        },
        'standing refused',
      );
      return held;
    }
    agreements.set(standing.agreementId, held.value);
    options.onChange(standing.agreementId);
    for (const act of standing.acts) {
      const digest = digestOf(act.document);
      if (!known.has(digest) && held.value.acts.has(digest)) options.onNewAct(act);
    }
    askBeat(standing.agreementId);
    return held;
  };

  const giveAct = async (act: Signed<Act>, chain?: ActChain): Promise<Decision<unknown>> => {
    const held = agreements.get(act.document.agreementId);
    if (!held) return refuse('not_a_party');
    const known = await takeAct(held, act, clock.now());
    const taken =
      known.allowed || !chain?.entities.length ? known : await takeHandedAct(held, act, chain, self.pins, clock.now());
    if (taken.allowed && taken.value.isNew) {
      // Close first, record next: a cut never waits for the disk.
      options.onChange(act.document.agreementId);
      options.onNewAct(act);
    }
    return taken;
  };

  const giveBeat = async (frame: Extract<GatewayFrame, { t: 'beat' }>): Promise<Decision<OrganisationId>> => {
    const claimed = frame.beat.document;
    const held = agreements.get(claimed.agreementId);
    if (!held) return refuse('not_a_party');
    const nonceSentAt = claimed.nonce === null ? undefined : nonces.get(claimed.agreementId)?.get(claimed.nonce);
    const receiver = { organisation: self.organisation, id: self.gateway };
    const taken = await takeBeat(held, frame, {
      receiver,
      nonceSentAt,
      arrivedAt: clock.monotonic(),
      now: clock.now(),
    });
    if (taken.allowed) {
      if (taken.value === self.organisation) clock.learnOwnTime(claimed.issuedAt, nonceSentAt);
      options.onChange(claimed.agreementId);
    } else {
      log.warn(
        {
          event: 'beat.refused',
          code: taken.refusal.code,
          clause: taken.refusal.clause,
          organisation: claimed.organisation,
        },
        'beat refused',
      );
      // Somebody holds back a document: ask for all of them; until they come, this side's lease runs down.
      if (taken.refusal.code === 'not_what_is_held')
        options.send({ t: 'ask-standing', agreementId: claimed.agreementId });
    }
    return taken;
  };

  return {
    agreements,
    takeAct: giveAct,
    takeStanding,
    takeBeat: giveBeat,
    askBeats: () => {
      for (const agreement of agreements.keys()) askBeat(agreement);
    },
    nonceFor: (agreement) => [...(nonces.get(agreement)?.keys() ?? [])].at(-1),
    onFrame: async (frame) => {
      if (frame.t === 'standing') await takeStanding(frame.standing);
      else if (frame.t === 'act') await giveAct(frame.act);
      else if (frame.t === 'beat') await giveBeat(frame);
      else {
        for (const [id, held] of agreements) {
          if ((await takeVerdict(held, frame.verdict, clock.now())).allowed) options.onChange(id);
        }
      }
    },
  };
}
