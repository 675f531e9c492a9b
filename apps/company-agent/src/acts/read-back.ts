import { digestOf } from '@interlock/proof';
import type { Agent } from '../agent.js';
import { allInForce } from '../agreements/agreements.js';
import { takeAct } from './cut.js';

/** Milliseconds between two looks. A connection that comes up looks at once. */
const PAUSE = 60_000;

/**
 * Takes in acts that others still have and this agent does not: it was away when they were handed in, or was restored from an older copy.
 * Each is verified; a beat that did not name them would renew nothing at gateways that hold them.
 */
export function readBack(agent: Agent): { once(): Promise<void>; forget(): void } {
  let lookedAt = Number.NEGATIVE_INFINITY;
  return {
    forget: () => {
      lookedAt = Number.NEGATIVE_INFINITY;
    },
    once: async () => {
      if (agent.now() - lookedAt < PAUSE) return;
      for (const { id } of allInForce(agent)) {
        const standing = await agent.broker.standing(id);
        if (!standing.allowed) continue;
        const held = new Set(agent.store.acts(id).map(({ digest }) => digest));
        const unknown = standing.value.acts.filter(({ document }) => !held.has(digestOf(document)));
        for (const act of unknown) {
          const taken = await takeAct(agent, act);
          if (!taken.allowed)
            agent.log.warn({ event: 'act.refused', code: taken.refusal.code }, 'an act does not verify');
        }
      }
      lookedAt = agent.now();
    },
  };
}
