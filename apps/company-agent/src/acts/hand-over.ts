import { BrokerUnavailable } from '@interlock/company-side';
import type { Act, Digest, Signed } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import type { Agent } from '../agent.js';

/** Brings this company's acts to the broker, for speed. The guarantee is in the beats, which need nobody's good will. */
export interface HandOver {
  add(act: Signed<Act>): void;
  /** Tries everything that was not taken yet. */
  flush(): Promise<void>;
  /** How many the broker has not taken. */
  waiting(): number;
}

/** All own acts are handed over again after a start: the broker keeps each once, and may have lost some. */
export function handOver(agent: Agent): HandOver {
  const waiting = new Map<Digest, Signed<Act>>();
  for (const { document } of agent.store.agreements()) {
    for (const { act, digest } of agent.store.ownActs(document.id)) waiting.set(digest, act);
  }
  const flush = async () => {
    for (const [digest, act] of [...waiting]) {
      const answer = await agent.broker.handInAct(act).catch((error: unknown) => {
        if (error instanceof BrokerUnavailable) return undefined;
        throw error;
      });
      if (!answer) return;
      waiting.delete(digest);
      if (answer.allowed) continue;
      const { agreementId } = act.document;
      agent.log.warn({ event: 'act.refused', code: answer.refusal.code, agreementId }, 'the broker refused an act');
    }
  };
  return {
    add: (act) => {
      waiting.set(digestOf(act.document), act);
      void flush();
    },
    flush,
    waiting: () => waiting.size,
  };
}
