import { layout, openPersonKey } from '@interlock/company-side';
import { allow, type Decision, type LocalId, refuse } from '@interlock/domain';
import type { Signer } from '@interlock/proof';
import type { Agent } from '../agent.js';
import type { Attempts } from '../login/attempts.js';

/**
 * Opens a person's own key with the passphrase typed just now. The agent keeps neither. Guessing is slowed per person, so that one
 * person's guesses never lock out another.
 */
export function openKeyOf(
  agent: Agent,
  person: LocalId,
  passphrase: string,
  attempts: Attempts,
): Decision<Signer, 'rate_limited' | 'wrong_passphrase'> {
  if (!attempts.mayTry(person, agent.now())) return refuse('rate_limited');
  const opened = openPersonKey(layout(agent.dir).person(person), agent.organisation, passphrase);
  if (!opened.allowed) return opened;
  attempts.succeeded(person);
  return allow(opened.value);
}
