import type { ChainDocuments, SignatureProof } from '@interlock/contracts';
import type { SignatureBlock } from '@interlock/domain';
import { digestOf, proofsFor, thumbprintOf } from '@interlock/proof';
import type { Material } from './read-agreement.js';

const MOST_CERTIFICATES = 256;
const MOST_ENTITIES = 16;

/**
 * The documents a verifier needs for one grant, out of all there are: certificates of those who say they signed and of its subjects, and
 * the entity documents these name. Leaving out too much can only make the verification fail.
 */
export function chainFor(
  material: Material,
  grant: ChainDocuments['grant'],
  proofs: readonly SignatureProof[] = [],
): ChainDocuments {
  const agreement = material.view.agreement;
  const kids = new Set([...agreement.signatures, ...grant.signatures].flatMap(claimedKid));
  const isSubject = (one: Material['certificates'][number]): boolean =>
    grant.document.subjects.some(
      (subject) =>
        subject.organisation === one.document.organisation &&
        subject.kind === one.document.holder.kind &&
        subject.id === one.document.holder.id,
    );
  // Proofs are the witnesses' word.
  const isWitness = ({ document }: Material['certificates'][number]): boolean =>
    proofs.length > 0 && document.holder.kind === 'witness';
  const certificates = material.certificates
    .filter((one) => kids.has(thumbprintOf(one.document.key)) || isSubject(one) || isWitness(one))
    .slice(0, MOST_CERTIFICATES);
  const named = new Set<string>([
    ...certificates.map((one) => one.document.entity),
    ...agreement.document.parties.map((party) => party.entity),
  ]);
  const newest = new Map(
    [...material.entities]
      .sort((a, b) => a.document.sequence - b.document.sequence)
      .map((one) => [one.document.organisation, one]),
  );
  const entities = material.entities
    .filter((one) => named.has(digestOf(one.document)) || newest.get(one.document.organisation) === one)
    .slice(0, MOST_ENTITIES);
  const shown = proofsFor(proofs, [...agreement.signatures, ...grant.signatures]);
  return { entities, certificates, agreement, grant, ...(shown.length > 0 && { proofs: shown }) };
}

/** Which key a signature says it is of; read to know what to load, believed by nobody. */
function claimedKid({ protected: head }: SignatureBlock): string[] {
  try {
    const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString('utf8')) as { kid?: unknown };
    return typeof kid === 'string' ? [kid] : [];
  } catch {
    return [];
  }
}
