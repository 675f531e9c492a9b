import {
  type Agreement,
  allow,
  countsOver,
  type Decision,
  refuse,
  type Signal,
  type Signed,
  signalName,
} from '@interlock/domain';
import { type KeyRing, verifySignal, withoutRevoked } from '@interlock/proof';
import type { Heard, Remembered } from './heard-so-far.js';

/** Of an agreement that is held: what a signal is verified by, and where it is kept. */
export interface HearsSignals extends Pick<Heard, 'acts' | 'signals' | 'room'> {
  readonly ring: KeyRing;
  readonly agreement: Agreement;
  readonly remembered: Pick<Remembered, 'words'>;
}

/**
 * Verifies and keeps a signal of a party, under the keys that count here or those that came with it; true where it is news. What is older than
 * what is held changes nothing.
 */
export async function takeSignal(
  held: HearsSignals,
  input: Signed<Signal>,
  now: number,
  handed: KeyRing = held.ring,
): Promise<Decision<boolean>> {
  if (!held.agreement.parties.some(({ organisation }) => organisation === input.document.organisation))
    return refuse('not_a_party');
  // A chain of before would bring back a key that its company has published no more.
  const [known, shown] = [held.ring, handed].map((ring) => ring.entities.get(input.document.organisation));
  if (known && shown && known.digest !== shown.digest && shown.document.sequence <= known.document.sequence)
    return refuse('older_than_held', { clause: 'entity' });
  const verified = await verifySignal(input, withoutRevoked(handed, held.acts.values()), now);
  if (!verified.allowed) return verified;
  const name = signalName(verified.value);
  const news = countsOver(verified.value, held.signals.get(name));
  // A party's keys must not fill the memory of this point, nor the room of another.
  const { organisation } = input.document;
  if (news && !held.signals.has(name) && !held.room.take(organisation, 'signals')) return refuse('rate_limited');
  if (news) held.signals.set(name, verified.value);
  // By an older yes that somebody plays again, a gateway that starts anew would go on by what its source had taken back.
  if (news && !verified.value.holds) held.remembered.words.no(held.agreement.id, verified.value);
  return allow(news);
}
