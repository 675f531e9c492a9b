import { BrokerUnavailable, newNonce, openChannel } from '@interlock/company-side';
import { type AgentFrame, agentFrame } from '@interlock/contracts';
import { digestOf, thumbprintOf } from '@interlock/proof';
import { takeAct } from '../acts/cut.js';
import type { HandOver } from '../acts/hand-over.js';
import { readBack } from '../acts/read-back.js';
import { type Agent } from '../agent.js';
import { inForce, refreshAgreements } from '../agreements/agreements.js';
import type { MakeBeat } from '../beat/make-beat.js';
import { renewDecisions } from '../decision-point/renew-decisions.js';
import { renewVerdicts } from '../embargo/renew-verdicts.js';
import { watchZones } from '../grants/watch-zones.js';
import { inRounds } from '../in-rounds.js';
import { cosignCheckpoint } from '../witness/cosign-checkpoint.js';

interface Parts {
  readonly origin: string;
  readonly makeBeat: MakeBeat;
  readonly over: HandOver;
  /** Something may be new at the broker. */
  readonly look: () => void;
}

export interface Touch {
  /** Begins a round now; what came up while one runs is seen by the one after it. */
  soon(): void;
  /** Whether the channel is open. */
  up(): boolean;
  close(): void;
}

const ROUND = 5_000;
/** Certificates the broker takes in one request. */
const MOST_CERTIFICATES = 256;

/**
 * The agent's side of the broker: publishes what the company's folder holds, answers nonces and checkpoints, hands acts over, keeps verdicts
 * fresh. Everything is tried again each round and at each connection, so a broker that was away, or forgot, is brought up to date.
 */
export function keepInTouch(agent: Agent, { origin, makeBeat, over, look }: Parts): Touch {
  const publish = publisher(agent);
  const back = readBack(agent);
  const works = [publish.once, over.flush, () => refreshAgreements(agent), back.once, ...rightsOf(agent)];
  const rounds = inRounds(() => oneRound(agent, works));
  const round = () => {
    look();
    return rounds();
  };
  const onFrame = (frame: AgentFrame) => {
    answer(agent, frame, makeBeat, round)
      .then((reply) => reply && channel.send(reply))
      .catch((error: unknown) => agent.log.error({ event: 'frame.failed', kind: frame.t }, 'frame failed', error));
  };
  const { now, keys } = agent;
  const channel = openChannel({
    ...{ origin, signer: keys.agent, now },
    newId: newNonce,
    random: Math.random,
    frames: agentFrame,
    onFrame,
    onGarbage: (detail) => agent.log.warn({ event: 'frame.garbage', detail }, 'the broker sent what is no frame'),
    onUp: () => {
      publish.forget();
      back.forget();
      void round();
    },
    onDown: () => agent.log.warn({ event: 'channel.down' }, 'the channel is down'),
  });
  const timer = setInterval(() => void round(), ROUND);
  void round();
  return {
    soon: () => void round(),
    up: channel.isOpen,
    close: () => {
      clearInterval(timer);
      channel.close();
    },
  };
}

/** What this company looks at and says of rights. Its decision point is asked beside the round: one that does not answer must hold nothing else up. */
function rightsOf(agent: Agent): readonly (() => Promise<unknown>)[] {
  const renew = renewDecisions(agent);
  const decisions = inRounds(() => oneRound(agent, [renew]));
  return [watchZones(agent), renewVerdicts(agent), async () => void decisions()];
}

/** One thing failing keeps no other from being tried. */
async function oneRound(agent: Agent, works: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const work of works) {
    try {
      await work();
    } catch (error) {
      if (error instanceof BrokerUnavailable) agent.log.warn({ event: 'broker.away' }, 'no answer', error);
      else agent.log.error({ event: 'round.failed' }, 'a part of the round failed', error);
    }
  }
}

async function answer(
  agent: Agent,
  frame: AgentFrame,
  makeBeat: MakeBeat,
  round: () => Promise<void>,
): Promise<object | undefined> {
  switch (frame.t) {
    case 'nonce': {
      const { agreementId, receiver, nonce } = frame;
      // Just started, or the version came into force this moment: what is not known yet is fetched before the answer is no.
      if (!inForce(agent, agreementId)) await refreshAgreements(agent);
      const made = await makeBeat({ agreementId, receiver, nonce });
      if (made.allowed) return { t: 'beat', ...made.value };
      agent.log.warn({ event: 'beat.refused', code: made.refusal.code, agreementId }, 'a beat was refused');
      return undefined;
    }
    case 'checkpoint': {
      const signed = await cosignCheckpoint(agent, frame);
      if (signed.allowed) return signed.value;
      agent.log.warn({ event: 'witness.refused', code: signed.refusal.code }, 'a checkpoint was not cosigned');
      return undefined;
    }
    case 'act': {
      const taken = await takeAct(agent, frame.act);
      if (!taken.allowed) agent.log.warn({ event: 'act.refused', code: taken.refusal.code }, 'an act does not verify');
      return undefined;
    }
    case 'inbox':
      await round();
      return undefined;
  }
}

function publisher(agent: Agent): { once(): Promise<void>; forget(): void } {
  let published = '';
  return {
    forget: () => {
      published = '';
      agent.publishedKeys.clear();
    },
    once: async () => {
      const { entities, certificates } = agent.company();
      const state = digestOf([entities.map(({ document }) => document), certificates]);
      if (state === published) return;
      const newest = entities.slice(-1);
      for (const entity of newest) {
        const done = await agent.broker.publishEntity(entity);
        if (!done.allowed) return refused(agent, done.refusal.code);
      }
      for (let at = 0; at < certificates.length; at += MOST_CERTIFICATES) {
        const some = certificates.slice(at, at + MOST_CERTIFICATES);
        const done = await agent.broker.publishCertificates(some);
        if (!done.allowed) return refused(agent, done.refusal.code);
        for (const { document } of some) agent.publishedKeys.add(thumbprintOf(document.key));
      }
      published = state;
    },
  };
}

const refused = (agent: Agent, code: string): void =>
  agent.log.warn({ event: 'publish.refused', code }, 'the broker refused what this company publishes');
