import { signedRootSuccession } from '@interlock/contracts';
import {
  allow,
  type Decision,
  type Digest,
  type EntityDocument,
  type Instant,
  type OrganisationId,
  type RootSuccession,
  refuse,
  revokesAll,
  type Thumbprint,
} from '@interlock/domain';
import { type EnvelopeRefusal, verifyDocument } from './envelope.js';
import { type KnownKey, makeKeyRing } from './key-ring.js';
import { thumbprintOf } from './keys.js';

/** An entity document that verified, with its root and the roots that this one follows, the latest first. */
export interface VerifiedEntity {
  readonly document: EntityDocument;
  readonly digest: Digest;
  readonly roots: readonly Thumbprint[];
}

/** Verifies that a root of an organisation named the next one: signed by the old one alone, which nobody but a pin vouches for. */
export async function verifySuccession(
  input: unknown,
  now: Instant,
): Promise<Decision<RootSuccession, EnvelopeRefusal>> {
  const shape = signedRootSuccession.safeParse(input);
  if (!shape.success) return refuse('malformed', { clause: 'root-succession' });
  const { organisation, from }: RootSuccession = shape.data.document;
  const ring = makeKeyRing(new Map(), [aloneKey(organisation, from)]);
  const verified = await verifyDocument(
    'root-succession',
    input,
    ring,
    [{ issuer: organisation, purpose: 'root' }],
    now,
  );
  return verified.allowed ? allow(verified.value.document) : verified;
}

/** The root of a document and those it follows, as far back as each was named by the one before it. */
export async function rootLine(
  document: EntityDocument,
  now: Instant,
): Promise<Decision<readonly Thumbprint[], 'root_mismatch' | 'reference_cyclic'>> {
  const line = [thumbprintOf(document.root)];
  let most = document.sequence;
  const misnamed = refuse('root_mismatch', { clause: document.organisation });
  for (const one of document.succeeds ?? []) {
    const { organisation, to, from, sequence } = one.document;
    // A sequence that goes up on the way back would let an old root speak for numbers that another had.
    if (organisation !== document.organisation || to !== line.at(-1) || sequence > most) return misnamed;
    if (!(await verifySuccession(one, now)).allowed) return misnamed;
    line.push(thumbprintOf(from));
    most = sequence;
  }
  return new Set(line).size === line.length
    ? allow(line)
    : refuse('reference_cyclic', { clause: document.organisation });
}

/** For each organisation the first root of the newest document: the pin by which documents of roots before the pinned one are read. */
export function rootsBefore(
  versions: ReadonlyMap<OrganisationId, readonly VerifiedEntity[]>,
): ReadonlyMap<OrganisationId, Thumbprint> {
  const first = new Map<OrganisationId, Thumbprint>();
  for (const [organisation, list] of versions) {
    const [newest] = [...list].sort((a, b) => b.document.sequence - a.document.sequence);
    const root = newest?.roots.at(-1);
    if (root) first.set(organisation, root);
  }
  return first;
}

/**
 * Whether a document is of a root that the newest one does not follow, or has a number that its root had left to the next: whoever has an old
 * root changes nothing of what came after it. What revokes all was prepared before, and has a number of its own.
 */
export function rootsFork(newest: VerifiedEntity, all: readonly VerifiedEntity[]): boolean {
  const ends = new Map<Thumbprint, number>();
  for (const { document } of newest.document.succeeds ?? []) ends.set(thumbprintOf(document.from), document.sequence);
  return all.some(({ document, roots: [root] }) => {
    if (root === undefined || !newest.roots.includes(root)) return true;
    const end = ends.get(root);
    return end !== undefined && document.sequence >= end && !revokesAll(document);
  });
}

const aloneKey = (organisation: OrganisationId, key: KnownKey['key']): KnownKey => ({
  organisation,
  key,
  kid: thumbprintOf(key),
  purposes: ['root'],
  holder: null,
  groups: [],
  guest: false,
  hours: null,
  epoch: null,
  resources: [],
  notBefore: 0,
  notAfter: Number.MAX_SAFE_INTEGER,
  document: '' as Digest,
});
