import type { LocalId } from '@interlock/domain';
import { cut } from '../acts/cut.js';
import type { HandOver } from '../acts/hand-over.js';
import type { Agent } from '../agent.js';

/**
 * Ends everything that a person has open at partners: each key that this agent vouched for is revoked by a signed act, so that what was opened
 * with it ends wherever it is, and a login proof that is still fresh opens nothing more. Who logs in again has a new key. Returns how many.
 */
export async function endSessions(agent: Agent, over: HandOver, person: LocalId, reason: string): Promise<number> {
  let ended = 0;
  for (const { jkt, agreementId } of agent.accounts.openFor(person, agent.now())) {
    const revoked = agent.store
      .ownActs(agreementId)
      .some(({ act: { document } }) => document.target.kind === 'key' && document.target.id === jkt);
    if (revoked) continue;
    const done = await cut(agent, { verb: 'revoke', agreementId, target: { kind: 'key', id: jkt }, reason });
    if (!done.allowed) {
      agent.log.error({ event: 'account.cut-refused', code: done.refusal.code, agreementId }, 'a cut was refused');
      continue;
    }
    over.add(done.value.act);
    ended += 1;
  }
  return ended;
}
