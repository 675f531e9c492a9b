import type { EntityDocument } from '../documents/key.js';

/** The number after which no entity document can come. */
export const LAST_SEQUENCE = Number.MAX_SAFE_INTEGER;

/**
 * Whether this version revokes all: the root says that nothing of its organisation counts any more. It names no keys, nothing can follow it,
 * and whoever has seen it once opens nothing for this organisation under this root again.
 */
export const revokesAll = ({ sequence }: Pick<EntityDocument, 'sequence'>): boolean => sequence === LAST_SEQUENCE;

/** The last version of an entity document, to be signed by the root at enrolment and kept where the root is not. */
export const lastVersionOf = (entity: EntityDocument): EntityDocument => ({
  ...entity,
  sequence: LAST_SEQUENCE,
  previous: null,
  keys: [],
});
