import { MOST_ANNEXES, type Standing } from '@interlock/contracts';
import { type Agreement, authorOf, type HeldAnnex, type OrganisationId, shareOfAnnexes } from '@interlock/domain';
import { digestOf, type KeyRing, verifyAnnex } from '@interlock/proof';
import type { Heard, Remembered } from './heard-so-far.js';

interface Papers extends Pick<Heard, 'annexes'> {
  readonly self: OrganisationId;
  readonly agreement: Agreement;
  readonly remembered: Remembered;
}

/** What hangs on the agreement, and what ended a machine under another one: a partner must not go on where another one was told. */
export function papersOf({ annexes, remembered: { ends } }: Papers): readonly HeldAnnex[] {
  const own = [...annexes.values()];
  return ends.size === 0 ? own : [...own, ...[...ends].flatMap(([digest, end]) => (annexes.has(digest) ? [] : [end]))];
}

/** Whether its owner says by it that a machine is in no agreement of his any more, now or from an instant on. A new owner's word alone ends nothing elsewhere. */
const endsMachine = ({ annex, signers }: HeldAnnex): boolean =>
  annex.typ === 'machine-transfer'
    ? signers.includes(annex.from.owner)
    : annex.typ === 'machine-record' && annex.state === 'decommissioned';

/** Verifies and keeps one annex. One that does not verify is left out: what depends on it stands still. */
export async function takeAnnex(
  held: Papers,
  input: Standing['annexes'][number],
  ring: KeyRing,
  now: number,
): Promise<void> {
  // Verified once: what was signed does not change, and there may be two thousand of them in every standing.
  if (held.annexes.has(digestOf(input.document)) || fills(held, authorOf(input.document))) return;
  const verified = await verifyAnnex(input, ring, held.agreement, now);
  if (!verified.allowed) return;
  const { annex, digest } = verified.value;
  if (endsMachine(verified.value)) held.remembered.ends.set(digest, verified.value);
  const waits = annex.typ === 'insolvency-notice';
  held.annexes.set(
    digest,
    waits ? { ...verified.value, heldSince: held.remembered.firstHeld(digest, now) } : verified.value,
  );
}

/** A partner could sign as many as it likes, and a broker bring them one standing after the other; those of the own company are never crowded out. */
function fills({ annexes, agreement, self }: Papers, author: OrganisationId): boolean {
  if (author === self || annexes.size < shareOfAnnexes(MOST_ANNEXES, agreement)) return false;
  const own = [...annexes.values()].filter(({ annex }) => authorOf(annex) === author);
  return own.length >= shareOfAnnexes(MOST_ANNEXES, agreement);
}
