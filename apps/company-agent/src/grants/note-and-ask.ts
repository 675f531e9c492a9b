import { allow, type Decision, type LocalId } from '@interlock/domain';
import type { Agent } from '../agent.js';
import type { HeldGrant } from './held-grant.js';

/** Asks for a right that a person of this company signed, once it is on the disk who did: what leaves here is known here, also after a crash. */
export async function noteAndAsk(
  agent: Agent,
  person: LocalId,
  what: 'grant' | 'delegation' | 'approval',
  held: HeldGrant,
): Promise<Decision<HeldGrant>> {
  const noted = await agent.store.note({ kind: 'signed', what, person, digest: held.digest, at: agent.now() });
  if (!noted.allowed) return noted;
  const asked = await agent.broker.askGrant(held.grant);
  return asked.allowed ? allow(held) : asked;
}
