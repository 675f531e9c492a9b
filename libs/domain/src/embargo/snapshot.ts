import type { DocumentHead } from '../documents/key.js';
import type { Instant } from '../instant.js';
import type { Digest, OrganisationId } from '../names.js';
import type { EmbargoList } from './lists.js';

/** Which edition of which list a company obeys: signed by its own embargo key, each hanging on the one before. */
export interface EmbargoSnapshot extends DocumentHead<'embargo-snapshot'> {
  readonly organisation: OrganisationId;
  readonly sequence: number;
  readonly previous: Digest | null;
  readonly lists: readonly {
    readonly kind: EmbargoList['kind'];
    readonly issuer: string;
    /** Of the list as it is kept; a list is never changed, only followed by another. */
    readonly digest: Digest;
    readonly entries: number;
  }[];
  readonly takenAt: Instant;
}
