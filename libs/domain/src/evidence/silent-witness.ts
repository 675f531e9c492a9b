import { evidenceTerm } from '../agreement/find-terms.js';
import type { Agreement } from '../documents/agreement.js';
import type { OrganisationId } from '../names.js';

/** For how long the oldest record of a point that a party's witness has not cosigned has waited for it, in milliseconds; absent where none waits. */
export type Waiting = ReadonlyMap<OrganisationId, number>;

/**
 * The party whose witness has been silent for longer than the agreement tolerates, so that nothing more is opened; undefined where nobody's is. With
 * `one`, any one witness is enough. Whoever is `gone` cosigns no more, as was foreseen. What is open goes on: its ends are its lease, its window and the cuts.
 */
export function silentWitness(
  agreement: Agreement,
  waiting: Waiting,
  gone: readonly OrganisationId[] = [],
): OrganisationId | undefined {
  const term = evidenceTerm(agreement);
  if (term?.witnessSilenceSeconds === undefined || term.cosigning === 'none') return undefined;
  const most = term.witnessSilenceSeconds * 1000;
  const asked = agreement.parties.map(({ organisation }) => organisation).filter((one) => !gone.includes(one));
  const silent = asked.filter((one) => (waiting.get(one) ?? 0) > most);
  return term.cosigning === 'both' || silent.length === asked.length ? silent[0] : undefined;
}
