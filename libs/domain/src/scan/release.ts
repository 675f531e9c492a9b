import type { LocalId, OrganisationId } from '../names.js';

/** Who signed a release. */
export interface Releaser {
  readonly organisation: OrganisationId;
  readonly id: LocalId;
}

/** Persons that a release takes, whosever they are. */
export const RELEASED_BY = 2;

/**
 * Whose signature a release still waits for; nobody's where it stands. The owner lets the bytes go on, and each who receives them takes them: every one of these has to
 * sign, and two persons at least. Where one organisation is both, as with a file into its own plant, both persons are its own.
 */
export function releaseMissing(
  owner: OrganisationId,
  recipients: readonly OrganisationId[],
  signed: readonly Releaser[],
): readonly OrganisationId[] {
  const asked = [...new Set([owner, ...recipients])];
  const counting = signed.filter(({ organisation }) => asked.includes(organisation));
  const missing = asked.filter((one) => !counting.some(({ organisation }) => organisation === one));
  const persons = new Set(counting.map(({ organisation, id }) => `${organisation}/${id}`));
  return missing.length === 0 && persons.size < RELEASED_BY ? [owner] : missing;
}
